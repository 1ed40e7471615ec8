import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakePair } from '../../test/support/fake-pair.ts';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import type { ExpiringEvent, HeldEvent, RotatedEvent } from './events.ts';
import { startRotation } from './start-rotation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

test('a candidate that is not yet valid is held until it is', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer(fakePair('B', { notBeforeMs: clock.now() + HOUR_MS, notAfterMs: clock.now() + DAY_MS }));
  assert.equal(rotation.status().state, 'holding');
  assert.deepEqual(rotation.status().nextAction, { what: 'attempt', atMs: clock.now() + HOUR_MS });
  assert.deepEqual(
    log.of<HeldEvent>('held').map(({ reason }) => reason),
    ['not-yet-valid'],
  );
  assert.deepEqual(await rotation.rotateNow(), { outcome: 'held', reason: 'not-yet-valid' });
  await clock.advance(HOUR_MS - 1);
  assert.equal(consumer.opens.length, 0);
  await clock.advance(1);
  await bench.accept();
  assert.equal(rotation.current?.session, 'B#2');
  assert.equal(log.of<HeldEvent>('held').length, 1);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('an expired candidate is held, and tried as soon as the current one has expired too', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const now = clock.now();
  const { rotation, log } = bench.adopt({
    pair: fakePair('A', { notBeforeMs: now - 540_000, notAfterMs: now + 60_000 }),
  });
  await bench.offer(fakePair('B', { notBeforeMs: now - HOUR_MS, notAfterMs: now - 1 }));
  await clock.advance(MINUTE_MS - 1);
  assert.equal(consumer.opens.length, 0);
  assert.equal(rotation.status().candidate?.held, 'expired');
  await clock.advance(1);
  assert.equal(consumer.last.request.identity.pair.id, 'B');
  await bench.accept();
  assert.equal(rotation.current?.session, 'B#2');
  assert.deepEqual(
    log.of<ExpiringEvent>('expiring').map(({ level, pair }) => `${pair.serial} ${level}`),
    ['A critical', 'A expired', 'B expired'],
  );
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('without a newer pair the session is re-made once, 90 s or a tenth of the lifetime before the end', async () => {
  for (const [lifetimeMs, beforeMs] of [
    [10 * MINUTE_MS, MINUTE_MS],
    [DAY_MS, 90_000],
  ] as const) {
    const bench = new Bench();
    const { clock, consumer } = bench;
    const now = clock.now();
    const { rotation, log } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now, notAfterMs: now + lifetimeMs }) });
    await clock.advance(lifetimeMs - beforeMs - 1);
    assert.equal(consumer.opens.length, 0);
    await clock.advance(1);
    assert.equal(consumer.last.request.purpose, 'remake');
    await bench.accept();
    assert.equal(rotation.current?.session, 'A#2');
    const [rotated] = log.of<RotatedEvent>('rotated');
    assert.deepEqual([rotated?.newPair, rotated?.cause], [false, 'expiry-near']);
    await clock.advance(DAY_MS);
    assert.equal(consumer.opens.length, 1, 'once');
    assert.deepEqual(
      log.of<ExpiringEvent>('expiring').map(({ level }) => level),
      ['warning', 'critical', 'expired'],
    );
    await rotation.close({ graceMs: 0 });
    bench.assertClean();
  }
});

