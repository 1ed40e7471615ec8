import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@temporalio/client';
import { IllegalStateError } from '@temporalio/worker';
import { next, stage } from './support/stage.ts';

test('a Worker that the core refuses to move does not keep the others on the old certificate', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { connection, rotation } = set;
  const other = await set.createWorker({ taskQueue: 'other' });
  const started = next(rotation, 'rotated', ({ cause }) => cause === 'worker-started');
  const running = other.run();
  await started;
  const stuck = await set.createWorker({ taskQueue: 'stuck' });
  Object.defineProperty(stuck, 'connection', {
    get: () => connection,
    set: () => assert.fail('Registration of multiple workers'),
  });
  const stuckRun = stuck.run(); // rejects if attaching does
  const serial = await set.rotate();
  const current = rotation.status().connections[0]?.current;
  assert.equal(current?.pair.serial, serial);
  stuck.shutdown();
  other.shutdown();
  await Promise.all([stuckRun, running]);
});

test('close is refused for a Worker that waits to be run while the connection rotates, and once it is possible, works twice over', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { connection } = set;
  const worker = await set.createWorker();
  await set.rotate();
  await set.rotate();
  await assert.rejects(connection.close(), IllegalStateError);
  await worker.runUntil(set.greet(set.observer, 'late'));
  const results = await Promise.allSettled([connection.close(), connection.close()]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.equal(set.rotation.status().connections.length, 0);
});

test('an Authorization header that is set beside an API key does not end the rotation', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { connection, rotation, sandbox } = set;
  const client = new Client({ connection });
  await connection.setApiKey('not-a-secret');
  await connection.setMetadata({ Authorization: 'Basic not-a-secret' });
  const serial = await set.rotate();
  await client.connection.workflowService.getSystemInfo({});
  await sandbox.calls.waitFor((call) => call.method === 'GetSystemInfo' && call.serial === serial);
  assert.equal(rotation.status().connections[0]?.current?.pair.serial, serial);
  await connection.close();
});

test('freeze and close hold for a connection whose first Client is made later', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { connection, rotation } = set;
  rotation.freeze();
  new Client({ connection });
  assert.equal(rotation.status().connections[0]?.frozen, true);
  const second = await rotation.connect({ address: set.sandbox.address });
  assert.equal(rotation.status().connections[1]?.frozen, true);
  await second.close();
  await rotation.close();
  await connection.close();
});
