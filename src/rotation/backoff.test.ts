import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs, DEFAULT_BACKOFF } from './backoff.ts';

test('waits half a second, doubling to 30 s', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((failures) => backoffMs(failures, 0.5));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('spreads each wait by a fifth in both directions', () => {
  assert.equal(backoffMs(1, 0), 400);
  assert.equal(backoffMs(1, 1), 600);
  assert.equal(backoffMs(100, 0), 24_000);
});

test('stays within its bounds for any number of failures', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), random, (failures, share) => {
      const waitMs = backoffMs(failures, share);
      const { firstMs, maxMs, jitter } = DEFAULT_BACKOFF;
      assert.ok(waitMs >= firstMs * (1 - jitter) && waitMs <= maxMs * (1 + jitter), `${waitMs}`);
    }),
  );
});
