import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakePair } from '../../test/support/fake-pair.ts';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import { RoteyError } from '../errors.ts';
import type { AttemptFailedEvent, DrainedEvent, RotatedEvent } from './events.ts';

test('an accepted candidate is activated, and the old session is retired after it', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  const { request } = consumer.last;
  assert.equal(request.purpose, 'candidate');
  assert.equal(request.identity.generation, 2);
  assert.equal(request.current?.session, 'A#1');
  assert.equal(rotation.status().state, 'proving');
  await clock.advance(1500);
  await bench.accept(['no namespace to ask about']);
  assert.deepEqual(consumer.activated, ['A#1', 'B#2']);
  assert.deepEqual(consumer.retired, ['A#1']);
  assert.equal(rotation.current?.session, 'B#2');
  assert.deepEqual(log.names, ['candidate', 'rotated']);
  const [rotated] = log.of<RotatedEvent>('rotated');
  assert.deepEqual(
    { ...rotated, pair: rotated?.pair.serial, previous: rotated?.previous?.serial },
    {
      generation: 2,
      pair: 'B',
      previous: 'A',
      newPair: true,
      cause: 'new-pair',
      tookMs: 1500,
      warnings: ['no namespace to ask about'],
    },
  );
  assert.deepEqual(
    rotation.status().draining.map(({ generation }) => generation),
    [1],
  );
  await clock.advance(2000);
  consumer.retiring.get('A#1')?.finish();
  await settle();
  const [drained] = log.of<DrainedEvent>('drained');
  assert.deepEqual({ ...drained, pair: drained?.pair.serial }, { generation: 1, pair: 'A', tookMs: 2000, callsCut: 0 });
  assert.deepEqual(rotation.status().draining, []);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a refused candidate is held, the current one serves, and it is tried again at 0.5 s doubling to 30 s', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  const waits: number[] = [];
  for (const expectedMs of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    await bench.refuse();
    assert.equal(rotation.current?.session, 'A#1');
    assert.equal(rotation.status().state, 'holding');
    const opens = consumer.opens.length;
    await clock.advance(expectedMs - 1);
    assert.equal(consumer.opens.length, opens, `too early, before ${expectedMs} ms`);
    await clock.advance(1);
    assert.equal(consumer.opens.length, opens + 1, `not after ${expectedMs} ms`);
    waits.push(expectedMs);
  }
  const failed = log.of<AttemptFailedEvent>('attemptFailed');
  assert.deepEqual(
    failed.map(({ retryInMs }) => retryInMs),
    waits,
  );
  assert.deepEqual(
    failed.map(({ failures }) => failures),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  assert.ok(failed.every(({ verdict, error }) => verdict === 'refused' && error.code === 'ROTEY_CERTIFICATE_REFUSED'));
  await bench.accept();
  assert.equal(rotation.current?.session, 'B#2', 'failed attempts use up no generation');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a new pair starts with a fresh backoff, at once', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  for (const waitMs of [500, 1000, 2000]) {
    await bench.refuse();
    await clock.advance(waitMs);
  }
  await bench.refuse();
  const opens = consumer.opens.length;
  await bench.offer('C');
  assert.equal(consumer.opens.length, opens + 1);
  await bench.refuse();
  assert.equal(log.of<AttemptFailedEvent>('attemptFailed').at(-1)?.retryInMs, 500);
  assert.equal(log.of<AttemptFailedEvent>('attemptFailed').at(-1)?.failures, 1);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('files that recover reset the backoff', async () => {
  const bench = new Bench();
  const { consumer, source } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  await bench.lose();
  source.events.emit('problem', new RoteyError('ROTEY_PAIR_MISMATCH', 'They do not match.'));
  assert.equal(consumer.opens.length, 1);
  source.events.emit('recovered');
  await settle();
  assert.equal(consumer.opens.length, 2);
  assert.deepEqual(log.names, ['candidate', 'attemptFailed', 'sourceProblem', 'sourceRecovered']);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a newer candidate aborts the attempt, and a late success is retired unused before the newer one is tried', async () => {
  const bench = new Bench();
  const { consumer } = bench;
  consumer.heedsAbort = false;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  const late = consumer.last;
  await bench.offer('C');
  await bench.offer('D');
  assert.ok(late.request.signal.aborted);
  assert.equal(consumer.opens.length, 1, 'never two at once');
  assert.equal(rotation.status().attempt?.aborted, true);
  assert.equal(rotation.status().candidate?.pair.serial, 'D');
  late.accept();
  await settle();
  assert.deepEqual(consumer.activated, ['A#1']);
  assert.deepEqual(consumer.retired, ['B#2']);
  assert.equal(consumer.opens.length, 2);
  assert.equal(consumer.last.request.identity.pair.id, 'D');
  await bench.accept();
  assert.equal(rotation.current?.session, 'D#2');
  assert.equal(rotation.status().consecutiveFailures, 0);
  assert.deepEqual(log.of<AttemptFailedEvent>('attemptFailed'), [], 'being superseded is no failure');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('going back to the pair in use cancels the candidate', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation } = bench.adopt();
  await bench.offer('B');
  const { signal } = consumer.last.request;
  await bench.offer('A');
  assert.ok(signal.aborted);
  assert.equal(rotation.status().candidate, undefined);
  assert.equal(rotation.status().state, 'serving');
  await clock.advance(600_000);
  assert.equal(consumer.opens.length, 1);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('going back to the pair that served before is a rotation like any other', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt();
  await bench.offer('B');
  await bench.accept();
  await bench.offer('A');
  await bench.accept();
  assert.equal(rotation.current?.session, 'A#3');
  assert.deepEqual(bench.consumer.retired, ['A#1', 'B#2']);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('an attempt that takes too long is aborted and repeated', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  await clock.advance(59_999);
  assert.equal(consumer.last.request.signal.aborted, false);
  await clock.advance(1);
  assert.ok(consumer.last.settled);
  const [failed] = log.of<AttemptFailedEvent>('attemptFailed');
  assert.equal(failed?.verdict, 'unobtainable');
  assert.equal(failed?.error.code, 'ROTEY_ATTEMPT_FAILED');
  await clock.advance(500);
  assert.equal(consumer.opens.length, 2);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a success that comes after the time limit is retired unused and counts as a failure', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  consumer.heedsAbort = false;
  const { rotation, log } = bench.adopt({ attemptTimeoutMs: 10_000 });
  await bench.offer('B');
  await clock.advance(60_000);
  assert.equal(consumer.opens.length, 1, 'it is still outstanding');
  await bench.accept();
  assert.deepEqual(consumer.retired, ['B#2']);
  assert.deepEqual(consumer.activated, ['A#1']);
  assert.equal(log.of<AttemptFailedEvent>('attemptFailed').length, 1);
  await clock.advance(500);
  await bench.accept();
  assert.equal(rotation.current?.session, "B#2'");
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('an attempt that ends long after its time says nothing about the pair that came since', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  consumer.heedsAbort = false;
  const { rotation, log } = bench.adopt({ attemptTimeoutMs: 10_000 });
  await bench.offer('B');
  await clock.advance(20_000);
  await bench.offer('C');
  await bench.lose();
  assert.equal(consumer.opens.length, 2, 'C is tried at once');
  assert.equal(consumer.last.request.identity.pair.id, 'C');
  assert.deepEqual(log.of<AttemptFailedEvent>('attemptFailed'), []);
  assert.equal(rotation.status().consecutiveFailures, 0);
  await bench.accept();
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a hung attempt does not silence the alarms', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  consumer.heedsAbort = false;
  const now = clock.now();
  const { rotation, log } = bench.adopt({ pair: fakePair('A', { notBeforeMs: now, notAfterMs: now + 600_000 }) });
  await bench.offer('B');
  await clock.advance(600_000);
  assert.deepEqual(
    log.of<{ level: string }>('expiring').map(({ level }) => level),
    ['warning', 'critical', 'expired'],
  );
  await bench.lose();
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});
