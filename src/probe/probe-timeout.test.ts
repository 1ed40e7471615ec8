import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probe } from './probe.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { assertFailed, statuses } from './testing/probe-reports.ts';
import { createTestPki, issuePair, respond, startFrontend, startRawServer, startTlsServer } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

describe('probe runs out of time', () => {
  /** Moves the clock on when the server has got what it will leave unanswered. */
  function stall(clock: ManualClock): () => void {
    return () => setImmediate(() => clock.advance(10_000));
  }

  it('in the TLS handshake', async (t) => {
    const clock = new ManualClock();
    const server = await startRawServer(t, (socket) => socket.once('data', stall(clock)));
    const report = await probe({ address: server.address }, pair, { clock });
    assertFailed(report, 'unobtainable', 'ROTEY_TLS_TIMEOUT', 'tls');
    assert.match(report.failure?.message ?? '', /10000 ms/);
    assert.equal(clock.sleeping, 0);
  });

  it('before the SETTINGS', async (t) => {
    const clock = new ManualClock();
    const server = await startTlsServer(t, pki, (socket) => {
      socket.once('data', stall(clock));
      setImmediate(() => clock.advance(500));
    });
    const report = await probe({ address: server.address, trustPem: pki.trustPem }, pair, { clock });
    assertFailed(report, 'unobtainable', 'ROTEY_HTTP2_TIMEOUT', 'http2');
    assert.equal(clock.sleeping, 0);
  });

  it('in GetSystemInfo', async (t) => {
    const clock = new ManualClock();
    const frontend = await startFrontend(t, pki, { answer: stall(clock) });
    const report = await probe({ address: frontend.address, trustPem: pki.trustPem }, pair, { clock });
    assertFailed(report, 'unobtainable', 'ROTEY_RPC_TIMEOUT', 'system-info');
    assert.equal(clock.sleeping, 0);
  });

  it('in the middle of an answer', async (t) => {
    const clock = new ManualClock();
    const frontend = await startFrontend(t, pki, {
      answer: (stream, call) => {
        if (call.path.endsWith('/GetSystemInfo')) {
          respond(stream, {});
          return;
        }
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(Buffer.alloc(3));
        stall(clock)();
      },
    });
    const target = { address: frontend.address, trustPem: pki.trustPem, namespaces: ['a'] };
    const report = await probe(target, pair, { clock });
    assertFailed(report, 'unobtainable', 'ROTEY_RPC_TIMEOUT', 'namespace');
    assert.deepEqual(statuses(report), ['GetSystemInfo OK']);
  });

  it('refuses a time that is none', async () => {
    await assert.rejects(probe({ address: 'a' }, pair, { timeoutMs: 0 }), RangeError);
    await assert.rejects(probe({ address: 'a' }, pair, { timeoutMs: Number.NaN }), RangeError);
  });
});
