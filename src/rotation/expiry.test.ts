import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ExpiryWatch, expiryLevel, nextExpiryChange, remakeAtMs } from './expiry.ts';

const LEAF = { notBeforeMs: 0, notAfterMs: 300_000 };
const DAY_MS = 86_400_000;

test('warns from a third of the lifetime on, urgently from a tenth', () => {
  const levels = [0, 199_999, 200_000, 269_999, 270_000, 299_999, 300_000, 400_000].map((at) => expiryLevel(LEAF, at));
  assert.deepEqual(levels, ['ok', 'ok', 'warning', 'warning', 'critical', 'critical', 'expired', 'expired']);
});

test('knows when the level changes next', () => {
  const next = [-5, 0, 200_000, 270_000, 299_999, 300_000].map((at) => nextExpiryChange(LEAF, at));
  assert.deepEqual(next, [200_000, 200_000, 270_000, 300_000, 300_000, undefined]);
});

test('re-makes a tenth of the lifetime before the end, but never more than 90 s', () => {
  assert.equal(remakeAtMs(LEAF), 270_000);
  assert.equal(remakeAtMs({ notBeforeMs: 0, notAfterMs: 900_000 }), 810_000);
  assert.equal(remakeAtMs({ notBeforeMs: 0, notAfterMs: 365 * DAY_MS }), 365 * DAY_MS - 90_000);
});

test('every level is reached at the moment that was announced for it', () => {
  const validity = fc.record({ from: fc.integer({ min: 0, max: 1e12 }), seconds: fc.integer({ min: 1, max: 1e9 }) });
  fc.assert(
    fc.property(validity, fc.double({ min: -0.5, max: 1.5, noNaN: true }), ({ from, seconds }, share) => {
      const leaf = { notBeforeMs: from, notAfterMs: from + seconds * 1000 };
      const nowMs = from + Math.round(share * seconds * 1000);
      const next = nextExpiryChange(leaf, nowMs);
      if (next === undefined) return assert.equal(expiryLevel(leaf, nowMs), 'expired');
      assert.ok(next > nowMs);
      assert.notEqual(expiryLevel(leaf, Math.ceil(next)), expiryLevel(leaf, nowMs));
      return assert.equal(expiryLevel(leaf, Math.max(nowMs, next - 2)), expiryLevel(leaf, nowMs));
    }),
  );
});

test('tells each level of each leaf once', () => {
  const watch = new ExpiryWatch();
  const told = [100_000, 200_000, 210_000, 270_000, 280_000, 300_000, 310_000].map((at) => watch.news('A', LEAF, at));
  assert.deepEqual(told, [undefined, 'warning', undefined, 'critical', undefined, 'expired', undefined]);
  assert.equal(watch.news('B', LEAF, 310_000), 'expired');
});
