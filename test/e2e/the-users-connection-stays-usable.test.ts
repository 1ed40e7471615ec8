import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { IllegalStateError } from '@temporalio/worker';
import { next, stage, TASK_QUEUE } from './support/stage.ts';

test('the connection that the user holds stays usable for its whole life', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { rotation, connection, sandbox } = set;
  const early = new Client({ connection });
  const service = connection.workflowService;
  const worker = await set.createWorker();
  const unpinned = next(rotation, 'rotated', ({ cause }) => cause === 'worker-started');
  const running = worker.run();
  await unpinned;
  const workersClient = worker.client;
  assert.ok(workersClient);
  await set.rotate();
  const serial = await set.rotate();
  /** Runs a call and answers with which certificate, and with which identity header, it reached the frontend. */
  const serialOf = async (method: string, call: () => Promise<unknown>): Promise<string | undefined> => {
    const before = sandbox.calls.entries().at(-1)?.id ?? 0;
    await call();
    return (await sandbox.calls.waitFor((seen) => seen.id > before && seen.method === method)).serial;
  };

  await t.test('a Client made before a rotation uses the new certificate', async () => {
    assert.equal(await serialOf('StartWorkflowExecution', () => set.greet(early, 'early')), serial);
  });

  await t.test('the Client that a Worker had before a rotation uses the new certificate', async () => {
    assert.equal(await serialOf('StartWorkflowExecution', () => set.greet(workersClient, 'captured')), serial);
  });

  await t.test('a service object taken before a rotation uses the new certificate', async () => {
    assert.equal(await serialOf('GetSystemInfo', () => service.getSystemInfo({})), serial);
  });

  await t.test('withMetadata and withDeadline reach the calls on the new connection', async () => {
    await assert.rejects(
      connection.withDeadline(Date.now() - 1000, () => service.getSystemInfo({})),
      /DEADLINE_EXCEEDED|Timeout|deadline/i,
    );
    await connection.withMetadata({ 'x-test': 'yes' }, () => service.getSystemInfo({}));
  });

  await t.test('setMetadata and setApiKey act on the connection in use and on later ones', async () => {
    await connection.setMetadata({ 'x-team': 'rotation' });
    await service.getSystemInfo({});
    await connection.setApiKey('not-a-secret');
    await set.rotate();
    await service.getSystemInfo({});
  });

  await t.test('a Worker created from it after a rotation runs on the new certificate', async () => {
    const second = await set.createWorker({ taskQueue: 'second' });
    const polled = rotation.currentPair.leaf.serial;
    const secondRun = second.runUntil(async () => {
      const client = new Client({ connection });
      await client.workflow.execute('greeting', { taskQueue: 'second', workflowId: 'second', args: ['two'] });
      await set.rotate();
      await client.workflow.execute('greeting', { taskQueue: 'second', workflowId: 'third', args: ['three'] });
    });
    await sandbox.calls.waitFor(({ method, serial: with_ }) => method === 'PollActivityTaskQueue' && with_ === polled);
    await secondRun;
  });

  await t.test('close is refused while a Worker runs, works once, and ends all that stands behind it', async () => {
    await assert.rejects(connection.close(), IllegalStateError);
    worker.shutdown();
    await running;
    await connection.close();
    await assert.rejects(connection.close(), /Client already closed/);
    await assert.rejects(service.getSystemInfo({}), /Client already closed/);
    for (const { id, serial: with_ } of sandbox.sessions.entries()) {
      if (with_ === set.observerSerial) continue;
      await sandbox.sessions.waitFor((session) => session.id === id && session.endedAtMs !== undefined);
    }
  });

  assert.equal(rotation.status().connections.length, 0);
  assert.ok(TASK_QUEUE);
});
