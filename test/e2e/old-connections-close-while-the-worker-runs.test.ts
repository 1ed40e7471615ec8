import assert from 'node:assert/strict';
import { test } from 'node:test';
import { next, stage } from './support/stage.ts';

/** Longer than a long poll (70 s), which is all that may keep an old connection open. */
const DEADLINE_MS = 90_000;

test('old connections close while the Worker runs on; only its first one stays, idle, until the server ends it', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { sandbox, rotation, connection } = set;
  const worker = await set.createWorker();
  const unpinned = next(rotation, 'rotated', ({ cause }) => cause === 'worker-started');
  const running = worker.run();
  await unpinned;
  for (let n = 0; n < 3; n++) await set.rotate();
  const serial = await set.rotate();
  const first = sandbox.sessions.entries().find((session) => session.serial === set.firstSerial);
  const old = (): number =>
    sandbox.sessions
      .entries()
      .filter((session) => session.endedAtMs === undefined && session.id !== first?.id)
      .filter((session) => session.serial !== serial && session.serial !== set.observerSerial).length;
  const deadline = Date.now() + DEADLINE_MS;
  // Work makes the long polls return; without it they do so by themselves after a minute.
  while (old() > 0 && Date.now() < deadline) {
    await Promise.all(Array.from({ length: 20 }, (_, n) => set.greet(set.observer, `visitor ${n}`)));
  }
  assert.equal(old(), 0, 'no connection with an older certificate is open, but the one that the core keeps');
  assert.equal(worker.getState(), 'RUNNING');
  worker.shutdown();
  await running;
  await connection.close();
});
