import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeTime } from './describe.ts';

test('a time is told without fractions of a second, and one that is none is told as such', () => {
  assert.equal(describeTime(Date.UTC(2026, 10, 24, 8)), '2026-11-24T08:00:00Z');
  assert.equal(describeTime(Date.parse('Bad time value')), 'unreadable');
});
