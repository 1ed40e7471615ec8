import assert from 'node:assert/strict';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../test/support/watched-source.ts';
import { watchPoints } from './watch-points.ts';

/** The points below `root`, as `directory: names`. */
async function pointsBelow(root: string, ...files: string[]): Promise<Record<string, string[]>> {
  const points = await watchPoints(files);
  const below = [...points].filter(([directory]) => directory.startsWith(root));
  return Object.fromEntries(below.map(([directory, names]) => [relative(root, directory) || '.', [...names].sort()]));
}

const rootOf = async (t: TestContext): Promise<string> => await realpath(await temporaryDirectory(t));

test('a plain file: itself, and the directory that holds it', async (t) => {
  const root = await rootOf(t);
  await mkdir(join(root, 'certs'));
  await writeFile(join(root, 'certs', 'tls.crt'), '');
  const expected = { '.': ['certs'], certs: ['tls.crt'] };
  assert.deepEqual(await pointsBelow(root, join(root, 'certs', 'tls.crt')), expected);
  assert.deepEqual(await pointsBelow(root, relative(process.cwd(), join(root, 'certs', '.', 'tls.crt'))), expected);
});

test('a Kubernetes volume: the visible links, `..data` and what it leads to', async (t) => {
  const root = await rootOf(t);
  await mkdir(join(root, 'certs', '..one'), { recursive: true });
  await symlink('..one', join(root, 'certs', '..data'));
  for (const name of ['tls.crt', 'tls.key']) {
    await writeFile(join(root, 'certs', '..one', name), '');
    await symlink(`..data/${name}`, join(root, 'certs', name));
  }
  assert.deepEqual(await pointsBelow(root, join(root, 'certs', 'tls.crt'), join(root, 'certs', 'tls.key')), {
    '.': ['certs'],
    certs: ['..data', '..one', 'tls.crt', 'tls.key'],
    'certs/..one': ['tls.crt', 'tls.key'],
  });
});

test('what does not exist yet: the first entry that is missing', async (t) => {
  const root = await rootOf(t);
  assert.deepEqual(await pointsBelow(root, join(root, 'a', 'b', 'tls.crt')), { '.': ['a'] });
  await symlink('nowhere', join(root, 'a'));
  assert.deepEqual(await pointsBelow(root, join(root, 'a', 'b', 'tls.crt')), { '.': ['a', 'nowhere'] });
});

test('`link/..` is the parent of where the link leads, as for the kernel', async (t) => {
  const root = await rootOf(t);
  await mkdir(join(root, 'far', 'away'), { recursive: true });
  await writeFile(join(root, 'far', 'tls.crt'), '');
  await symlink('far/away', join(root, 'link'));
  const points = await pointsBelow(root, `${root}/link/../tls.crt`);
  assert.ok(points['far']?.includes('tls.crt'), JSON.stringify(points));
  assert.ok(points['.']?.includes('link'), JSON.stringify(points));
});

test('links in a circle end', async (t) => {
  const root = await rootOf(t);
  await symlink('b', join(root, 'a'));
  await symlink('a', join(root, 'b'));
  assert.deepEqual(await pointsBelow(root, join(root, 'a')), { '.': ['a', 'b'] });
});
