import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectNet, createServer, type Socket } from 'node:net';
import { before, describe, it, type TestContext } from 'node:test';
import type { RoteyErrorCode } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import { issueLeaf } from '../pki/index.ts';
import { probe } from './probe.ts';
import type { ProbeReport, ProbeStepName } from './report.ts';
import { ManualClock } from './testing/manual-clock.ts';
import {
  createTestPki,
  denyNamespaces,
  issuePair,
  respond,
  startFrontend,
  startRawServer,
  startTlsServer,
  type TestPki,
  trailersOnly,
} from './testing/servers.ts';

let pki: TestPki;
let pair: Pair;

before(async () => {
  pki = await createTestPki();
  pair = await issuePair(pki.authority);
});

function assertFailed(report: ProbeReport, outcome: string, code: RoteyErrorCode, step: ProbeStepName): void {
  assert.deepEqual(
    [report.outcome, report.failure?.code, report.failure?.context['step'], report.steps.at(-1)?.name],
    [outcome, code, step, step],
    report.failure?.message,
  );
  assert.equal(report.steps.at(-1)?.ok, false);
  assert.ok(report.failure?.hint, 'says what to do');
}

function statuses(report: ProbeReport): string[] {
  return report.calls.map(({ method, status }) => `${method} ${status}`);
}

