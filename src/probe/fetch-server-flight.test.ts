import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createServer as createHttp2Server } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { before, describe, it, type TestContext } from 'node:test';
import { connect, type SecureVersion } from 'node:tls';
import fc from 'fast-check';
import type { RoteyError } from '../errors.ts';
import { nameText } from '../identity/index.ts';
import { createAuthority, issueLeaf } from '../pki/index.ts';
import { fetchServerFlight } from './fetch-server-flight.ts';
import { HandshakeReader, type ServerFlight } from './handshake-reader.ts';
import { tapSocket } from './tapped-socket.ts';
import { ManualClock } from './testing/manual-clock.ts';
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

function subjects({ certificates }: ServerFlight): readonly string[] {
  return certificates.map((der) => new X509Certificate(der).subject);
}

/** OpenSSL completes the chain of a server from the CAs that it takes clients of. */
const PRESENTED = ['CN=frontend', 'CN=rotey test CA'];

const versions: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];

for (const version of versions) {
  describe(`with ${version}`, () => {
    const only = { minVersion: version, maxVersion: version };

    it('reads what is presented, in its order, and which CAs are named', async (t) => {
      const issuing = await createAuthority({ commonName: 'issuing', issuer: pki.authority });
      const leaf = await issueLeaf(issuing, { commonName: 'frontend', usage: 'server', dnsNames: ['localhost'] });
      const unrelated = pki.stranger.certificatePem;
      const server = await startTlsServer(t, pki, () => undefined, {
        ...only,
        cert: `${leaf.chainPem}${unrelated}`,
        key: leaf.revealPrivateKey(),
        ca: [pki.authority.certificatePem, issuing.certificatePem],
      });
      const flight = await fetchServerFlight({ address: server.address });
      assert.equal(flight.protocol, version);
      assert.equal(flight.alpn, 'h2');
      assert.deepEqual(subjects(flight), ['CN=frontend', 'CN=issuing', 'CN=some other CA']);
      assert.deepEqual(flight.acceptedCas?.map(nameText).sort(), ['CN=issuing', 'CN=rotey test CA']);
    });

    it('tells that no client certificate is asked for', async (t) => {
      const server = await startTlsServer(t, pki, () => undefined, { ...only, requestCert: false });
      assert.equal((await fetchServerFlight({ address: server.address })).acceptedCas, undefined);
    });

    it('tells which protocol is spoken above TLS, and that there may be none', async (t) => {
      const alpnOf = async (ALPNProtocols: string[] | undefined): Promise<string | undefined> => {
        const server = await startTlsServer(t, pki, () => undefined, { ...only, ALPNProtocols });
        return (await fetchServerFlight({ address: server.address })).alpn;
      };
      assert.equal(await alpnOf(['http/1.1']), 'http/1.1');
      assert.equal(await alpnOf(undefined), undefined);
    });

    it('tells that one is asked for without naming a CA', async (t) => {
      const { key, cert } = pki.server;
      const server = await startTlsServer(t, pki, () => undefined, { ...only, key, cert, ca: [] });
      assert.deepEqual((await fetchServerFlight({ address: server.address })).acceptedCas, []);
    });

    it('sends no certificate and no request to a server that insists on one', async (t) => {
      const server = await startFrontend(t, pki, only);
      const flight = await fetchServerFlight({ address: server.address, serverName: 'frontend' });
      assert.deepEqual(flight.acceptedCas?.map(nameText), ['CN=rotey test CA']);
      assert.deepEqual(server.calls, []);
    });
  });
}

for (const ciphers of ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']) {
  it(`reads along with ${ciphers}`, async (t) => {
    const server = await startTlsServer(t, pki, () => undefined, { ciphers, minVersion: 'TLSv1.3' });
    assert.deepEqual(subjects(await fetchServerFlight({ address: server.address })), PRESENTED);
  });
}

it('reads along when the server asks for another key share first', async (t) => {
  const server = await startTlsServer(t, pki, () => undefined, { ecdhCurve: 'P-521', minVersion: 'TLSv1.3' });
  assert.deepEqual(subjects(await fetchServerFlight({ address: server.address })), PRESENTED);
});

it('sends the server name that was asked for', async (t) => {
  const names: (string | null | false)[] = [];
  const SNICallback = (name: string, done: (error: null) => void): void => {
    names.push(name);
    done(null);
  };
  const server = await startTlsServer(t, pki, () => undefined, { SNICallback });
  await fetchServerFlight({ address: server.address, serverName: 'frontend.example' });
  await fetchServerFlight({ address: server.address });
  assert.deepEqual(names, ['frontend.example']);
});

it('reads through an HTTP proxy', async (t) => {
  const server = await startTlsServer(t, pki, () => undefined);
  const httpConnectProxy = { targetHost: await startTunnel(t, server.port) };
  const flight = await fetchServerFlight({ address: 'frontend.invalid', httpConnectProxy });
  assert.deepEqual(subjects(flight), PRESENTED);
});

