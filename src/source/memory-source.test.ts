import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from '../../test/support/event-log.ts';
import { fakePair } from '../../test/support/fake-pair.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { MemorySource } from './memory-source.ts';

test('what is set is emitted when it is another pair', async () => {
  const clock = new ManualClock();
  const source = new MemorySource(fakePair('A'), { clock });
  const log = new EventLog(source.events, ['pair']);
  assert.equal(source.current?.id, 'A');
  source.set(fakePair('A'));
  assert.deepEqual(log.names, []);
  await clock.advance(1000);
  source.set(fakePair('B'));
  source.set(fakePair('A'));
  assert.deepEqual(
    log.of<{ id: string }>('pair').map(({ id }) => id),
    ['B', 'A'],
  );
  await source.readNow();
  const now = clock.now();
  assert.deepEqual(source.status(), {
    description: 'memory',
    noticedBy: 'caller',
    lastReadAtMs: now,
    lastGoodAtMs: now,
    lastChangeAtMs: now,
    problem: undefined,
  });
});

test('nothing comes after close', async () => {
  const source = new MemorySource();
  const log = new EventLog(source.events, ['pair']);
  await source.close();
  source.set(fakePair('A'));
  assert.equal(source.current, undefined);
  assert.deepEqual(log.names, []);
});
