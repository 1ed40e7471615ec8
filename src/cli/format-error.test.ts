import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoteyError } from '../errors.ts';
import { exitCodeOf } from './exit-code.ts';
import { formatError } from './format-error.ts';
import { type Paint, paintFor } from './paint.ts';

const plain: Paint = (_colour, text) => text;

test('an error is one block: code, message, the last lines of the log, what to do', () => {
  const error = new RoteyError('ROTEY_SANDBOX_FAILED', 'It ended.', {
    hint: 'Try again.',
    context: { log: `first\n${'x'.repeat(500)}` },
  });
  assert.equal(
    formatError(error, plain, false),
    `ROTEY_SANDBOX_FAILED: It ended.\n  | first\n  | ${'x'.repeat(400)}…\n  Try again.`,
  );
});

test('an error that is not ours says how to report it', () => {
  assert.match(formatError(new Error('oops'), plain, false), /unexpectedly: oops\n {2}This is a bug/);
});

test('stack and causes are shown for debugging only', () => {
  const error = new RoteyError('ROTEY_USAGE', 'Wrong.', { cause: new Error('why') });
  assert.doesNotMatch(formatError(error, plain, false), /why|at /);
  assert.match(formatError(error, plain, true), /why[\s\S]*at /);
});

test('exit codes follow from error codes', () => {
  const expected = {
    ROTEY_USAGE: 2,
    ROTEY_CONFIG_INVALID: 2,
    ROTEY_CONNECT_REFUSED: 4,
    ROTEY_DNS_FAILED: 4,
    ROTEY_INTERRUPTED: 130,
  } as const;
  for (const [code, exitCode] of Object.entries(expected)) {
    assert.equal(exitCodeOf(new RoteyError(code as keyof typeof expected, '')), exitCode); // its own keys
  }
  assert.equal(exitCodeOf(new RoteyError('ROTEY_SANDBOX_FAILED', '')), 1);
  assert.equal(exitCodeOf(new Error('oops')), 1);
});

test('colours are for terminals', () => {
  const code = String.fromCharCode(27);
  assert.ok(paintFor({ isTTY: true }, {})('red', 'x').includes(code));
  assert.equal(paintFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'x'), 'x');
  assert.equal(paintFor({ isTTY: true }, { TERM: 'dumb' })('red', 'x'), 'x');
  assert.equal(paintFor({}, {})('red', 'x'), 'x');
});

test('no path or word of a file steers a terminal', () => {
  const error = new RoteyError('ROTEY_USAGE', 'No \u001b[31m\nhere.', { hint: 'It has: a\u009b2J.' });
  assert.equal(formatError(error, plain, false), 'ROTEY_USAGE: No \\1b[31m\nhere.\n  It has: a\\c2\\9b2J.');
});
