import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { connectClient } from './support/connect-client.ts';
import { isAccepted } from './support/is-accepted.ts';
import { pollForever } from './support/poll-forever.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const skip = await requireToolchain();

test('a killed sandbox comes back at the same address and accepts the same certificates', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const { address, pid } = sandbox;
  const leaf = await sandbox.issueClient();
  const connection = await connectClient(t, sandbox, leaf);
  const held = assert.rejects(pollForever(connection));
  const poll = await sandbox.calls.waitFor(({ method }) => method === 'PollWorkflowTaskQueue');
  const exits: boolean[] = [];
  sandbox.events.on('exited', ({ expected }) => exits.push(expected));

  await sandbox.kill();
  await held;
  assert.equal(sandbox.calls.get(poll.id)?.code, 'SERVER_GONE');
  assert.equal(sandbox.pid, undefined);
  await assert.rejects(isAccepted(sandbox, leaf), { code: 'ECONNREFUSED' });

  await sandbox.start();
  assert.equal(sandbox.address, address);
  assert.notEqual(sandbox.pid, pid);
  await connectClient(t, sandbox, leaf);
  const ids = sandbox.calls.entries().map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'ids go on after a restart');
  assert.deepEqual(exits, [true]);

  await sandbox.stop();
  await sandbox.stop();
  await assert.rejects(sandbox.start(), { code: 'ROTEY_SANDBOX_FAILED' });
});

test('a server that is killed while it starts was expected to end', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const exits: boolean[] = [];
  sandbox.events.on('exited', ({ expected }) => exits.push(expected));
  await sandbox.kill();
  await Promise.all([sandbox.start(), sandbox.kill()]);
  assert.equal(sandbox.pid, undefined);
  await Promise.all([sandbox.start(), sandbox.stop()]);
  assert.deepEqual(exits, [true, true, true]);
});

test('a server that dies by itself is told', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const exited = new Promise((resolve) => sandbox.events.once('exited', resolve));
  process.kill(sandbox.pid ?? 0, 'SIGKILL');
  assert.deepEqual(await exited, { code: null, signal: 'SIGKILL', expected: false });
});

test('a persistent sandbox keeps its workflows over a restart', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t, { persistent: true });
  const leaf = await sandbox.issueClient();
  const before = new Client({ connection: await connectClient(t, sandbox, leaf) });
  await before.workflow.start('never', { taskQueue: 'nobody', workflowId: 'kept' });
  await sandbox.kill();
  await sandbox.start();
  const after = new Client({ connection: await connectClient(t, sandbox, leaf) });
  assert.equal((await after.workflow.getHandle('kept').describe()).status.name, 'RUNNING');
});
