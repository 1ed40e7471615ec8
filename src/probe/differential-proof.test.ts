import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import type { Pair } from '../identity/index.ts';
import { proveCandidate } from './differential-proof.ts';
import {
  createTestPki,
  type Frontend,
  issuePair,
  startFrontend,
  startTlsServer,
  succeed,
  type TestPki,
  trailersOnly,
} from './testing/servers.ts';

let pki: TestPki;
let candidate: Pair;
let current: Pair;
let stranger: Pair;

before(async () => {
  pki = await createTestPki();
  candidate = await issuePair(pki.authority, { commonName: 'candidate' });
  current = await issuePair(pki.authority, { commonName: 'current' });
  stranger = await issuePair(pki.stranger, { commonName: 'stranger' });
});

/** A frontend with certificate filters: only these pairs may see the namespace. */
async function startFiltering(t: TestContext, allowed: readonly Pair[]): Promise<Frontend> {
  return await startFrontend(t, pki, {
    answer: (stream, call) => {
      const allows = allowed.some(({ leaf }) => leaf.serial === call.serial);
      if (allows || call.path.endsWith('/GetSystemInfo')) succeed(stream, call);
      else trailersOnly(stream, 7, 'Request unauthorized.');
    },
  });
}

function targetOf(server: { readonly address: string }) {
  return { address: server.address, trustPem: pki.trustPem, namespaces: ['payments'] };
}

describe('proveCandidate', () => {
  it('accepts after one probe what the server accepts', async (t) => {
    const frontend = await startFiltering(t, [candidate]);
    const proof = await proveCandidate(targetOf(frontend), candidate, { pair: current });
    assert.deepEqual(
      [proof.verdict, proof.control, proof.warnings, proof.error],
      ['accepted', undefined, [], undefined],
    );
    assert.equal(frontend.calls.length, 2);
  });

  it('refuses what may do less than the one in use', async (t) => {
    const frontend = await startFiltering(t, [current]);
    const proof = await proveCandidate(targetOf(frontend), candidate, { pair: current });
    assert.deepEqual([proof.verdict, proof.error?.code], ['refused', 'ROTEY_RPC_DENIED']);
    assert.equal(proof.control?.outcome, 'accepted');
    assert.deepEqual(
      frontend.calls.map(({ serial }) => serial),
      [candidate, candidate, current, current].map(({ leaf }) => leaf.serial),
    );
  });

  it('accepts with a warning what is denied to both, or when nothing is in use', async (t) => {
    const frontend = await startFiltering(t, []);
    for (const used of [{ pair: current }, undefined]) {
      const proof = await proveCandidate(targetOf(frontend), candidate, used);
      assert.deepEqual([proof.verdict, proof.warnings.length], ['accepted', 1]);
      assert.match(proof.warnings[0] ?? '', /DescribeNamespace of payments is answered PERMISSION_DENIED/);
    }
  });

  it('goes by the report of the adoption when the one in use cannot be asked', async (t) => {
    const frontend = await startFiltering(t, []);
    const baseline = (await proveCandidate(targetOf(frontend), current, undefined)).report;
    const proof = await proveCandidate(targetOf(frontend), candidate, { pair: stranger, baseline });
    assert.deepEqual([proof.verdict, proof.control?.outcome], ['accepted', 'ambiguous']);
    const without = await proveCandidate(targetOf(frontend), candidate, { pair: stranger });
    assert.deepEqual([without.verdict, without.error?.code], ['unobtainable', 'ROTEY_RPC_DENIED']);
    assert.equal(without.error?.retryable, true);
  });

  it('refuses, after a second look, what is cut off while the one in use is accepted', async (t) => {
    const frontend = await startFrontend(t, pki);
    let handshakes = 0;
    frontend.server.on('connection', () => {
      handshakes += 1;
    });
    const proof = await proveCandidate(targetOf(frontend), stranger, { pair: current });
    assert.deepEqual([proof.verdict, proof.error?.code], ['refused', 'ROTEY_CERTIFICATE_REFUSED']);
    assert.equal(handshakes, 3);
  });

  it('does not condemn a certificate for one broken connection', async (t) => {
    const frontend = await startFrontend(t, pki);
    frontend.server.once('secureConnection', (socket) => socket.destroy());
    const proof = await proveCandidate(targetOf(frontend), candidate, { pair: current });
    assert.deepEqual([proof.verdict, proof.control?.outcome], ['accepted', 'accepted']);
  });

  it('knows nothing when everybody is cut off', async (t) => {
    const server = await startTlsServer(t, pki, (socket) => socket.destroy());
    const proof = await proveCandidate(targetOf(server), candidate, { pair: current });
    assert.deepEqual(
      [proof.verdict, proof.report.outcome, proof.control?.outcome],
      ['unobtainable', 'ambiguous', 'ambiguous'],
    );
  });

  it('stops at once when it is aborted while the one in use is probed', async (t) => {
    const controller = new AbortController();
    const frontend = await startFrontend(t, pki, {
      answer: (stream, call) => {
        if (call.serial === current.leaf.serial) controller.abort();
        else trailersOnly(stream, 7);
      },
    });
    const proving = proveCandidate(targetOf(frontend), candidate, { pair: current }, { signal: controller.signal });
    await assert.rejects(proving, (error) => error === controller.signal.reason);
  });
});
