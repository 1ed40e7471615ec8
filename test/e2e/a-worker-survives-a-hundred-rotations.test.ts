import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openResources } from '../support/open-resources.ts';
import { eventually } from './support/eventually.ts';
import { MemoryWatch } from './support/memory-watch.ts';
import { next, stage, TASK_QUEUE } from './support/stage.ts';

/** `npm run test:long` asks for 1,000. */
const ROTATIONS = Number(process.env['ROTEY_TEST_ROTATIONS'] ?? 100);
const OPEN_WORKFLOWS = 20;

test('a Worker survives many rotations with workflows in flight: nothing fails, replays or leaks', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { sandbox, rotation, connection, observer, observerSerial } = set;
  const retired = [set.firstSerial];
  const worker = await set.createWorker();
  const unpinned = next(rotation, 'rotated', ({ cause }) => cause === 'worker-started');
  const running = worker.run();
  await unpinned;

  const handles = await Promise.all(
    Array.from({ length: OPEN_WORKFLOWS }, (_, n) =>
      observer.workflow.start('open', { taskQueue: TASK_QUEUE, workflowId: `open-${n}` }),
    ),
  );
  const failures: unknown[] = [];
  rotation.on('attemptFailed', (event) => failures.push(event));
  const resourcesBefore = openResources();
  const greetings: Promise<string>[] = [];
  const memory = new MemoryWatch();
  for (let round = 0; round < ROTATIONS; round++) {
    const work = Promise.all([
      handles[round % handles.length]?.signal('step'),
      handles[(round * 7) % handles.length]?.signal('step'),
    ]);
    greetings.push(set.greet(observer, `round ${round}`));
    retired.push(await set.rotate());
    await work;
    memory.note(worker.connection, rotation.currentPair);
  }
  assert.equal((await Promise.all(greetings)).length, ROTATIONS);
  await Promise.all(handles.map((handle) => handle.signal('finish')));
  const results = await Promise.all(
    handles.map((handle) => handle.result() as Promise<{ steps: number; replayed: boolean }>),
  );
  const steps = results.reduce((sum, result) => sum + result.steps, 0);
  assert.equal(steps, 2 * ROTATIONS, 'every signalled step ran once');
  assert.deepEqual(
    results.filter(({ replayed }) => replayed),
    [],
    'no workflow was replayed',
  );
  assert.deepEqual(failures, [], 'every certificate was accepted at the first attempt');
  assert.equal(rotation.status().connections[0]?.draining.length, 0);
  const resourcesAfter = openResources();
  assert.ok(resourcesAfter <= resourcesBefore + 5, `resources: ${resourcesBefore} before, ${resourcesAfter} after`);
  await eventually('connections and pairs that were retired are out of memory', () => memory.held() <= 2);
  t.diagnostic(memory.summary());

  worker.shutdown();
  await running;
  await connection.close();

  const calls = sandbox.calls.entries().filter(({ serial }) => serial !== observerSerial);
  const failed = calls.filter(
    ({ code, method }) => code !== undefined && code !== 'OK' && !(method.startsWith('Poll') && code === 'CANCELED'),
  );
  assert.deepEqual(failed, [], 'the frontend answered every call of the Worker with OK');
  assert.equal(sandbox.droppedReports, 0);
  const order = new Map(retired.map((serial, index) => [serial, index]));
  let newest = 0;
  for (const { serial = '', method } of calls) {
    const index = order.get(serial);
    assert.ok(index !== undefined, `a certificate that was never published: ${serial}`);
    assert.ok(index >= newest - 1, `${method} came with certificate ${index} after number ${newest} was in use`);
    newest = Math.max(newest, index);
  }
  assert.equal(new Set(calls.map(({ serial }) => serial)).size, retired.length, 'the frontend saw every identity');
  assert.deepEqual(
    sandbox.sessions.entries().filter(({ resumed }) => resumed),
    [],
    'no TLS session was resumed',
  );
  for (const { id, serial } of sandbox.sessions.entries()) {
    if (serial === observerSerial) continue;
    await sandbox.sessions.waitFor((session) => session.id === id && session.endedAtMs !== undefined);
  }
});
