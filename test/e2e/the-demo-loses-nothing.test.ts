import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireToolchain } from './support/require-toolchain.ts';
import { runDemo } from './support/run-demo.ts';

test('the demo rotates three times or more, and nothing fails', { skip: await requireToolchain() }, async (t) => {
  const { exitCode, output, result } = await runDemo(t, ['--duration', '36s']);
  const { identities, rotations, workflowsCompleted, ...failures } = result;
  const nothing = { workflowsFailed: 0, activitiesFailed: 0, rpcFailures: 0, workerRestarts: 0, replays: 0 };
  assert.deepEqual(failures, nothing, output);
  assert.ok(rotations >= 3, output);
  assert.ok(workflowsCompleted >= 30, output);
  assert.equal(identities.length, rotations + 1, output);
  assert.equal(new Set(identities.map(({ serial }) => serial)).size, identities.length);
  for (const { notAfter, firstSeenMs, lastSeenMs } of identities) {
    assert.ok(firstSeenMs < Date.parse(notAfter), 'each was new when it came into use');
    assert.ok(firstSeenMs <= lastSeenMs);
  }
  assert.equal(exitCode, 0, output);
});
