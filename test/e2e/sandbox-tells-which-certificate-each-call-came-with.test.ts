import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { connectClient } from './support/connect-client.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

test('the sandbox tells which certificate each call and each session came with', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t, { namespaces: ['default', 'orders'] });
  const first = await sandbox.issueClient({ commonName: 'first' });
  const second = await sandbox.issueClient({ commonName: 'second' });

  const client = new Client({ connection: await connectClient(t, sandbox, first), namespace: 'orders' });
  await client.workflow.start('never', { taskQueue: 'nobody', workflowId: 'one' });
  const other = await connectClient(t, sandbox, second);

  const start = await sandbox.calls.waitFor((call) => call.method === 'StartWorkflowExecution' && call.code === 'OK');
  assert.equal(start.serial, first.serial);
  assert.equal(start.commonName, 'first');
  assert.equal(start.namespace, 'orders');
  assert.ok((start.endedAtMs ?? 0) >= start.startedAtMs);
  const info = await sandbox.calls.waitFor((call) => call.serial === second.serial);
  assert.equal(info.method, 'GetSystemInfo');

  const session = await sandbox.sessions.waitFor((candidate) => candidate.serial === second.serial);
  assert.equal(session.remote, info.remote, 'the call names its session');
  assert.equal(session.endedAtMs, undefined);
  await other.close();
  await sandbox.sessions.waitFor((candidate) => candidate.id === session.id && candidate.endedAtMs !== undefined);

  const strangers = sandbox.calls.entries().filter(({ serial }) => serial !== first.serial && serial !== second.serial);
  assert.deepEqual(strangers, [], "the server's own calls are left out");
  assert.equal(sandbox.droppedReports, 0);
});