async function startTunnel(t: TestContext, port: number): Promise<string> {
  const proxy = await startRawServer(t, (socket) => {
    socket.once('data', () => {
      const upstream = connectTcp(port, '127.0.0.1');
      upstream.on('error', () => socket.destroy());
      socket.on('close', () => upstream.destroy());
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
  });
  return proxy.address;
}

describe('says why there is nothing to read:', () => {
  const others: readonly (readonly [string, string, string | undefined])[] = [
    ['HTTP/1', 'http/1', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['HTTP/2', 'http/2', undefined],
    ['SSH', 'unknown', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['three bytes', 'unknown', 'OK\n'],
  ];
  for (const [name, speaks, answer] of others) {
    it(`a port that speaks ${name}`, async (t) => {
      const { address } =
        answer === undefined
          ? await listenFor(t, createHttp2Server())
          : await startRawServer(t, (socket) => socket.once('data', () => socket.end(answer)));
      await assert.rejects(fetchServerFlight({ address }), (error: RoteyError) => {
        assert.equal(error.code, 'ROTEY_TLS_FAILED');
        assert.match(error.message, /does not speak TLS/);
        assert.equal(error.context['speaks'], speaks);
        return true;
      });
    });
  }

  it('an alert', async (t) => {
    const server = await startRawServer(t, (socket) => {
      socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 112])));
    });
    await assert.rejects(fetchServerFlight({ address: server.address }), (error: RoteyError) => {
      assert.equal(error.context['alert'], 112);
      return true;
    });
  });

  it('a server of TLS 1.1, which does not look at what a client offers', async (t) => {
    const hello = Buffer.from([2, 0, 0, 38, 3, 2, ...Buffer.alloc(32), 0, 0, 47, 0]);
    const server = await startRawServer(t, (socket) => {
      const done = Buffer.from([14, 0, 0, 0]);
      const certificate = Buffer.from([11, 0, 0, 7, 0, 0, 4, 0, 0, 1, 48]);
      const flight = Buffer.concat([hello, certificate, done]);
      socket.once('data', () => socket.end(Buffer.from([22, 3, 2, 0, flight.length, ...flight])));
    });
    await assert.rejects(fetchServerFlight({ address: server.address }), {
      code: 'ROTEY_TLS_FAILED',
      message: /version/i,
    });
  });

  it('a server that hangs up', async (t) => {
    const server = await startRawServer(t, (socket) => socket.once('data', () => socket.destroy()));
    await assert.rejects(fetchServerFlight({ address: server.address }), { code: 'ROTEY_TLS_FAILED' });
  });

  it('a server that says nothing', async (t) => {
    const clock = new ManualClock();
    const server = await startRawServer(t, (socket) => socket.once('data', () => clock.advance(10_000)));
    await assert.rejects(fetchServerFlight({ address: server.address }, { clock }), { code: 'ROTEY_TLS_TIMEOUT' });
  });

  it('nobody listens', async () => {
    await assert.rejects(fetchServerFlight({ address: '127.0.0.1:1' }), { code: 'ROTEY_CONNECT_REFUSED' });
  });

  it('no address', async () => {
    await assert.rejects(fetchServerFlight({ address: 'a/b' }), { code: 'ROTEY_ADDRESS_INVALID' });
  });

  it('somebody stopped it', async (t) => {
    const stop = new AbortController();
    const server = await startRawServer(t, (socket) => socket.once('data', () => stop.abort(new Error('enough'))));
    await assert.rejects(fetchServerFlight({ address: server.address }, { signal: stop.signal }), /enough/);
  });
});

describe('what a server sends', () => {
  it('may come in any pieces', async (t) => {
    const pieces: Buffer[] = [];
    const lines: Buffer[] = [];
    const server = await startTlsServer(t, pki, () => undefined, { minVersion: 'TLSv1.3' });
    const tcp = connectTcp(server.port, '127.0.0.1');
    const tls = connect({
      socket: tapSocket(tcp, (bytes) => pieces.push(Buffer.from(bytes))),
      rejectUnauthorized: false,
    });
    tls.on('keylog', (line: Buffer) => lines.push(line));
    await new Promise((resolve) => tls.once('secureConnect', resolve));
    tls.destroy();
    const bytes = Buffer.concat(pieces);
    for (const size of [1, 7, 100, bytes.length]) {
      const reader = new HandshakeReader();
      for (const line of lines) if (size === 7) reader.keylog(line); // before and after the bytes
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      for (const line of lines) reader.keylog(line);
      assert.ok(reader.flight, `${size}`);
      assert.deepEqual(subjects(reader.flight), PRESENTED);
    }
  });

  it('may be anything: it is refused or read, and never runs away', () => {
    const record = fc
      .uint8Array({ maxLength: 300 })
      .map((body) => Buffer.from([22, 3, 3, body.length >> 8, body.length & 255, ...body]));
    const message = fc
      .tuple(fc.constantFrom(2, 11, 13, 14, 20), fc.uint8Array({ maxLength: 200 }))
      .map(([type, body]) => [type, 0, 0, body.length, ...body])
      .map((body) => Buffer.from([22, 3, 3, body.length >> 8, body.length & 255, ...body]));
    fc.assert(
      fc.property(fc.array(fc.oneof(record, message, fc.uint8Array({ maxLength: 50 })), { maxLength: 6 }), (pieces) => {
        const reader = new HandshakeReader();
        try {
          for (const piece of pieces) reader.push(piece);
        } catch (error) {
          assert.ok(
            error instanceof Error && /announced|bytes|suite|version|speaks/.test(error.message),
            String(error),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is not read without end', () => {
    const reader = new HandshakeReader();
    const piece = Buffer.alloc(16_384 + 5, Buffer.from([22, 3, 3, 64, 0]));
    assert.throws(() => {
      for (let count = 0; count < 100; count++) reader.push(piece);
    }, RangeError);
  });
});
