import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakePair } from '../../test/support/fake-pair.ts';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import type { DrainedEvent } from './events.ts';
import { startRotation } from './start-rotation.ts';

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await settle();
  return settled;
}

test('an old session has 75 s for its calls, then it is cut', async () => {
  const bench = new Bench();
  const { clock } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  await bench.accept();
  const [draining] = rotation.status().draining;
  assert.equal(draining?.deadlineMs, clock.now() + 75_000);
  await clock.advance(74_999);
  assert.equal(rotation.status().draining.length, 1);
  await clock.advance(1);
  assert.deepEqual(rotation.status().draining, []);
  const [drained] = log.of<DrainedEvent>('drained');
  assert.deepEqual([drained?.callsCut, drained?.tookMs], [1, 75_000]);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

for (const maxDraining of [0, 1, 4]) {
  test(`at most ${maxDraining} sessions drain, beyond that the oldest is cut`, async () => {
    const bench = new Bench();
    const { rotation, log } = bench.adopt({ maxDraining });
    for (const name of ['B', 'C', 'D', 'E', 'F', 'G', 'H']) {
      await bench.offer(name);
      await bench.accept();
      assert.ok(rotation.status().draining.length <= maxDraining);
    }
    const cut = log.of<DrainedEvent>('drained');
    assert.deepEqual(
      cut.map(({ generation }) => generation),
      [1, 2, 3, 4, 5, 6, 7].slice(0, 7 - maxDraining),
    );
    await rotation.close({ graceMs: 0 });
    bench.assertClean();
  });
}

test('close lets calls finish, up to its grace', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const { rotation } = bench.adopt();
  await bench.offer('B');
  await bench.accept();
  const closing = rotation.close({ graceMs: 20_000 });
  assert.equal(rotation.status().state, 'closing');
  assert.deepEqual(consumer.retired, ['A#1', 'B#2']);
  consumer.retiring.get('B#2')?.finish();
  assert.equal(await isSettled(closing), false);
  await clock.advance(19_999);
  assert.equal(await isSettled(closing), false);
  await clock.advance(1);
  assert.equal(await isSettled(closing), true);
  assert.equal(rotation.status().state, 'closed');
  assert.equal(rotation.status().nextAction, undefined);
  assert.equal(rotation.current, undefined);
  await bench.offer('C');
  await clock.advance(600_000);
  assert.equal(consumer.opens.length, 1, 'nothing is opened after close');
  assert.deepEqual([...consumer.retiring], []);
  bench.assertClean();
});

test('close without options waits no longer than the drain cap', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt({ drainCapMs: 5000 });
  const closing = rotation.close();
  await bench.clock.advance(4999);
  assert.equal(await isSettled(closing), false);
  await bench.clock.advance(1);
  assert.equal(await isSettled(closing), true);
  bench.assertClean();
});

test('close with no grace ends everything at once, also when an earlier close let it drain', async () => {
  const bench = new Bench();
  const { consumer } = bench;
  const { rotation } = bench.adopt();
  await bench.offer('B');
  const patient = rotation.close();
  assert.equal(await isSettled(patient), false);
  const hasty = rotation.close({ graceMs: 0 });
  assert.equal(hasty, patient);
  assert.equal(await isSettled(patient), true);
  assert.ok(consumer.last.request.signal.aborted);
  assert.deepEqual(consumer.retired, ['A#1']);
  bench.assertClean();
});

test('close does not wait for a consumer that ignores its signal, and retires what comes late at once', async () => {
  const bench = new Bench();
  const { consumer } = bench;
  consumer.heedsAbort = false;
  const { rotation } = bench.adopt();
  await bench.offer('B');
  const forced = rotation.rotateNow();
  await settle();
  assert.equal(await isSettled(rotation.close({ graceMs: 0 })), true);
  const result = await forced;
  assert.equal(result.outcome, 'superseded');
  await bench.accept();
  assert.deepEqual(consumer.activated, ['A#1']);
  assert.deepEqual(consumer.retired, ['A#1', 'B#2']);
  assert.deepEqual([...consumer.retiring], []);
  bench.assertClean();
});

test('close with keepCurrent leaves the session in use alone', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt();
  await bench.offer('B');
  await bench.accept();
  await rotation.close({ graceMs: 0, keepCurrent: true });
  assert.deepEqual(bench.consumer.retired, ['A#1']);
  assert.equal(rotation.current?.session, 'B#2');
  bench.assertClean();
});