test('a re-make that fails is repeated until the end, and then no more', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const now = clock.now();
  const { rotation } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now, notAfterMs: now + 10 * MINUTE_MS }) });
  await clock.advance(9 * MINUTE_MS);
  const attemptedAt: number[] = [];
  for (let seconds = 0; seconds < 300; seconds++) {
    if (!consumer.last.settled) {
      attemptedAt.push((clock.now() - now) / 1000);
      await bench.lose();
    }
    await clock.advance(500);
  }
  assert.deepEqual(attemptedAt, [540, 540.5, 541.5, 543.5, 547.5, 555.5, 571.5]);
  assert.equal(rotation.current?.session, 'A#1', 'the session in use outlives its leaf');
  assert.equal(rotation.status().current?.expiry, 'expired');
  assert.equal(rotation.status().nextAction, undefined);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a newer pair that arrives during the re-make goes first', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const now = clock.now();
  const { rotation } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now, notAfterMs: now + 10 * MINUTE_MS }) });
  await clock.advance(9 * MINUTE_MS);
  await bench.offer('B');
  assert.ok(consumer.opens[0]?.settled);
  await bench.accept();
  assert.equal(rotation.current?.session, 'B#2');
  await clock.advance(10 * MINUTE_MS);
  assert.equal(consumer.opens.length, 2);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a leaf that is valid for years: nobody spins, and the moment is met', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const now = clock.now();
  const { rotation, log } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now, notAfterMs: now + 3650 * DAY_MS }) });
  const before = clock.sleepsBegun;
  await clock.advance(HOUR_MS);
  const looks = clock.sleepsBegun - before;
  assert.ok(looks <= 2 * 360, `${looks} sleeps in an hour`);
  assert.deepEqual(log.names, []);
  assert.ok((rotation.status().nextAction?.atMs ?? 0) - clock.now() > 2 ** 31);
  clock.suspend(3650 * DAY_MS - HOUR_MS - 91_000);
  await clock.advance(11_000);
  assert.equal(consumer.opens.length, 1);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('the machine was suspended: it says so, looks at the source, and does what is due', async () => {
  const bench = new Bench();
  const { clock, source, consumer } = bench;
  const now = clock.now();
  const { rotation, log } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now, notAfterMs: now + DAY_MS }) });
  await bench.offer(fakePair('B', { notBeforeMs: now + HOUR_MS, notAfterMs: now + DAY_MS }));
  await clock.advance(5000);
  clock.suspend(2 * HOUR_MS);
  await clock.advance(10_000);
  assert.deepEqual(log.of('clockJumped'), [{ byMs: 2 * HOUR_MS }]);
  assert.equal(source.reads, 1);
  assert.equal(consumer.last.request.identity.pair.id, 'B');
  await bench.accept();
  await clock.advance(HOUR_MS);
  assert.equal(log.of('clockJumped').length, 1, 'once');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a source that cannot be looked at after a sleep does no harm', async () => {
  const bench = new Bench();
  const { clock, source } = bench;
  const { rotation, log } = bench.adopt();
  source.rejects = true;
  const rejected: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejected.push(reason);
  process.on('unhandledRejection', onRejection);
  clock.suspend(HOUR_MS);
  await clock.advance(10_000);
  process.off('unhandledRejection', onRejection);
  assert.equal(log.of('clockJumped').length, 1);
  assert.deepEqual(rejected, []);
  await rotation.close({ graceMs: 0 });
});

test('the machine was suspended during a long backoff: it is over', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const { rotation } = bench.adopt();
  await bench.offer('B');
  for (let failures = 0; failures < 8; failures++) {
    await bench.lose();
    if (failures < 7) await clock.advance(30_000);
  }
  const opens = consumer.opens.length;
  clock.suspend(HOUR_MS);
  await clock.advance(10_000);
  assert.equal(consumer.opens.length, opens + 1);
  assert.equal(rotation.status().candidate?.failures, 0);
  await bench.accept();
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('the machine was suspended during an attempt: that is noticed too', async () => {
  const bench = new Bench();
  const { clock, source } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  clock.suspend(HOUR_MS);
  await clock.advance(10_000);
  assert.deepEqual(log.of('clockJumped'), [{ byMs: HOUR_MS }]);
  assert.equal(source.reads, 1);
  await bench.accept();
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a clock that is set back is told, delays no retry and re-makes nothing twice', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const now = clock.now();
  const { rotation, log } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now, notAfterMs: now + DAY_MS }) });
  await bench.offer('B');
  await bench.lose();
  clock.stepWall(-6 * HOUR_MS);
  await clock.advance(500);
  assert.deepEqual(log.of('clockJumped'), [{ byMs: -6 * HOUR_MS }]);
  assert.equal(consumer.opens.length, 2);
  await bench.accept();
  await clock.advance(HOUR_MS);
  assert.equal(consumer.opens.length, 2);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a session that was made while the clock was far ahead is re-made in time once the clock is right', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const now = clock.now();
  clock.stepWall(40 * DAY_MS);
  const { rotation } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now - DAY_MS, notAfterMs: now + HOUR_MS }) });
  await clock.advance(10_000);
  clock.stepWall(-40 * DAY_MS);
  await clock.advance(HOUR_MS - 100_000 - 1);
  assert.equal(consumer.opens.length, 0);
  await clock.advance(1 + 90_000 - 80_000);
  assert.equal(consumer.last.request.purpose, 'remake');
  await bench.accept();
  await clock.advance(HOUR_MS);
  assert.equal(consumer.opens.length, 1, 'once');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('small drift between the clocks is no jump', async () => {
  const bench = new Bench();
  const { clock } = bench;
  const { rotation, log } = bench.adopt();
  for (let looks = 0; looks < 20; looks++) {
    clock.stepWall(looks % 2 === 0 ? 4000 : -4000);
    await clock.advance(10_000);
  }
  assert.deepEqual(log.names, []);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('an alarm that is due when the rotation begins reaches a listener that is attached right after', async () => {
  const bench = new Bench();
  const { clock, source, consumer } = bench;
  const now = clock.now();
  source.set(fakePair('A', { notBeforeMs: now - 8 * HOUR_MS, notAfterMs: now + 2 * HOUR_MS }));
  const starting = startRotation(bench.options);
  await settle();
  consumer.last.accept();
  const rotation = await starting;
  const levels: string[] = [];
  rotation.events.on('expiring', ({ level }) => levels.push(level));
  await clock.advance(10_000);
  assert.deepEqual(levels, ['warning']);
  await clock.advance(MINUTE_MS);
  assert.deepEqual(levels, ['warning'], 'once');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});
