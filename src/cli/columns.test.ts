import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COLUMNS, wrap } from './columns.ts';

test('lines are broken between words, and further ones are indented', () => {
  const long = 'x'.repeat(COLUMNS);
  assert.deepEqual(wrap('one two', '- ', '  '), ['- one two']);
  assert.deepEqual(wrap('', '- '), ['- ']);
  assert.deepEqual(wrap(`one ${long} two`, '- ', '  '), ['- one', `  ${long}`, '  two']);
});

test('no word is lost, and no line with several words is too long', () => {
  const words = fc.array(fc.stringMatching(/^[!-~]{1,50}$/), { maxLength: 30, minLength: 1 });
  fc.assert(
    fc.property(words, fc.nat({ max: 30 }), (list, indent) => {
      const lines = wrap(list.join(' '), ' '.repeat(indent));
      assert.deepEqual(
        lines.flatMap((line) => line.trim().split(' ')),
        list,
      );
      for (const line of lines) assert.ok(line.length <= COLUMNS || !line.trim().includes(' '), line);
    }),
  );
});
