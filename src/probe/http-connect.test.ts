import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { probe } from './probe.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { createTestPki, issuePair, startFrontend, startRawServer, type TestServer } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

/** A proxy that sends every tunnel to `port`, whatever host it was asked for. */
async function startProxy(t: TestContext, port: number, seen: string[]): Promise<TestServer> {
  return await startRawServer(t, (socket) => {
    socket.once('data', (request) => {
      seen.push(request.toString('latin1'));
      socket.write('HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n');
      relay(socket, connect(port, '127.0.0.1'));
    });
  });
}

function relay(one: Socket, other: Socket): void {
  other.on('error', () => undefined);
  one.pipe(other).pipe(one);
  one.on('close', () => other.destroy());
}

describe('probe through an HTTP proxy', () => {
  it('tunnels by CONNECT, and leaves the name to the proxy', async (t) => {
    const frontend = await startFrontend(t, pki);
    const seen: string[] = [];
    const proxy = await startProxy(t, frontend.port, seen);
    const basicAuth = { username: 'u', password: 'geheim' };
    const target = {
      address: 'frontend:7233',
      trustPem: pki.trustPem,
      httpConnectProxy: { targetHost: proxy.address, basicAuth },
    };
    const report = await probe(target, pair);
    assert.equal(report.outcome, 'accepted', report.failure?.message);
    assert.deepEqual(
      report.steps.map(({ name }) => name),
      ['address', 'tcp', 'proxy', 'tls', 'http2', 'system-info'],
    );
    assert.match(
      seen[0] ?? '',
      /^CONNECT frontend:7233 HTTP\/1.1\r\nhost: frontend:7233\r\nproxy-authorization: Basic dTpnZWhlaW0=\r\n/,
    );
    assert.equal(frontend.calls[0]?.headers[':authority'], 'frontend:7233');
    assert.doesNotMatch(JSON.stringify(report), /geheim|dTpn/);
  });

  for (const [answer, message] of [
    ['HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n', /407/],
    ['HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n', /403 Forbidden/],
    ['SSH-2.0-OpenSSH\r\n', /does not speak HTTP/],
    ['', /ECONNRESET/],
  ] as const) {
    it(`reports a proxy that answers ${JSON.stringify(answer.slice(0, 20))}`, async (t) => {
      const proxy = await startRawServer(t, (socket) => socket.once('data', () => socket.end(answer)));
      const target = { address: 'frontend:7233', httpConnectProxy: { targetHost: `http://${proxy.address}` } };
      const report = await probe(target, pair);
      assert.deepEqual(
        [report.outcome, report.failure?.code, report.steps.at(-1)?.name],
        ['unobtainable', 'ROTEY_PROXY_REFUSED', 'proxy'],
      );
      assert.match(report.failure?.message ?? '', message);
    });
  }

  it('runs out of time when the proxy does not answer', async (t) => {
    const clock = new ManualClock();
    const proxy = await startRawServer(t, (socket) => socket.once('data', () => clock.advance(10_000)));
    const report = await probe({ address: 'frontend', httpConnectProxy: { targetHost: proxy.address } }, pair, {
      clock,
    });
    assert.deepEqual([report.failure?.code, report.steps.at(-1)?.name], ['ROTEY_CONNECT_TIMEOUT', 'proxy']);
  });
});
