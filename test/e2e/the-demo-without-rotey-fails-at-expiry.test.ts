import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireToolchain } from './support/require-toolchain.ts';
import { runDemo } from './support/run-demo.ts';

test('a Worker that reads its certificate once fails after the expiry, while newer ones lie in the files', {
  skip: await requireToolchain(),
}, async (t) => {
  const { exitCode, output, result } = await runDemo(t, ['--without-rotey']);
  assert.equal(exitCode, 3, output);
  assert.equal(result.rotations, 0);
  assert.equal(result.identities.length, 1, 'the frontend saw no other certificate');
  assert.ok(result.workflowsCompleted > 0, 'it worked before');
  assert.ok(result.workflowsFailed > 0, output);
  assert.ok(result.rpcFailures > 0, output);
  assert.match(output, /CertificateExpired/);
});
