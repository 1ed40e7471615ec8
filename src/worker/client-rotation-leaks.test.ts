import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Connection } from '@temporalio/client';
import { eventually } from '../../test/e2e/support/eventually.ts';
import { openResources } from '../../test/support/open-resources.ts';
import { succeed, trailersOnly } from '../probe/testing/servers.ts';
import { clientScene } from './testing/client-scene.ts';

const WARM_UP = 40;
const ROTATIONS = 100;
/** A session that is kept costs 60 kB, so a leak of them would be three times as much. */
const MAX_GROWTH_BYTES = 2 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('neither memory nor handles grow with the number of rotations', async (t) => {
  const set = await clientScene(t);
  const connection = await set.connect();
  const rotate = async (): Promise<void> => {
    await set.rotate();
    await set.callSeen(connection);
    set.frontend.calls.length = 0;
  };
  for (let n = 0; n < WARM_UP; n++) await rotate();
  const before = await inUse();
  for (let n = 0; n < ROTATIONS; n++) await rotate();
  const after = await inUse();
  t.diagnostic(
    `${ROTATIONS} rotations: ${Math.round((after.heap - before.heap) / 1024)} KiB, ${after.handles} handles`,
  );
  assert.ok(after.heap - before.heap < MAX_GROWTH_BYTES, `${after.heap - before.heap} bytes more`);
  assert.ok(after.handles <= before.handles + 2, `${before.handles} handles before, ${after.handles} after`);
});

test('the rotation of a connection that could not connect, and that nobody can close, ends by itself', async (t) => {
  let deny = false;
  const { rotation, frontend, connect } = await clientScene(t, {
    answer: (stream, call) => (deny ? trailersOnly(stream, 7) : succeed(stream, call)),
  });
  await connect();
  deny = true;
  const { byName: address } = frontend;
  await assert.rejects(Connection.connect({ address, plugins: [rotation], interceptors: [] }));
  assert.equal(rotation.status().connections.length, 2, 'one that works, and one that failed at its first call');
  await eventually('the rotation of the failed one has ended', () => {
    collectGarbage();
    return rotation.status().connections.length === 1;
  });
});

/** After what is garbage has been collected, which takes a turn or two of the event loop for what has finalizers. */
async function inUse(): Promise<{ heap: number; handles: number }> {
  for (let n = 0; n < 5; n++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const handles = openResources();
  return { heap: process.memoryUsage().heapUsed, handles };
}
