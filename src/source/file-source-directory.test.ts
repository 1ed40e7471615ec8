import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type IssuedPair, issuePair } from '../../test/support/issued-pair.ts';
import { temporaryDirectory, WatchedSource } from '../../test/support/watched-source.ts';

async function fill(directory: string, { certificatePem, privateKeyPem }: IssuedPair): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'tls.crt'), certificatePem);
  await writeFile(join(directory, 'tls.key'), privateKeyPem);
}

async function watchDirectory(t: TestContext, directory: string, watch = true): Promise<WatchedSource> {
  const files = { certPath: join(directory, 'tls.crt'), keyPath: join(directory, 'tls.key') };
  return await WatchedSource.open(t, { ...files, settleMs: 50, graceMs: 100, watch, ...(watch ? {} : { pollMs: 50 }) });
}

test('the directory is replaced: the old one moved away, a new one moved in', async (t) => {
  const root = await temporaryDirectory(t);
  const certs = join(root, 'certs');
  const issued = await Promise.all(['one', 'two', 'three', 'four'].map((name) => issuePair(name)));
  const [one, two, three, four] = issued;
  if (!one || !two || !three || !four) return assert.fail();
  await fill(certs, one);
  const watched = await watchDirectory(t, certs);
  for (const next of [two, three]) {
    await fill(join(root, `new-${next.pair.id}`), next);
    await rename(certs, join(root, `old-${next.pair.id}`));
    await rename(join(root, `new-${next.pair.id}`), certs);
    await watched.untilCurrent(next.pair);
  }
  await fill(certs, four); // and what changes in the new one is noticed too
  await watched.untilCurrent(four.pair);
  return watched.assertPairs(issued.map(({ pair }) => pair));
});

test('the directory is removed and made again', async (t) => {
  const certs = join(await temporaryDirectory(t), 'certs');
  const [one, two, three] = [await issuePair('one'), await issuePair('two'), await issuePair('three')];
  await fill(certs, one);
  const watched = await watchDirectory(t, certs);
  await rm(certs, { recursive: true });
  await watched.untilProblem('ROTEY_FILE_MISSING');
  await fill(certs, two);
  await watched.untilCurrent(two.pair);
  await rm(certs, { recursive: true });
  await fill(certs, three);
  await watched.untilCurrent(three.pair);
  watched.assertPairs([one.pair, two.pair, three.pair]);
});

test('a directory that was made again at once, with the inode of the old one, is watched', async (t) => {
  const certs = join(await temporaryDirectory(t), 'certs');
  const issued = await Promise.all(['one', 'two', 'three'].map((name) => issuePair(name)));
  const [one, two, three] = issued;
  if (!one || !two || !three) return assert.fail();
  await fill(certs, one);
  const watched = await watchDirectory(t, certs);
  // In one go: no look can find it missing. ext4 gives the number of the old directory to the new one.
  rmSync(certs, { recursive: true });
  mkdirSync(certs);
  await fill(certs, two);
  await watched.untilCurrent(two.pair);
  await fill(certs, three);
  await watched.untilCurrent(three.pair);
  return watched.assertPairs(issued.map(({ pair }) => pair));
});

test('the directory is a link that is turned', async (t) => {
  const root = await temporaryDirectory(t);
  const certs = join(root, 'certs');
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  await fill(join(root, 'v1'), one);
  await fill(join(root, 'v2'), two);
  await symlink('v1', certs);
  const watched = await watchDirectory(t, certs);
  await symlink('v2', join(root, 'next'));
  await rename(join(root, 'next'), certs);
  await watched.untilCurrent(two.pair);
});

test('nothing is there at the start: a problem at once in the status, a pair when it comes', async (t) => {
  const certs = join(await temporaryDirectory(t), 'certs');
  const one = await issuePair('one');
  const watched = await watchDirectory(t, certs);
  assert.equal(watched.current, undefined);
  assert.equal(watched.source.status().problem?.code, 'ROTEY_FILE_MISSING');
  assert.notEqual(watched.source.status().lastReadAtMs, undefined);
  assert.equal(watched.source.status().lastGoodAtMs, undefined);
  await watched.untilProblem('ROTEY_FILE_MISSING');
  await fill(certs, one);
  await watched.untilCurrent(one.pair);
  assert.deepEqual(watched.log.names, ['problem', 'recovered', 'pair']);
});

test('a directory in the place of a file is a problem that passes', async (t) => {
  const certs = join(await temporaryDirectory(t), 'certs');
  const one = await issuePair('one');
  await fill(certs, one);
  const watched = await watchDirectory(t, certs);
  await rm(join(certs, 'tls.key'));
  await mkdir(join(certs, 'tls.key'));
  await watched.untilProblem('ROTEY_FILE_UNREADABLE');
  await rm(join(certs, 'tls.key'), { recursive: true });
  await fill(certs, one);
  await watched.log.until('recovered', () => watched.log.names.at(-1) === 'recovered');
  watched.assertPairs([one.pair]);
});

test('files that may not be read for a while', {
  skip: process.getuid?.() !== 0 && 'needs root to give rights away',
}, async (t) => {
  const certs = join(await temporaryDirectory(t), 'certs');
  await chmod(join(certs, '..'), 0o755);
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  await fill(certs, one);
  await chown(join(certs, 'tls.key'), 0, 0);
  const watched = await watchDirectory(t, certs);
  const nobody = 65_534;
  t.after(() => process.seteuid?.(0));
  await chmod(join(certs, 'tls.key'), 0o600);
  // The effective user of the threads that read: libuv's threads follow it.
  process.seteuid?.(nobody);
  await watched.source.readNow();
  await watched.untilProblem('ROTEY_FILE_UNREADABLE');
  assert.match(watched.problems[0]?.message ?? '', /permission denied/);
  assert.match(watched.problems[0]?.hint ?? '', /fsGroup/);
  process.seteuid?.(0);
  await fill(certs, two);
  await watched.untilCurrent(two.pair);
});

for (const [what, watch] of [
  ['events', true],
  ['polling', false],
] as const) {
  test(`a mount with ${what}: overwrite, rename, replaced directory`, async (t) => {
    const root = await temporaryDirectory(t);
    const certs = join(root, 'certs');
    const issued = await Promise.all(['one', 'two', 'three', 'four'].map((name) => issuePair(name)));
    const [one, two, three, four] = issued;
    if (!one || !two || !three || !four) return assert.fail();
    await fill(certs, one);
    const watched = await watchDirectory(t, certs, watch);
    assert.equal(watched.source.status().noticedBy, what);
    await fill(certs, two);
    await watched.untilCurrent(two.pair);
    await fill(join(root, 'next'), three);
    await rename(join(root, 'next', 'tls.key'), join(certs, 'tls.key'));
    await rename(join(root, 'next', 'tls.crt'), join(certs, 'tls.crt'));
    await watched.untilCurrent(three.pair);
    await rm(certs, { recursive: true });
    await fill(certs, four);
    await watched.untilCurrent(four.pair);
    return watched.assertPairs(issued.map(({ pair }) => pair));
  });
}
