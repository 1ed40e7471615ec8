import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakePair } from '../../test/support/fake-pair.ts';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import { startRotation } from './start-rotation.ts';

test('starting: the first session is opened, and its failure is the reason why there is no rotation', async () => {
  const bench = new Bench();
  await assert.rejects(startRotation(bench.options), { code: 'ROTEY_NO_PAIR' });
  bench.source.set(fakePair('A'));
  const failing = startRotation(bench.options);
  await settle();
  bench.consumer.last.refuse();
  await assert.rejects(failing, { code: 'ROTEY_CERTIFICATE_REFUSED' });
  bench.assertClean();
  const starting = startRotation(bench.options);
  await settle();
  bench.consumer.last.accept();
  const rotation = await starting;
  assert.equal(rotation.current?.session, 'A#1');
  assert.deepEqual(bench.consumer.activated, ['A#1']);
  await rotation.close({ graceMs: 0 });
  assert.deepEqual(bench.consumer.retired, ['A#1']);
  bench.assertClean();
});

test('starting with nothing there, for those who wait: the first pair that is accepted serves', async () => {
  const bench = new Bench();
  const rotation = await startRotation({ ...bench.options, waitForFirst: true });
  assert.equal(rotation.status().state, 'starting');
  assert.equal(rotation.status().nextAction, undefined);
  await bench.offer('A');
  await bench.lose();
  await bench.clock.advance(500);
  await bench.accept();
  assert.equal(rotation.current?.session, 'A#1');
  assert.equal(rotation.status().state, 'serving');
  await rotation.close({ graceMs: 0 });
  bench.assertClean();
});
