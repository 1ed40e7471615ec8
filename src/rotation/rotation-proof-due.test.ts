import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import type { AttemptFailedEvent, RotatedEvent } from './events.ts';

test('a proof that is due opens another session with the same pair', async () => {
  const bench = new Bench();
  const { consumer } = bench;
  const { rotation, log } = bench.adopt();
  rotation.remake('proof-due');
  await settle();
  assert.equal(consumer.last.request.purpose, 'remake');
  await bench.accept();
  const [rotated] = log.of<RotatedEvent>('rotated');
  assert.deepEqual([rotated?.cause, rotated?.newPair], ['proof-due', false]);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a server that has changed its mind is told, and asked again until it accepts', async () => {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation, log } = bench.adopt();
  rotation.remake('proof-due');
  await settle();
  const failedAt = clock.now();
  await bench.refuse('unknown CA');
  const [failed] = log.of<AttemptFailedEvent>('attemptFailed');
  assert.deepEqual([failed?.cause, failed?.verdict, failed?.failures], ['proof-due', 'refused', 1]);
  const { state, current, consecutiveFailures } = rotation.status();
  assert.deepEqual([state, current?.pair.subject, consecutiveFailures], ['serving', 'CN=A', 1]);
  assert.deepEqual(current?.failing, {
    code: 'ROTEY_CERTIFICATE_REFUSED',
    message: 'unknown CA',
    verdict: 'refused',
    sinceMs: failedAt,
  });

  await clock.advance(500);
  assert.equal(consumer.opens.length, 2, 'after the backoff, without being asked again');
  await bench.lose();
  assert.deepEqual(
    [rotation.status().current?.failing?.verdict, rotation.status().current?.failing?.sinceMs],
    ['unobtainable', failedAt],
  );
  await clock.advance(1000);
  await bench.accept();
  assert.equal(rotation.status().current?.failing, undefined);
  await clock.advance(3_600_000);
  assert.equal(consumer.opens.length, 3, 'it is done');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});

test('a newer pair that is accepted ends the failure of the one before', async () => {
  const bench = new Bench();
  const { rotation } = bench.adopt();
  rotation.remake('proof-due');
  await settle();
  await bench.refuse();
  await bench.offer('B');
  await bench.accept();
  const { current } = rotation.status();
  assert.deepEqual([current?.pair.subject, current?.failing], ['CN=B', undefined]);
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});
