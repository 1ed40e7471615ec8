import assert from 'node:assert/strict';
import { test } from 'node:test';
import { next, stage } from './support/stage.ts';

test('observe mode proves every new certificate and uses none', async (t) => {
  const set = await stage(t, { rotation: { mode: 'observe' } });
  if (set === undefined) return;
  const { rotation, sandbox, connection } = set;
  const worker = await set.createWorker();
  await worker.runUntil(async () => {
    const leaf = await set.issue();
    const held = next(rotation, 'held', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    assert.equal((await held)[0].reason, 'rehearsed');
    // The server has seen it, in the proof; the Worker goes on with the first.
    await sandbox.calls.waitFor(({ serial, method }) => serial === leaf.serial && method === 'GetSystemInfo');
    assert.equal(await set.greet(set.observer, 'observed'), 'Hello observed!');
    assert.equal(rotation.status().connections[0]?.current?.pair.serial, set.firstSerial);
    const bad = await set.issue();
    const rule = await sandbox.refuse({ serial: bad.serial });
    const refused = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === bad.serial);
    await set.publish(bad);
    assert.equal((await refused)[0].verdict, 'refused');
    await rule.clear();
    const work = sandbox.calls
      .entries()
      .filter(({ method }) => method.startsWith('Respond') || method.startsWith('Poll'));
    assert.deepEqual([...new Set(work.map(({ serial }) => serial))], [set.firstSerial]);
  });
  await connection.close();
});

test('a frozen rotation stays on its identity, and goes on where it was when it is let go', async (t) => {
  process.env['ROTEY_FREEZE'] = '1';
  t.after(() => delete process.env['ROTEY_FREEZE']);
  const set = await stage(t);
  if (set === undefined) return;
  const { rotation, connection } = set;
  const worker = await set.createWorker();
  await worker.runUntil(async () => {
    const leaf = await set.issue();
    const held = next(rotation, 'held', ({ reason }) => reason === 'frozen');
    await set.publish(leaf);
    await held;
    assert.deepEqual(await rotation.rotateNow(), [{ outcome: 'held', reason: 'frozen' }]);
    assert.equal(rotation.status().connections[0]?.current?.pair.serial, set.firstSerial);
    const rotated = next(rotation, 'rotated', ({ pair }) => pair.serial === leaf.serial);
    rotation.unfreeze();
    await rotated;
    assert.equal(await set.greet(set.observer, 'thawed'), 'Hello thawed!');
  });
  await connection.close();
});
