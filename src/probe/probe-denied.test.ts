import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probe } from './probe.ts';
import { assertFailed, statuses } from './testing/probe-reports.ts';
import { createTestPki, denyNamespaces, issuePair, startFrontend, trailersOnly } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

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