test('`await using` closes', async () => {
  const bench = new Bench();
  bench.consumer.retiresAtOnce = true;
  const { rotation } = bench.adopt();
  await rotation[Symbol.asyncDispose]();
  assert.equal(rotation.status().state, 'closed');
  bench.assertClean();
});

test('the abort signal ends an attempt, drains and timers at once; a session that was handed in stays', async () => {
  const bench = new Bench();
  const { consumer } = bench;
  const stop = new AbortController();
  const { rotation } = bench.adopt({ signal: stop.signal });
  await bench.offer('B');
  await bench.accept();
  await bench.offer('C');
  const forced = rotation.rotateNow();
  await settle();
  stop.abort();
  await settle();
  assert.equal(rotation.status().state, 'closed');
  assert.equal((await forced).outcome, 'superseded');
  assert.ok(consumer.last.settled);
  assert.deepEqual(consumer.retired, ['A#1'], 'the current one belongs to the caller');
  assert.deepEqual([...consumer.retiring], []);
  bench.assertClean();
});

test('the abort signal cuts what a patient close lets drain', async () => {
  const bench = new Bench();
  const stop = new AbortController();
  const { rotation } = bench.adopt({ signal: stop.signal });
  const closing = rotation.close();
  assert.equal(await isSettled(closing), false);
  stop.abort();
  assert.equal(await isSettled(closing), true);
  bench.assertClean();
});

test('the abort signal ends a start at once, wherever it is', async () => {
  const aborted = new Bench();
  aborted.source.set(fakePair('A'));
  await assert.rejects(startRotation({ ...aborted.options, signal: AbortSignal.abort() }), {
    code: 'ROTEY_ROTATION_CLOSED',
  });
  assert.deepEqual(aborted.consumer.opens, []);
  aborted.assertClean();

  const reading = new Bench();
  reading.source.hangs = true;
  const stopReading = new AbortController();
  const hanging = startRotation({ ...reading.options, signal: stopReading.signal });
  hanging.catch(() => undefined);
  assert.equal(await isSettled(hanging), false);
  stopReading.abort();
  assert.equal(await isSettled(hanging), true);
  await assert.rejects(hanging, { code: 'ROTEY_ROTATION_CLOSED' });
  reading.assertClean();

  const opening = new Bench();
  opening.consumer.heedsAbort = false;
  opening.source.set(fakePair('A'));
  const stopOpening = new AbortController();
  const starting = startRotation({ ...opening.options, signal: stopOpening.signal });
  starting.catch(() => undefined);
  await settle();
  assert.equal(opening.consumer.opens.length, 1);
  stopOpening.abort();
  await assert.rejects(starting, { code: 'ROTEY_ROTATION_CLOSED' });
  opening.consumer.last.accept();
  await settle();
  assert.deepEqual(opening.consumer.retired, ['A#1']);
  opening.assertClean();
});

test('closing while rotateNow reads the source answers at once', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt();
  bench.source.hangs = true;
  const forced = rotation.rotateNow();
  forced.catch(() => undefined);
  await settle();
  await rotation.close({ graceMs: 0 });
  await assert.rejects(forced, { code: 'ROTEY_ROTATION_CLOSED' });
  bench.assertClean();
});

for (const name of ['expiring', 'clockJumped', 'candidate', 'held', 'rotated', 'attemptFailed'] as const) {
  test(`closing in a listener of '${name}' ends it there: nothing is opened afterwards`, async () => {
    const bench = new Bench();
    const { clock, consumer } = bench;
    const now = clock.now();
    const { rotation, log } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now, notAfterMs: now + 600_000 }) });
    let opensAtClose = -1;
    rotation.events.on(name, () => {
      opensAtClose = consumer.opens.length;
      void rotation.close({ graceMs: 0 });
    });
    if (name === 'held') rotation.freeze();
    if (name === 'expiring' || name === 'clockJumped') {
      clock.suspend(590_000); // the re-make is due as well
      await clock.advance(10_000);
    } else await bench.offer('B');
    if (name === 'rotated') await bench.accept();
    if (name === 'attemptFailed') await bench.refuse();
    await clock.advance(600_000);
    assert.ok(log.names.includes(name));
    assert.equal(consumer.opens.length, opensAtClose);
    assert.equal(rotation.status().state, 'closed');
    const unused = consumer.opened.filter((session) => !consumer.retired.includes(session));
    assert.deepEqual(unused, []);
    bench.assertClean();
  });
}
