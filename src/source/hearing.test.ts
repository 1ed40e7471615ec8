import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hearing } from './hearing.ts';

test('a change with an event before the look, during it, or after it is heard', () => {
  const hearing = new Hearing();
  hearing.looked(false);
  hearing.heard();
  hearing.looked(true);
  hearing.looked(false);
  assert.equal(hearing.isDeaf, false);
  hearing.looked(true);
  hearing.heard(); // a poll was quicker
  hearing.looked(false);
  hearing.looked(false);
  assert.equal(hearing.isDeaf, false);
});

test('a change without any event until the end of the next look is not; the next event mends it', () => {
  const hearing = new Hearing();
  hearing.looked(true);
  assert.equal(hearing.isDeaf, false);
  hearing.looked(false);
  assert.equal(hearing.isDeaf, true);
  hearing.looked(false);
  assert.equal(hearing.isDeaf, true);
  hearing.heard();
  assert.equal(hearing.isDeaf, false);
  hearing.looked(true);
  hearing.looked(false);
  assert.equal(hearing.isDeaf, false);
});
