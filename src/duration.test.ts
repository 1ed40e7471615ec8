import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.ts';

test('durations are read as people write them', () => {
  const expected: readonly (readonly [string, number])[] = [
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['30d', 2_592_000_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
  ];
  for (const [text, ms] of expected) assert.equal(parseDuration(text), ms, text);
});

test('what is not clearly a duration is refused', () => {
  const texts = [
    '',
    '5',
    'm',
    '1M',
    '-5m',
    '+5m',
    '5 m',
    ' 5m',
    '5m ',
    '5min',
    '30m1h',
    '1m1m',
    '1h 30m',
    '1e3s',
    '.5h',
  ];
  for (const text of [...texts, `${'9'.repeat(20)}d`, 'Infinityms']) {
    assert.throws(() => parseDuration(text), RangeError, JSON.stringify(text));
  }
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
  );
});
