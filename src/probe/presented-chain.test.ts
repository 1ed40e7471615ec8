import assert from 'node:assert/strict';
import { createServer } from 'node:http2';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { fetchPresentedChain, type Presented } from './presented-chain.ts';
import { readServerFlight } from './server-flight.ts';
import {
  createTestPki,
  listenFor,
  startFrontend,
  startRawServer,
  startTlsServer,
  type TestPki,
} from './testing/servers.ts';

let pki: TestPki;

before(async () => {
  pki = await createTestPki();
});

describe('what a server presents', () => {
  it('is its chain, its choice of ALPN, and the CAs that it asks for', async (t) => {
    const frontend = await startFrontend(t, pki);
    const presented = await fetchPresentedChain({ address: frontend.address, serverName: 'frontend' });
    assert.ok(presented.kind === 'presented', presented.kind);
    assert.deepEqual(
      presented.chain.map((facts) => facts?.subject),
      ['CN=frontend', 'CN=rotey test CA'], // OpenSSL adds the issuer from `ca` by itself
    );
    assert.equal(presented.alpn, 'h2');
    assert.equal(presented.asksForCertificate, true);
    assert.deepEqual(presented.authorities, ['CN=rotey test CA']);
    assert.equal(frontend.calls.length, 0);
  });

  it('may be no request for a certificate at all', async (t) => {
    const server = await startTlsServer(t, pki, () => undefined, { requestCert: false });
    const presented = await fetchPresentedChain({ address: server.address });
    assert.ok(presented.kind === 'presented', presented.kind);
    assert.equal(presented.asksForCertificate, false);
  });

  it('is not to be seen with TLS 1.3 only', async (t) => {
    const frontend = await startFrontend(t, pki, { minVersion: 'TLSv1.3' });
    const presented = await fetchPresentedChain({ address: frontend.address });
    assert.deepEqual(presented, { kind: 'alert', alert: { number: 70, name: 'protocol_version' } });
  });

  it('tells HTTP/1, HTTP/2 and anything else from TLS', async (t) => {
    const http1 = await startRawServer(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const http2 = await listenFor(t, createServer());
    const other = await startRawServer(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    const speaks = async (address: string): Promise<Presented> => await fetchPresentedChain({ address });
    assert.deepEqual(await speaks(http1.address), { kind: 'not-tls', speaks: 'http/1' });
    assert.deepEqual(await speaks(http2.address), { kind: 'not-tls', speaks: 'http/2' });
    assert.deepEqual(await speaks(other.address), { kind: 'not-tls', speaks: 'unknown' });
  });

  it('is nothing where nobody answers', async (t) => {
    const closing = await startRawServer(t, (socket) => socket.destroy());
    assert.deepEqual(await fetchPresentedChain({ address: closing.address }), { kind: 'nothing' });
    assert.deepEqual(await fetchPresentedChain({ address: 'no-such-host.invalid' }), { kind: 'nothing' });
    const silent = await startRawServer(t, () => undefined);
    assert.deepEqual(await fetchPresentedChain({ address: silent.address }, { timeoutMs: 50 }), { kind: 'nothing' });
  });

  it('is given up when the caller has had enough', async (t) => {
    const silent = await startRawServer(t, () => undefined);
    const reason = new Error('enough');
    const waiting = fetchPresentedChain({ address: silent.address }, { signal: AbortSignal.timeout(20) });
    await assert.rejects(waiting, { name: 'TimeoutError' });
    const aborted = fetchPresentedChain({ address: silent.address }, { signal: AbortSignal.abort(reason) });
    await assert.rejects(aborted, reason);
  });
});

describe('a server flight', () => {
  it('may be any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, asRecord) => {
        const record = Buffer.from([22, 3, 3, bytes.length >> 8, bytes.length & 0xff, ...bytes]);
        const { kind } = readServerFlight(asRecord ? record : Buffer.from(bytes));
        assert.ok(['incomplete', 'alert', 'not-tls', 'flight'].includes(kind));
      }),
    );
  });
});
