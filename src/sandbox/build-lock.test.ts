import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { takeBuildLock } from './build-lock.ts';
import { temporaryDirectory } from './testing/fake-go.ts';

test('the second waits for the first, and says for whom', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'lock');
  const order: string[] = [];
  const giveBack = await takeBuildLock(path);
  let told: (pid: number) => void = () => undefined;
  const waits = new Promise<number>((resolve) => {
    told = resolve;
  });
  const second = takeBuildLock(path, { onWait: told }).then(async (giveBackToo) => {
    order.push('second');
    await giveBackToo();
  });
  assert.equal(await waits, process.pid);
  order.push('first');
  await giveBack();
  await second;
  assert.deepEqual(order, ['first', 'second']);
  assert.deepEqual(await readdir(directory), [], 'nothing stays behind');
});

test('the locks of dead processes, and what is no lock, are broken', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  const { pid } = spawnSync('true');
  for (const contents of [JSON.stringify({ pid }), 'nonsense', '', '{}', '{"pid":-1}']) {
    await writeFile(path, contents);
    const giveBack = await takeBuildLock(path, { onWait: () => assert.fail('waited') });
    await giveBack();
  }
});

test('of many at once only one holds it', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  let holders = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const giveBack = await takeBuildLock(path);
      holders += 1;
      assert.equal(holders, 1);
      await new Promise(setImmediate);
      holders -= 1;
      await giveBack();
    }),
  );
});

test('waiting can be aborted', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await takeBuildLock(path);
  const abort = new AbortController();
  await assert.rejects(takeBuildLock(path, { signal: abort.signal, onWait: () => abort.abort() }), {
    name: 'AbortError',
  });
});

test('a lock of a process that had our pid, as in a container before this one, is broken', async (t) => {
  const path = join(await temporaryDirectory(t), 'lock');
  await writeFile(path, JSON.stringify({ pid: process.pid, token: 'of somebody who is gone' }));
  const giveBack = await takeBuildLock(path, { signal: AbortSignal.timeout(10_000) });
  await giveBack();
});
