import assert from 'node:assert/strict';
import test from 'node:test';
import { selectTests } from './run-tests.ts';

const FILES = ['test/e2e/b.long.test.ts', 'test/e2e/c.test.ts', 'test/e2e/a.test.ts'];

test('takes every file, in a stable order', () => {
  assert.deepEqual(selectTests(FILES, { short: false, only: [] }), [
    'test/e2e/a.test.ts',
    'test/e2e/b.long.test.ts',
    'test/e2e/c.test.ts',
  ]);
});

test('a short run leaves the long ones out', () => {
  assert.deepEqual(selectTests(FILES, { short: true, only: [] }), ['test/e2e/a.test.ts', 'test/e2e/c.test.ts']);
});

test('words narrow the choice', () => {
  assert.deepEqual(selectTests(FILES, { short: false, only: ['e2e/c', 'b.long'] }), [
    'test/e2e/b.long.test.ts',
    'test/e2e/c.test.ts',
  ]);
});
