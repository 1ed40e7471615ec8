import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from '@temporalio/worker';
import { stage } from './support/stage.ts';

test('several Workers and Namespaces share one connection, and start and stop while it rotates', async (t) => {
  const set = await stage(t, { sandbox: { namespaces: ['default', 'other'] } });
  if (set === undefined) return;
  const { sandbox, connection } = set;
  const fixed = [
    await set.createWorker({ taskQueue: 'a' }),
    await set.createWorker({ taskQueue: 'b', namespace: 'other' }),
    await set.createWorker({ taskQueue: 'c' }),
  ];
  const runs = fixed.map((worker) => worker.run());
  let rotating = true;
  const rotations = (async () => {
    while (rotating) await set.rotate();
  })();
  const passing: Worker[] = [];
  for (let n = 0; n < 10; n++) {
    // Created in the middle of rotations, used, and shut down in the middle of others.
    const worker = await set.createWorker({ taskQueue: `passing-${n}` });
    passing.push(worker);
    await worker.runUntil(
      set.observer.workflow.execute('greeting', {
        taskQueue: `passing-${n}`,
        workflowId: `passing-${n}`,
        args: [String(n)],
      }),
    );
  }
  rotating = false;
  await rotations;
  const serial = await set.rotate();
  for (const taskQueue of ['a', 'c']) {
    await set.observer.workflow.execute('greeting', { taskQueue, workflowId: taskQueue, args: [taskQueue] });
  }
  await sandbox.calls.waitFor((call) => call.serial === serial && call.namespace === 'other', { timeoutMs: 90_000 });
  assert.deepEqual([...new Set(fixed.map((worker) => worker.getState()))], ['RUNNING']);
  assert.deepEqual([...new Set(passing.map((worker) => worker.getState()))], ['STOPPED']);
  for (const worker of fixed) worker.shutdown();
  await Promise.all(runs);
  await connection.close();
});
