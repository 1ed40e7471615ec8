import assert from 'node:assert/strict';
import test from 'node:test';
import { brokenLinks } from './check-links.ts';

const FILES = new Map([
  ['docs/a.md', '# A page\n[b](b.md) [up](../README.md#what-is-here) [self](#a-page) [web](https://example.com/x)\n'],
  [
    'docs/b.md',
    '[gone](gone.md)\n```\n[code](nowhere.md)\n```\n`[more](code.md)` [no heading](a.md#b) [out](../../x)\n',
  ],
  ['README.md', '## What is here?\n'],
]);
const read = async (file: string): Promise<string | undefined> => FILES.get(file);

test('links that lead to a file and a heading are fine', async () => {
  assert.deepEqual(await brokenLinks('docs/a.md', read), []);
});

test('links to no file, to no heading, and out of the repository are found; what is code is no link', async () => {
  assert.deepEqual(await brokenLinks('docs/b.md', read), ['gone.md', 'a.md#b', '../../x']);
});
