import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probe } from './probe.ts';
import type { ProbeReport } from './report.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { assertFailed, statuses } from './testing/probe-reports.ts';
import { createTestPki, denyNamespaces, issuePair, startFrontend, startTlsServer } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

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
