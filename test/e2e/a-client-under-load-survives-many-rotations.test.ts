import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '@temporalio/client';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { openResources } from '../support/open-resources.ts';
import { pollForever } from './support/poll-forever.ts';
import { rotatingClient } from './support/rotating-client.ts';
import { next, stage } from './support/stage.ts';

/** `npm run test:long` asks for more. */
const ROTATIONS = Number(process.env['ROTEY_TEST_ROTATIONS'] ?? (process.env['ROTEY_TEST_SHORT'] === '1' ? 50 : 500));
const CALLERS = 8;
/** So that each rotation finds calls in flight, and the server's rate limit finds nothing. */
const CALL_MS = 20;

test('a Client under 8 concurrent callers survives many rotations: no call fails, nothing leaks', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { sandbox, rotation, observer, observerSerial } = set;
  await set.connection.close(); // that of a Worker
  await sandbox.delay({ methods: ['GetClusterInfo'], forMs: CALL_MS });
  const { connection } = await rotatingClient(t, set, { interceptors: [] }); // none that calls again
  const serials = [set.firstSerial];
  const failures: unknown[] = [];
  rotation.on('attemptFailed', (event) => failures.push(event));
  rotation.on('drained', ({ callsCut }) => callsCut > 0 && failures.push(`${callsCut} calls were cut`));
  const poll = pollForever(connection);
  const polling = await sandbox.calls.waitFor(({ method }) => method === 'PollWorkflowTaskQueue');
  const callers = startCallers(connection, failures);
  const resourcesBefore = openResources();
  for (let round = 0; round < ROTATIONS; round++) serials.push(await set.rotate());
  const resourcesAfter = openResources();
  await connection.workflowService.getClusterInfo({}); // one at least with the last certificate
  const served = await callers.stop();
  t.diagnostic(`${ROTATIONS} rotations, ${served} calls, ${failures.length} failures`);
  assert.deepEqual(failures, []);
  assert.ok(resourcesAfter <= resourcesBefore + 8, `resources: ${resourcesBefore} before, ${resourcesAfter} after`);

  // The poll began before the first rotation; work for it comes after the last one.
  await observer.workflow.start('nothing', { taskQueue: 'nobody', workflowId: 'nothing' });
  await poll;
  const polled = await sandbox.calls.waitFor(({ id, code }) => id === polling.id && code !== undefined);
  assert.deepEqual({ serial: polled.serial, code: polled.code }, { serial: set.firstSerial, code: 'OK' });
  while (rotation.status().connections.some(({ draining }) => draining.length > 0)) await next(rotation, 'drained');

  assertInOrder(sandbox, serials, observerSerial);
  await connection.close();
  assert.deepEqual(rotation.status().connections, []);
  for (const { id, serial } of sandbox.sessions.entries()) {
    if (serial === observerSerial) continue;
    await sandbox.sessions.waitFor((session) => session.id === id && session.endedAtMs !== undefined);
  }
});

function startCallers(connection: Connection, failures: unknown[]): { stop(): Promise<number> } {
  let calling = true;
  let served = 0;
  const call = async (): Promise<void> => {
    while (calling) {
      await connection.workflowService.getClusterInfo({}).then(
        () => served++,
        (error: unknown) => failures.push(error),
      );
    }
  };
  const callers = Array.from({ length: CALLERS }, call);
  const stop = async (): Promise<number> => {
    calling = false;
    await Promise.all(callers);
    return served;
  };
  return { stop };
}

/** From the server's side: every identity was used, none after its successor was, and no TLS session was resumed. */
function assertInOrder(sandbox: Sandbox, serials: readonly string[], observerSerial: string): void {
  assert.equal(sandbox.droppedReports, 0);
  const calls = sandbox.calls.entries().filter(({ serial }) => serial !== observerSerial);
  assert.deepEqual(
    calls.filter(({ code }) => code !== undefined && code !== 'OK'),
    [],
    'the frontend answered every call with OK',
  );
  const order = new Map(serials.map((serial, index) => [serial, index]));
  let newest = 0;
  for (const { serial = '', method } of calls) {
    const index = order.get(serial);
    assert.ok(index !== undefined, `a certificate that was never published: ${serial}`);
    assert.ok(index >= newest - 1, `${method} came with certificate ${index} after number ${newest} was in use`);
    if (method === 'GetClusterInfo') newest = Math.max(newest, index);
  }
  const used = calls.filter(({ method }) => method === 'GetClusterInfo').map(({ serial }) => serial);
  assert.equal(new Set(used).size, serials.length, 'the callers used every identity');
  assert.deepEqual(
    sandbox.sessions.entries().filter(({ resumed }) => resumed),
    [],
    'no TLS session was resumed',
  );
}
