import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wrap } from './wrap.ts';

test('lines are broken at blanks, and further ones are indented', () => {
  assert.equal(wrap('one two three', { indent: 2, first: 6, width: 12 }), 'one\n  two three');
  assert.equal(wrap('', { indent: 2 }), '');
  assert.equal(wrap('/a/path/that/has/no/blank b', { indent: 1, width: 8 }), '/a/path/that/has/no/blank\n b');
});

test('no word is lost, and no line with several words is too long', () => {
  const words = fc.array(fc.stringMatching(/^[!-~]{1,30}$/), { maxLength: 30 });
  fc.assert(
    fc.property(words, fc.nat({ max: 10 }), (list, indent) => {
      const text = wrap(list.join(' '), { indent, width: 40 });
      assert.deepEqual(text.split(/\s+/).filter(Boolean), list);
      for (const [index, line] of text.split('\n').entries()) {
        const shown = index === 0 ? ' '.repeat(indent) + line : line;
        assert.ok(shown.length <= 40 || !line.trim().includes(' '), line);
      }
    }),
  );
});