describe('probe of a frontend that accepts the certificate', () => {
  it('reports every step, the TLS facts, the calls and the version', async (t) => {
    const frontend = await startFrontend(t, pki);
    const target = {
      address: `localhost:${frontend.port}`,
      trustPem: pki.trustPem,
      namespaces: ['payments', 'default'],
    };
    const report = await probe(target, pair);
    assert.equal(report.outcome, 'accepted', report.failure?.message);
    assert.equal(report.failure, undefined);
    const names = report.steps.map(({ name, ok }) => `${name} ${ok}`);
    const expected = ['address', 'dns', 'tcp', 'tls', 'http2', 'system-info', 'namespace', 'namespace'];
    assert.deepEqual(
      names,
      expected.map((name) => `${name} true`),
    );
    assert.deepEqual(statuses(report), ['GetSystemInfo OK', 'DescribeNamespace OK', 'DescribeNamespace OK']);
    assert.equal(report.serverVersion, '1.32.1');
    const { serverCertificate, ...tls } = report.tls ?? assert.fail('no TLS facts');
    assert.deepEqual(tls, {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      alpn: 'h2',
      trustAnchor: 'CN=rotey test CA',
      sessionReused: false,
    });
    assert.equal(serverCertificate?.subject, 'CN=frontend');
    assert.deepEqual(serverCertificate?.sans, ['DNS:localhost', 'DNS:frontend', 'IP Address:127.0.0.1']);
  });

  it('speaks gRPC as the SDKs do', async (t) => {
    const frontend = await startFrontend(t, pki);
    const metadata = { 'X-Team': 'payments', authorization: 'overridden' };
    const target = {
      address: frontend.address,
      trustPem: pki.trustPem,
      namespaces: ['payments'],
      apiKey: 'k',
      metadata,
    };
    await probe(target, pair, { userAgent: 'rotey/1.2.3' });
    const [systemInfo, namespace] = frontend.calls;
    assert.equal(systemInfo?.path, '/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo');
    assert.deepEqual(systemInfo?.body, Buffer.from([0, 0, 0, 0, 0]));
    assert.equal(namespace?.path, '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace');
    assert.deepEqual(namespace?.body, Buffer.from([0, 0, 0, 0, 10, 0x0a, 8, ...Buffer.from('payments')]));
    const headers = namespace?.headers ?? {};
    assert.equal(headers[':authority'], frontend.address);
    assert.equal(headers[':scheme'], 'https');
    assert.equal(headers['content-type'], 'application/grpc');
    assert.equal(headers['te'], 'trailers');
    assert.equal(headers['user-agent'], 'rotey/1.2.3');
    assert.equal(headers['authorization'], 'Bearer k');
    assert.equal(headers['x-team'], 'payments');
    assert.equal(headers['temporal-namespace'], 'payments');
    assert.match(String(headers['grpc-timeout']), /^\d{1,8}m$/);
    assert.equal(systemInfo?.headers['temporal-namespace'], undefined);
    assert.equal(namespace?.serial, pair.leaf.serial);
  });

  it('sends the server name as SNI and :authority, and no SNI for an IP address', async (t) => {
    const frontend = await startFrontend(t, pki);
    await probe({ address: frontend.address, serverName: 'frontend', trustPem: pki.trustPem }, pair);
    await probe({ address: frontend.address, trustPem: pki.trustPem }, pair);
    await probe({ address: frontend.address, authority: 'other:1', trustPem: pki.trustPem }, pair);
    const seen = frontend.calls.map(({ sni, headers }) => [sni || undefined, headers[':authority']]);
    assert.deepEqual(seen, [
      ['frontend', 'frontend'],
      [undefined, frontend.address],
      [undefined, 'other:1'],
    ]);
  });

  it('works with TLS 1.2', async (t) => {
    const frontend = await startFrontend(t, pki, { maxVersion: 'TLSv1.2' });
    const report = await probe({ address: frontend.address, trustPem: pki.trustPem }, pair);
    assert.deepEqual([report.outcome, report.tls?.protocol], ['accepted', 'TLSv1.2'], report.failure?.message);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`never resumes a session: the server sees each new certificate (${version})`, async (t) => {
      const frontend = await startFrontend(t, pki, { minVersion: version, maxVersion: version });
      const next = await issuePair(pki.authority);
      const reports: ProbeReport[] = [];
      for (const each of [pair, next, pair]) {
        reports.push(await probe({ address: `localhost:${frontend.port}`, trustPem: pki.trustPem }, each));
      }
      assert.deepEqual(
        frontend.calls.map(({ serial }) => serial),
        [pair, next, pair].map(({ leaf }) => leaf.serial),
      );
      assert.deepEqual(
        frontend.calls.map(({ resumed }) => resumed),
        [false, false, false],
      );
      assert.deepEqual(
        reports.map(({ tls }) => tls?.sessionReused),
        [false, false, false],
      );
    });
  }

  it('waits for a server that speaks only after the client has', async (t) => {
    // Envoy is one: no SETTINGS before the client's preface.
    let firstBytes: Buffer | undefined;
    const clock = new ManualClock();
    const server = await startTlsServer(t, pki, (socket) => {
      socket.once('data', (bytes: Buffer) => {
        firstBytes = bytes;
        socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])); // an empty SETTINGS frame
        socket.once('data', () => socket.destroy());
      });
      setImmediate(() => clock.advance(500));
    });
    const report = await probe({ address: server.address, trustPem: pki.trustPem }, pair, { clock });
    assert.equal(firstBytes?.subarray(0, 3).toString(), 'PRI');
    assert.equal(report.steps.find(({ name }) => name === 'http2')?.ok, true, report.failure?.message);
    assertFailed(report, 'unobtainable', 'ROTEY_RPC_UNAVAILABLE', 'system-info');
  });

  it('contains no secret', async (t) => {
    const frontend = await startFrontend(t, pki, { answer: denyNamespaces(7) });
    const target = {
      address: frontend.address,
      trustPem: pki.trustPem,
      namespaces: ['a'],
      apiKey: 'geheim',
      metadata: { x: 'geheim' },
    };
    const report = await probe(target, pair);
    const text = JSON.stringify(report) + JSON.stringify(report.failure?.context) + (report.failure?.message ?? '');
    assert.doesNotMatch(text, /geheim|PRIVATE KEY/);
  });
});

