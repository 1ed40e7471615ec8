import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pair, readPair } from '../../src/identity/index.ts';
import { createAuthority, type IssuedLeaf, issueLeaf } from '../../src/pki/index.ts';
import { probe } from '../../src/probe/index.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const HOUR_MS = 3_600_000;

test('probe tells an expired certificate from an unknown CA', { skip: await requireToolchain() }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const target = { address: sandbox.address, trustPem: sandbox.serverCaPem, namespaces: sandbox.namespaces };
  const resultOf = async (pair: Pair | undefined): Promise<unknown[]> => {
    const { outcome, failure } = await probe(target, pair);
    return [outcome, failure?.code, failure?.context['alertName']];
  };
  const stranger = await createAuthority({ commonName: 'nobody knows me' });
  const now = Date.now();
  const expired = await sandbox.issueClient({
    notBeforeMs: now - 2 * HOUR_MS,
    notAfterMs: now - HOUR_MS,
    rules: 'tls',
  });

  const unknownCa = asPair(await issueLeaf(stranger, { commonName: 'client', usage: 'client' }));
  // Repeated, because a reset that overtakes the alert would make it ambiguous now and then.
  for (let round = 0; round < 10; round += 1) {
    assert.deepEqual(await resultOf(asPair(expired)), ['refused', 'ROTEY_CERTIFICATE_EXPIRED', 'certificate_expired']);
    assert.deepEqual(await resultOf(unknownCa), ['refused', 'ROTEY_CERTIFICATE_UNKNOWN_CA', 'unknown_ca']);
    assert.deepEqual(await resultOf(undefined), ['refused', 'ROTEY_CERTIFICATE_REQUIRED', 'certificate_required']);
  }
  assert.deepEqual(await resultOf(asPair(await sandbox.issueClient())), ['accepted', undefined, undefined]);
});

function asPair(leaf: IssuedLeaf): Pair {
  return readPair({ certificate: leaf.chainPem, key: leaf.revealPrivateKey() });
}
