import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { IllegalStateError } from '@temporalio/worker';
import type { Call } from '../../src/sandbox/index.ts';
import { next, stage } from './support/stage.ts';

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
  /** Makes a call and answers with how it reached the frontend. */
  const seen = async (method: string, call: () => Promise<unknown>): Promise<Call> => {
    const before = sandbox.calls.entries().at(-1)?.id ?? 0;
    await call();
    return await sandbox.calls.waitFor((reported) => reported.id > before && reported.method === method);
  };
  const serialOf = async (...call: Parameters<typeof seen>): Promise<string | undefined> =>
    (await seen(...call)).serial;
  const getSystemInfo = (): Promise<unknown> => service.getSystemInfo({});

  await t.test('a Client made before a rotation uses the new certificate', async () => {
    assert.equal(await serialOf('StartWorkflowExecution', () => set.greet(early, 'early')), serial);
  });

  await t.test('the Client that a Worker had before a rotation uses the new certificate', async () => {
    assert.equal(await serialOf('StartWorkflowExecution', () => set.greet(workersClient, 'captured')), serial);
  });

  await t.test('a service object taken before a rotation uses the new certificate', async () => {
    assert.equal(await serialOf('GetSystemInfo', getSystemInfo), serial);
  });

  await t.test('withMetadata and withDeadline reach the calls on the new connection', async () => {
    await assert.rejects(
      connection.withDeadline(Date.now() - 1000, getSystemInfo),
      /DEADLINE_EXCEEDED|Timeout|deadline/i,
    );
    const call = await seen('GetSystemInfo', () => connection.withMetadata({ 'x-rotey-tag': 'scoped' }, getSystemInfo));
    assert.equal(call.tag, 'scoped');
  });

  await t.test('setMetadata and setApiKey act on the connection in use and on later ones', async () => {
    await connection.setMetadata({ 'x-rotey-tag': 'rotation' });
    assert.equal((await seen('GetSystemInfo', getSystemInfo)).tag, 'rotation');
    await connection.setApiKey('not-a-secret');
    assert.equal((await seen('GetSystemInfo', getSystemInfo)).bearer, true);
    const rotated = await set.rotate();
    const { tag, bearer, serial: later } = await seen('GetSystemInfo', getSystemInfo);
    assert.deepEqual({ tag, bearer, later }, { tag: 'rotation', bearer: true, later: rotated });
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
});
