import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import type { HeldEvent, RehearsedEvent, RotatedEvent } from './events.ts';
import { startRotation } from './start-rotation.ts';

test('rotateNow: calls that overlap share one attempt', async () => {
  const bench = new Bench();
  const { consumer } = bench;
  const { rotation, log } = bench.adopt();
  const [first, second] = [rotation.rotateNow(), rotation.rotateNow()];
  await settle();
  assert.equal(consumer.opens.length, 1);
  assert.equal(consumer.last.request.purpose, 'remake');
  await bench.accept();
  assert.deepEqual(await first, { outcome: 'rotated', generation: 2 });
  assert.deepEqual(await second, { outcome: 'rotated', generation: 2 });
  const [rotated] = log.of<RotatedEvent>('rotated');
  assert.deepEqual([rotated?.newPair, rotated?.cause], [false, 'requested']);
  const third = rotation.rotateNow();
  await settle();
  await bench.accept();
  assert.deepEqual(await third, { outcome: 'rotated', generation: 3 });
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('rotateNow reads the source and does not wait for a backoff', async () => {
  const bench = new Bench();
  const { consumer, source } = bench;
  const { rotation } = bench.adopt();
  await bench.offer('B');
  for (let failures = 0; failures < 4; failures++) {
    await bench.refuse();
    const forced = rotation.rotateNow();
    await settle();
    assert.equal(consumer.opens.length, failures + 2);
    assert.equal(source.reads, failures + 1);
    await bench.refuse();
    assert.equal((await forced).outcome, 'refused');
  }
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('rotateNow joins the attempt that is under way, and follows a newer pair', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt();
  await bench.offer('B');
  const forced = rotation.rotateNow();
  await settle();
  assert.equal(bench.consumer.opens.length, 1);
  await bench.offer('C');
  assert.equal(bench.consumer.opens.length, 2);
  await bench.accept();
  assert.deepEqual(await forced, { outcome: 'rotated', generation: 2 });
  assert.equal(rotation.current?.session, 'C#2');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('rotateNow answers why nothing is tried', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt({ frozen: true });
  assert.deepEqual(await rotation.rotateNow(), { outcome: 'held', reason: 'frozen' });
  await bench.offer('B');
  assert.deepEqual(await rotation.rotateNow(), { outcome: 'held', reason: 'frozen' });
  await rotation.close({ graceMs: 0 });
  await assert.rejects(rotation.rotateNow(), { code: 'ROTEY_ROTATION_CLOSED' });
  const empty = await startRotation({ ...new Bench().options, waitForFirst: true });
  const result = await empty.rotateNow();
  assert.equal(result.outcome, 'unobtainable');
  await empty.close({ graceMs: 0 });
  assert.deepEqual(bench.consumer.opens, []);
});

test('rotateNow answers although a listener freezes while it begins', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt();
  rotation.events.on('clockJumped', () => rotation.freeze());
  bench.clock.suspend(60_000);
  assert.deepEqual(await rotation.rotateNow(), { outcome: 'held', reason: 'frozen' });
  assert.deepEqual(bench.consumer.opens, []);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('remake: requests collapse, a failure is not repeated, an accepted candidate will do', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation, log } = bench.adopt();
  rotation.remake('worker-started');
  rotation.remake('worker-started');
  await settle();
  assert.equal(consumer.opens.length, 1);
  await bench.accept();
  const [rotated] = log.of<RotatedEvent>('rotated');
  assert.deepEqual([rotated?.newPair, rotated?.cause], [false, 'worker-started']);
  await clock.advance(600_000);
  assert.equal(consumer.opens.length, 1);

  rotation.remake();
  await bench.lose();
  await clock.advance(600_000);
  assert.equal(consumer.opens.length, 2, 'tried once');

  rotation.remake();
  await bench.offer('B'); // supersedes it
  await bench.accept();
  await clock.advance(600_000);
  assert.equal(rotation.current?.identity.pair.id, 'B');
  assert.equal(consumer.opens.length, 4, 'no re-make after that');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('observe mode proves every candidate once and never activates one', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  consumer.retiresAtOnce = true;
  const { rotation, log } = bench.adopt({ mode: 'observe' });
  await bench.offer('B');
  assert.equal(consumer.last.request.purpose, 'rehearsal');
  await bench.refuse();
  await clock.advance(500);
  await bench.accept();
  assert.deepEqual(consumer.activated, ['A#1']);
  assert.deepEqual(consumer.retired, ['B#2']);
  assert.equal(rotation.status().candidate?.held, 'rehearsed');
  assert.equal(rotation.status().state, 'holding');
  await clock.advance(3_600_000);
  assert.equal(consumer.opens.length, 2);
  assert.deepEqual(await rotation.rotateNow(), { outcome: 'held', reason: 'rehearsed' });
  const forced = rotation.rotateNow();
  await bench.offer('C');
  await bench.accept();
  assert.ok(['rehearsed', 'held'].includes((await forced).outcome));
  rotation.remake();
  await settle();
  assert.equal(consumer.opens.length, 3, 'there is no re-make in observe mode');
  assert.deepEqual(
    log.of<HeldEvent>('held').map(({ reason, pair }) => `${pair.serial} ${reason}`),
    ['B rehearsed', 'C rehearsed'],
  );
  assert.deepEqual(
    log.of<RehearsedEvent>('rehearsed').map(({ pair, cause, tookMs }) => [pair.serial, cause, tookMs]),
    [
      ['B', 'new-pair', 500],
      ['C', 'new-pair', 0],
    ],
  );
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('observe mode without a session opens and uses the first', async () => {
  const bench = new Bench();
  const rotation = await startRotation({ ...bench.options, mode: 'observe', waitForFirst: true });
  await bench.offer('A');
  assert.equal(bench.consumer.last.request.purpose, 'candidate');
  await bench.accept();
  assert.deepEqual(bench.consumer.activated, ['A#1']);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('freeze aborts the attempt and holds everything; unfreeze goes on at once', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  rotation.freeze();
  await settle();
  assert.ok(consumer.last.settled);
  assert.equal(rotation.status().frozen, true);
  assert.equal(rotation.status().candidate?.held, 'frozen');
  await bench.offer('C');
  rotation.remake();
  await clock.advance(3_600_000);
  assert.equal(consumer.opens.length, 1);
  assert.deepEqual(
    log.of<HeldEvent>('held').map(({ reason, pair }) => `${pair.serial} ${reason}`),
    ['B frozen', 'C frozen'],
  );
  rotation.unfreeze();
  await settle();
  assert.equal(consumer.opens.length, 2);
  assert.equal(consumer.last.request.identity.pair.id, 'C');
  await bench.accept();
  assert.equal(rotation.current?.session, 'C#2');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('frozen and unfrozen while a deaf attempt is outstanding: its success is not used, then the pair is tried again', async () => {
  const bench = new Bench();
  const { consumer } = bench;
  consumer.heedsAbort = false;
  const { rotation } = bench.adopt();
  await bench.offer('B');
  rotation.freeze();
  rotation.unfreeze();
  await bench.accept();
  assert.deepEqual(consumer.retired, ['B#2']);
  assert.equal(consumer.opens.length, 2);
  await bench.accept();
  assert.equal(rotation.current?.session, "B#2'");
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('frozen does not stop the first session', async () => {
  const bench = new Bench();
  const rotation = await startRotation({ ...bench.options, frozen: true, waitForFirst: true });
  await bench.offer('A');
  rotation.freeze();
  await bench.accept();
  assert.equal(rotation.current?.session, 'A#1');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a listener may act on the rotation: unfreezing in `held` begins the attempt, and the status says so', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt({ frozen: true });
  rotation.events.on('held', () => rotation.unfreeze());
  await bench.offer('B');
  assert.equal(rotation.status().state, 'proving');
  assert.equal(rotation.status().nextAction, undefined);
  await bench.accept();
  assert.equal(rotation.current?.session, 'B#2');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('listeners that throw or reject do no harm', async () => {
  const bench = new Bench();
  const { rotation, log } = bench.adopt();
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  rotation.events.on('candidate', () => {
    throw new Error('listener one');
  });
  rotation.events.on('rotated', async () => {
    throw new Error('listener two');
  });
  await bench.offer('B');
  await bench.accept();
  assert.equal(rotation.current?.session, 'B#2');
  assert.deepEqual(log.names, ['candidate', 'rotated']);
  await rotation.close({ graceMs: 0 });
  await settle();
  process.off('warning', onWarning);
  assert.equal(warnings.filter(({ name }) => name === 'RoteyListenerWarning').length, 2);
  bench.assertClean();
});
