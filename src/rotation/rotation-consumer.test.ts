import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import type { AttemptFailedEvent, DrainedEvent } from './events.ts';

for (const [what, broken] of [
  ['an Error', new Error('boom')],
  ['a string', 'boom'],
] as const) {
  test(`a consumer that throws ${what} in open or activate is a failed attempt, and the current session serves`, async () => {
    const bench = new Bench();
    const { consumer, clock } = bench;
    const { rotation, log } = bench.adopt();
    consumer.openThrows = broken;
    await bench.offer('B');
    consumer.openThrows = undefined;
    await clock.advance(500);
    consumer.last.reject(broken);
    await settle();
    await clock.advance(1000);
    consumer.activateThrows = broken;
    await bench.accept();
    consumer.activateThrows = undefined;
    assert.equal(rotation.current?.session, 'A#1');
    assert.deepEqual(consumer.retired, ['B#2']);
    const failed = log.of<AttemptFailedEvent>('attemptFailed');
    assert.equal(failed.length, 3);
    for (const { error, verdict } of failed) {
      assert.equal(verdict, 'unobtainable');
      assert.equal(error.code, 'ROTEY_ATTEMPT_FAILED');
      assert.match(error.message, /boom/);
    }
    await clock.advance(2000);
    await bench.accept();
    assert.equal(rotation.current?.session, "B#2'");
    await rotation.close({ graceMs: 0 });
    bench.assertClean();
  });
}

test('a consumer that throws in retire does not stop anything', async () => {
  const bench = new Bench();
  const { consumer } = bench;
  const { rotation, log } = bench.adopt();
  consumer.retireThrows = new Error('boom');
  await bench.offer('B');
  await bench.accept();
  assert.equal(rotation.current?.session, 'B#2');
  assert.equal(log.of<DrainedEvent>('drained').length, 1);
  await bench.offer('C');
  await bench.accept();
  await rotation.close();
  assert.deepEqual(consumer.retired, ['A#1', 'B#2', 'C#3']);
  bench.assertClean();
});
