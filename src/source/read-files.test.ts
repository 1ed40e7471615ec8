import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSingleFile } from './read-files.ts';

test('a regular file that has no size and no end is refused before it fills the memory', {
  skip: process.platform !== 'linux' && 'there is /proc on Linux only',
}, async () => {
  await assert.rejects(readSingleFile('/proc/self/pagemap'), { code: 'ROTEY_FILE_TOO_LARGE' });
});

test('a regular file that has no size is read to its end', {
  skip: process.platform !== 'linux' && 'there is /proc on Linux only',
}, async () => {
  assert.match((await readSingleFile('/proc/self/status')).toString(), /^Name:[\s\S]*\n$/);
});
