import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { probe } from './probe.ts';
import type { ProbeTarget } from './target.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { createTestPki, issuePair, startFrontend, startRawServer, startTlsServer } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

type Stall = (t: TestContext, abort: () => void) => Promise<ProbeTarget>;

/** Servers that stall a probe in one step, and abort it when it is there. */
const STALLS: Readonly<Record<string, Stall>> = {
  dns: async (_t, abort) => {
    setImmediate(abort);
    return { address: 'no-such-host.invalid' };
  },
  tcp: async (t, abort) => {
    const server = await startRawServer(t, () => undefined);
    setImmediate(abort); // before the event loop can learn that the connection stands
    return { address: server.address };
  },
  proxy: async (t, abort) => {
    const proxy = await startRawServer(t, (socket) => socket.once('data', abort));
    return { address: 'frontend', httpConnectProxy: { targetHost: proxy.address } };
  },
  'tls handshake': async (t, abort) => {
    const server = await startRawServer(t, (socket) => socket.once('data', abort));
    return { address: server.address };
  },
  "waiting for the server's first bytes": async (t, abort) => {
    const server = await startTlsServer(t, pki, () => setTimeout(abort, 20));
    return { address: server.address, trustPem: pki.trustPem };
  },
  GetSystemInfo: async (t, abort) => {
    const frontend = await startFrontend(t, pki, { answer: abort });
    return { address: frontend.address, trustPem: pki.trustPem };
  },
  'the middle of an answer': async (t, abort) => {
    const frontend = await startFrontend(t, pki, {
      answer: (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(Buffer.alloc(3));
        setImmediate(abort);
      },
    });
    return { address: frontend.address, trustPem: pki.trustPem };
  },
};

describe('abort stops a probe at once and leaves nothing behind', () => {
  for (const [where, stall] of Object.entries(STALLS)) {
    it(`in ${where}`, async (t) => {
      const controller = new AbortController();
      const clock = new ManualClock();
      const reason = new Error('enough');
      const target = await stall(t, () => controller.abort(reason));
      await assert.rejects(probe(target, pair, { signal: controller.signal, clock }), (error) => error === reason);
      assert.equal(clock.sleeping, 0, 'a timer is left');
    });
  }

  it('before it began', async () => {
    const reason = new Error('enough');
    await assert.rejects(
      probe({ address: 'a' }, pair, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  it('at any moment of a probe that would succeed', async (t) => {
    const frontend = await startFrontend(t, pki);
    const target = { address: frontend.address, trustPem: pki.trustPem, namespaces: ['a', 'b'] };
    let finished = 0;
    for (let delayMs = 0; delayMs < 40; delayMs += 1) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(), delayMs / 2);
      try {
        assert.equal((await probe(target, pair, { signal: controller.signal })).outcome, 'accepted');
        finished += 1;
      } catch (error) {
        assert.equal(error, controller.signal.reason);
      }
      clearTimeout(timer);
    }
    t.diagnostic(`${finished} of 40 were done before the abort`);
  });
});

it('probes leave no listener on a signal that lives on', async (t) => {
  const frontend = await startFrontend(t, pki);
  const { signal } = new AbortController();
  let listeners = 0;
  const add = t.mock.method(signal, 'addEventListener');
  const remove = t.mock.method(signal, 'removeEventListener');
  for (let i = 0; i < 3; i += 1) await probe({ address: frontend.address, trustPem: pki.trustPem }, pair, { signal });
  listeners = add.mock.callCount() - remove.mock.callCount();
  assert.equal(listeners, 0);
});
