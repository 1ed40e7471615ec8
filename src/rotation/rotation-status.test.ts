import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakePair } from '../../test/support/fake-pair.ts';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import { RoteyError } from '../errors.ts';
import { startRotation } from './start-rotation.ts';
import type { RotationStatus } from './status.ts';

/** What a person looks at first, pairs by their names and times relative to `sinceMs`. */
function brief(status: RotationStatus, sinceMs: number): object {
  const ago = (atMs: number | undefined): number | undefined => (atMs === undefined ? undefined : atMs - sinceMs);
  return {
    state: status.state,
    current: status.current && `${status.current.pair.serial}#${status.current.generation}`,
    candidate: status.candidate && [status.candidate.pair.serial, status.candidate.failures, status.candidate.held],
    attempt: status.attempt && [status.attempt.pair.serial, status.attempt.cause, ago(status.attempt.sinceMs)],
    lastAttempt: ago(status.lastAttemptAtMs),
    lastSuccess: ago(status.lastSuccessAtMs),
    lastError: status.lastError && [status.lastError.code, ago(status.lastError.atMs)],
    failures: status.consecutiveFailures,
    next: status.nextAction && [status.nextAction.what, ago(status.nextAction.atMs)],
    draining: status.draining.map(({ generation }) => generation),
  };
}

test('the status tells the truth from the first attempt to the end', async () => {
  const bench = new Bench();
  const { clock, consumer, source } = bench;
  const start = clock.now();
  const leaf = { notBeforeMs: start, notAfterMs: start + 600_000 };
  const rotation = await startRotation({ ...bench.options, waitForFirst: true });
  const status = (): object => brief(rotation.status(), start);
  const nothing = {
    current: undefined,
    candidate: undefined,
    attempt: undefined,
    lastAttempt: undefined,
    lastSuccess: undefined,
    lastError: undefined,
    failures: 0,
    next: undefined,
    draining: [],
  };
  assert.deepEqual(status(), { ...nothing, state: 'starting' });

  await bench.offer(fakePair('A', leaf));
  const first = { ...nothing, lastAttempt: 0, candidate: ['A', 0, undefined] };
  assert.deepEqual(status(), { ...first, state: 'proving', attempt: ['A', 'new-pair', 0] });

  await clock.advance(100);
  await bench.lose();
  const failed = { ...first, lastError: ['ROTEY_CONNECT_REFUSED', 100], failures: 1 };
  assert.deepEqual(status(), {
    ...failed,
    state: 'starting',
    candidate: ['A', 1, 'retry-later'],
    next: ['attempt', 600],
  });

  await clock.advance(500);
  await bench.accept();
  const serving = { ...nothing, state: 'serving', current: 'A#1', lastAttempt: 600, lastSuccess: 600 };
  assert.deepEqual(status(), { ...serving, next: ['look', 400_000] });

  await bench.offer(fakePair('B', { notBeforeMs: start + 1000, notAfterMs: start + 900_000 }));
  assert.deepEqual(status(), {
    ...serving,
    state: 'holding',
    candidate: ['B', 0, 'not-yet-valid'],
    next: ['attempt', 1000],
  });

  await clock.advance(400);
  const proving = { ...serving, state: 'proving', lastAttempt: 1000 };
  assert.deepEqual(status(), { ...proving, candidate: ['B', 0, undefined], attempt: ['B', 'new-pair', 1000] });

  await bench.refuse();
  const refused = {
    ...serving,
    state: 'holding',
    lastAttempt: 1000,
    lastError: ['ROTEY_CERTIFICATE_REFUSED', 1000],
    failures: 1,
  };
  assert.deepEqual(status(), { ...refused, candidate: ['B', 1, 'retry-later'], next: ['attempt', 1500] });

  rotation.freeze();
  assert.deepEqual(status(), { ...refused, candidate: ['B', 1, 'frozen'], next: ['look', 400_000] });
  rotation.unfreeze();

  await bench.offer(fakePair('A', leaf));
  assert.deepEqual(status(), { ...refused, state: 'serving', next: ['look', 400_000] }, 'the last error stays');

  await bench.offer(fakePair('C', { notBeforeMs: start, notAfterMs: start + 900_000 }));
  await bench.accept();
  const rotated = { ...nothing, state: 'serving', current: 'C#2', lastAttempt: 1000, lastSuccess: 1000 };
  assert.deepEqual(status(), { ...rotated, draining: [1], next: ['look', 600_000] });
  consumer.retiring.get('A#1')?.finish();
  await settle();
  assert.deepEqual(status(), { ...rotated, next: ['look', 600_000] });

  await clock.advance(800_000);
  assert.deepEqual(status(), { ...rotated, next: ['attempt', 810_000] });
  assert.equal(rotation.status().current?.expiry, 'warning');

  source.events.emit('problem', new RoteyError('ROTEY_PAIR_MISMATCH', 'They do not match.'));
  assert.deepEqual(status(), { ...rotated, next: ['attempt', 810_000] }, 'unreadable files do not touch what serves');

  const closing = rotation.close();
  assert.deepEqual(status(), { ...rotated, state: 'closing', current: undefined, draining: [2] });
  consumer.retiring.get('C#2')?.finish();
  await closing;
  assert.deepEqual(status(), { ...rotated, state: 'closed', current: undefined });
  bench.assertClean();
});

test('the status and the events hold no key', async () => {
  const bench = new Bench();
  const { rotation, log } = bench.adopt();
  await bench.offer('B');
  await bench.accept();
  assert.doesNotMatch(JSON.stringify([rotation.status(), log.entries]), /PRIVATE|privateKey/i);
  await rotation.close({ graceMs: 0 });
});

test('durations that are none are refused at once, not when they come to be shown', () => {
  for (const name of ['drainCapMs', 'attemptTimeoutMs'] as const) {
    for (const value of [Number.POSITIVE_INFINITY, Number.NaN, -1, 1e300]) {
      assert.throws(() => new Bench().adopt({ [name]: value }), RangeError, `${name}: ${value}`);
    }
  }
});
