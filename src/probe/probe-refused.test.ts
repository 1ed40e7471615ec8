import assert from 'node:assert/strict';
import { connect as connectNet, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { probe } from './probe.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { assertFailed } from './testing/probe-reports.ts';
import { createTestPki, issuePair, startFrontend, startRawServer, startTlsServer } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

describe('probe of a server that does not want the certificate', () => {
  it('names a missing certificate (TLS 1.3)', async (t) => {
    const frontend = await startFrontend(t, pki);
    const report = await probe({ address: frontend.address, trustPem: pki.trustPem }, undefined);
    assertFailed(report, 'refused', 'ROTEY_CERTIFICATE_REQUIRED', 'tls');
    assert.equal(report.failure?.context['alert'], 116);
    assert.equal(report.tls?.protocol, 'TLSv1.3');
  });

  it('cannot be sure of a handshake_failure (TLS 1.2 without a certificate)', async (t) => {
    const frontend = await startFrontend(t, pki, { maxVersion: 'TLSv1.2' });
    const report = await probe({ address: frontend.address, trustPem: pki.trustPem }, undefined);
    assertFailed(report, 'ambiguous', 'ROTEY_CERTIFICATE_REQUIRED', 'tls');
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`calls it ambiguous when the server closes without an alert (${version})`, async (t) => {
      // Node's own TLS servers do so with a client that they do not trust.
      const frontend = await startFrontend(t, pki, { maxVersion: version });
      const report = await probe({ address: frontend.address, trustPem: pki.trustPem }, await issuePair(pki.stranger));
      assertFailed(report, 'ambiguous', 'ROTEY_TLS_FAILED', 'tls');
      assert.match(report.failure?.message ?? '', /CN=worker/);
    });
  }

  it('calls it ambiguous when the server resets the connection after the handshake', async (t) => {
    const server = await startResettingServer(t);
    const report = await probe({ address: server.address, trustPem: pki.trustPem }, pair);
    assertFailed(report, 'ambiguous', 'ROTEY_TLS_FAILED', 'tls');
    assert.match(report.failure?.message ?? '', /ECONNRESET/);
  });

  it('calls it ambiguous when the server resets the connection after our preface', async (t) => {
    const clock = new ManualClock();
    const server = await startTlsServer(t, pki, (socket) => {
      socket.once('data', () => socket.destroy());
      setImmediate(() => clock.advance(500));
    });
    const report = await probe({ address: server.address, trustPem: pki.trustPem }, pair, { clock });
    assertFailed(report, 'ambiguous', 'ROTEY_TLS_FAILED', 'http2');
  });

  async function startResettingServer(t: TestContext): Promise<{ readonly address: string }> {
    // A byte relay, because resetAndDestroy exists for TCP sockets only.
    const behind = await startTlsServer(t, pki, (socket) => socket.resume());
    return await startRawServer(t, (socket) => relayUntilFinished(socket, behind.port));
  }
});

/** Relays a TLS 1.3 handshake, and resets instead of passing on what the server says after the client's Finished. */
function relayUntilFinished(socket: Socket, port: number): void {
  const upstream = connectTo(port);
  let fromServer = 0;
  socket.on('data', (chunk) => {
    upstream.write(chunk);
    if (fromServer > 0)
      setImmediate(() => {
        upstream.destroy();
        socket.resetAndDestroy();
      });
  });
  upstream.on('data', (chunk) => {
    fromServer += 1;
    socket.write(chunk);
  });
}

function connectTo(port: number): Socket {
  const socket = connectNet(port, '127.0.0.1');
  socket.on('error', () => undefined);
  return socket;
}
