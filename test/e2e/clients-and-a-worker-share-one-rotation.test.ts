import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rotateAll, rotatingClient, seen } from './support/rotating-client.ts';
import { next, stage } from './support/stage.ts';

test('two Clients and a Worker share one rotation, and closing one of them leaves the others', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { rotation, connection } = set;
  const one = await rotatingClient(t, set);
  const other = await rotatingClient(t, set);
  const worker = await set.createWorker();
  const unpinned = next(rotation, 'rotated', ({ cause }) => cause === 'worker-started');
  const running = worker.run();
  await unpinned;
  for (let n = 0; n < 3; n++) {
    const serial = await rotateAll(set, 3);
    const kinds = rotation.status().connections.map(({ kind, current }) => [kind, current?.pair.serial]);
    assert.deepEqual(kinds.sort(), [
      ['client', serial],
      ['client', serial],
      ['worker', serial],
    ]);
    for (const { client } of [one, other]) {
      const call = await seen(set, 'StartWorkflowExecution', () => set.greet(client, `round ${n}`));
      assert.equal(call.serial, serial);
    }
  }
  await one.connection.close();
  const serial = await rotateAll(set, 2);
  const call = await seen(set, 'StartWorkflowExecution', () => set.greet(other.client, 'left'));
  assert.equal(call.serial, serial);
  assert.deepEqual(
    rotation
      .status()
      .connections.map(({ kind }) => kind)
      .sort(),
    ['client', 'worker'],
  );

  // One that asks for it is enough for all.
  const leaf = await set.issue();
  rotation.freeze();
  await set.publish(leaf);
  assert.deepEqual(
    (await rotation.rotateNow()).map(({ outcome }) => outcome),
    ['held', 'held'],
  );
  rotation.unfreeze();
  assert.equal(
    (
      await seen(set, 'StartWorkflowExecution', async () => {
        await rotation.rotateNow();
        await set.greet(other.client, 'thawed');
      })
    ).serial,
    leaf.serial,
  );
  worker.shutdown();
  await running;
  await connection.close();
  assert.deepEqual(
    rotation.status().connections.map(({ kind }) => kind),
    ['client'],
  );
});

test('observe mode proves every new certificate for a Client and uses none', async (t) => {
  const set = await stage(t, { rotation: { mode: 'observe' } });
  if (set === undefined) return;
  const { rotation, sandbox } = set;
  const { connection } = await rotatingClient(t, set);
  const leaf = await set.issue();
  const held = next(rotation, 'held', ({ pair }) => pair.serial === leaf.serial);
  await set.publish(leaf);
  assert.equal((await held)[0].reason, 'rehearsed');
  await sandbox.calls.waitFor(({ serial, method }) => serial === leaf.serial && method === 'GetSystemInfo');
  const call = await seen(set, 'GetClusterInfo', () => connection.workflowService.getClusterInfo({}));
  assert.equal(call.serial, set.firstSerial);
});