describe('probe of a frontend that denies calls', () => {
  for (const [code, status] of [
    [7, 'PERMISSION_DENIED'],
    [16, 'UNAUTHENTICATED'],
  ] as const) {
    it(`is denied by ${status}, and all calls are reported`, async (t) => {
      const frontend = await startFrontend(t, pki, { answer: (stream) => trailersOnly(stream, code, 'no%20way%21') });
      const report = await probe({ address: frontend.address, trustPem: pki.trustPem, namespaces: ['a'] }, pair);
      assert.deepEqual([report.outcome, report.failure?.code], ['denied', 'ROTEY_RPC_DENIED']);
      assert.deepEqual(statuses(report), [`GetSystemInfo ${status}`, `DescribeNamespace ${status}`]);
      assert.equal(report.calls[0]?.message, 'no way!');
      assert.match(report.failure?.message ?? '', /no way!/);
    });
  }

  for (const [code, status] of [
    [5, 'NOT_FOUND'],
    [12, 'UNIMPLEMENTED'],
    [3, 'INVALID_ARGUMENT'],
  ] as const) {
    it(`accepts ${status} as an answer`, async (t) => {
      const frontend = await startFrontend(t, pki, { answer: denyNamespaces(code) });
      const report = await probe({ address: frontend.address, trustPem: pki.trustPem, namespaces: ['a'] }, pair);
      assert.equal(report.outcome, 'accepted');
      assert.deepEqual(report.calls.at(-1)?.status, status);
    });
  }

  it('asks no further when GetSystemInfo cannot be answered', async (t) => {
    const frontend = await startFrontend(t, pki, { answer: (stream) => trailersOnly(stream, 14, 'starting') });
    const report = await probe({ address: frontend.address, trustPem: pki.trustPem, namespaces: ['a'] }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_RPC_UNAVAILABLE', 'system-info');
    assert.equal(report.calls.length, 1);
    assert.equal(report.failure?.retryable, true);
  });
});

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

describe('probe of a server whose own certificate is wrong', () => {
  it('names an issuer that is not trusted', async (t) => {
    const frontend = await startFrontend(t, pki);
    const report = await probe({ address: frontend.address, trustPem: pki.stranger.certificatePem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_SERVER_UNTRUSTED', 'tls');
    assert.match(report.failure?.message ?? '', /CN=frontend, issued by CN=rotey test CA/);
    assert.equal(report.serverCertificate?.subject, 'CN=frontend', 'shown, though not trusted');
    assert.equal(report.tls, undefined);
  });

  it("trusts Node's roots only, when no CA is given, and never the pair's", async (t) => {
    const frontend = await startFrontend(t, pki);
    const report = await probe({ address: frontend.address }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_SERVER_UNTRUSTED', 'tls');
    assert.match(report.failure?.message ?? '', /built-in roots/);
  });

  it('names the names that the certificate is for', async (t) => {
    const frontend = await startFrontend(t, pki);
    const report = await probe({ address: frontend.address, serverName: 'elsewhere', trustPem: pki.trustPem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_SERVER_NAME_MISMATCH', 'tls');
    assert.match(report.failure?.message ?? '', /not for elsewhere but for DNS:localhost/);
  });

  it("tells the server's expired certificate from ours", async (t) => {
    const hour = 3_600_000;
    const leaf = await issueLeaf(pki.authority, {
      commonName: 'frontend',
      usage: 'server',
      ipAddresses: ['127.0.0.1'],
      notBeforeMs: Date.now() - 2 * hour,
      notAfterMs: Date.now() - hour,
      rules: 'tls',
    });
    const frontend = await startFrontend(t, pki, { key: leaf.revealPrivateKey(), cert: leaf.chainPem });
    const report = await probe({ address: frontend.address, trustPem: pki.trustPem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_SERVER_UNTRUSTED', 'tls');
    assert.match(report.failure?.message ?? '', /CERT_HAS_EXPIRED/);
  });
});

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
