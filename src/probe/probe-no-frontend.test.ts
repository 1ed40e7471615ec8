import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { probe } from './probe.ts';
import { assertFailed } from './testing/probe-reports.ts';
import { createTestPki, issuePair, startFrontend, startRawServer, startTlsServer } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

describe('probe of something that is not a Temporal frontend', () => {
  it('names a port where nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    assertFailed(await probe({ address: `127.0.0.1:${port}` }, pair), 'unobtainable', 'ROTEY_CONNECT_REFUSED', 'tcp');
    assertFailed(await probe({ address: `localhost:${port}` }, pair), 'unobtainable', 'ROTEY_CONNECT_REFUSED', 'tcp');
  });

  it('names a host that does not exist', async () => {
    const report = await probe({ address: 'no-such-host.invalid' }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_DNS_FAILED', 'dns');
  });

  it('names an address that cannot be read', async () => {
    assertFailed(await probe({ address: 'a:b:c' }, pair), 'unobtainable', 'ROTEY_ADDRESS_INVALID', 'address');
  });

  it('names a server without TLS', async (t) => {
    const server = await startRawServer(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    assertFailed(await probe({ address: server.address }, pair), 'unobtainable', 'ROTEY_TLS_FAILED', 'tls');
  });

  it('says nothing of the certificate when the connection ends at the ClientHello', async (t) => {
    const server = await startRawServer(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const report = await probe({ address: server.address }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_TLS_FAILED', 'tls');
    assert.match(report.failure?.message ?? '', /before it showed a certificate/);
  });

  it('names a TLS server that chooses no ALPN', async (t) => {
    const server = await startTlsServer(t, pki, (socket) => socket.resume(), { ALPNProtocols: undefined });
    const report = await probe({ address: server.address, trustPem: pki.trustPem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_TLS_NO_ALPN', 'tls');
  });

  it('names a TLS server that knows HTTP/1.1 only', async (t) => {
    const server = await startTlsServer(t, pki, (socket) => socket.resume(), { ALPNProtocols: ['http/1.1'] });
    const report = await probe({ address: server.address, trustPem: pki.trustPem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_TLS_NO_ALPN', 'tls');
  });

  it('names a server that speaks no HTTP/2 over TLS', async (t) => {
    const server = await startTlsServer(t, pki, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const report = await probe({ address: server.address, trustPem: pki.trustPem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_HTTP2_FAILED', 'http2');
  });

  it('survives a server that says goodbye at once', async (t) => {
    const settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    const goaway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // last stream 0, NO_ERROR
    const server = await startTlsServer(t, pki, (socket) => socket.write(Buffer.from([...settings, ...goaway])));
    const report = await probe({ address: server.address, trustPem: pki.trustPem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_RPC_UNAVAILABLE', 'system-info');
    assert.match(report.failure?.message ?? '', /GOAWAY/);
  });

  it('survives a server that ends the session during a call', async (t) => {
    const frontend = await startFrontend(t, pki, { answer: (stream) => stream.session?.destroy() });
    const report = await probe({ address: frontend.address, trustPem: pki.trustPem, namespaces: ['a'] }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_RPC_UNAVAILABLE', 'system-info');
  });
});
