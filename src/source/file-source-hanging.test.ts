import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cannotHang, type HangingMount, mountHanging } from '../../test/support/hanging-mount.ts';
import { type IssuedPair, issuePair } from '../../test/support/issued-pair.ts';
import { ManualClock, untilDue } from '../../test/support/manual-clock.ts';
import { temporaryDirectory, WatchedSource } from '../../test/support/watched-source.ts';
import type { FileSourceOptions } from './file-source.ts';

interface Stage {
  readonly clock: ManualClock;
  readonly watched: WatchedSource;
  /** What was there before, and what {@link Stage.recover} brings. */
  readonly pairs: readonly [before: IssuedPair, after: IssuedPair];
  /** From now on the files are in a mount that hangs. */
  hang(): Promise<void>;
  /** The mount is gone, and the files are elsewhere. */
  recover(): Promise<void>;
}

/** A source whose files are reached by a link, which can be turned to a mount that hangs. */
async function openStage(t: TestContext, options: Pick<FileSourceOptions, 'graceMs'> = {}): Promise<Stage> {
  const directory = await temporaryDirectory(t);
  const [good, current] = [join(directory, 'good'), join(directory, 'current')];
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  await mkdir(good);
  const pointTo = async (target: string): Promise<void> => {
    await symlink(target, `${current}.new`);
    await rename(`${current}.new`, current);
  };
  const write = async ({ certificatePem, privateKeyPem }: IssuedPair): Promise<void> => {
    await writeFile(join(good, 'tls.crt'), certificatePem);
    await writeFile(join(good, 'tls.key'), privateKeyPem);
  };
  await write(one);
  await pointTo(good);
  const clock = new ManualClock();
  const files = { certPath: join(current, 'tls.crt'), keyPath: join(current, 'tls.key') };
  const opening = WatchedSource.open(t, { ...files, ...options, clock, watch: false });
  await untilDue(clock, 100);
  await clock.advance(100);
  const watched = await opening;
  let mount: HangingMount | undefined;
  return {
    clock,
    watched,
    pairs: [one, two],
    async hang() {
      mount = await mountHanging(t);
      await pointTo(mount.directory);
    },
    async recover() {
      await write(two);
      await pointTo(good);
      await mount?.release();
      await untilDue(clock, 100);
      await clock.advance(100);
    },
  };
}

test('a mount that hangs is told after 10 s, holds nobody up, and the source goes on when it answers again', {
  skip: cannotHang(),
}, async (t) => {
  const { clock, watched, pairs, hang, recover } = await openStage(t);
  const [one, two] = pairs;
  watched.assertPairs([one.pair]);

  await hang();
  const reading = watched.source.readNow();
  await clock.advance(9_999);
  assert.equal(watched.problems.length, 0);
  await clock.advance(1);
  await reading; // whoever waits for a look is told as well
  assert.equal(watched.current?.id, one.pair.id, 'the last good pair stays');
  assert.equal(watched.problems[0]?.code, 'ROTEY_FILE_UNREADABLE');
  assert.match(watched.problems[0]?.message ?? '', /has not answered for 10 s/);
  await watched.source.readNow(); // the next one is not held up either: it is known already
  await clock.advance(60_000);
  assert.equal(watched.problems.length, 1, 'no second look was begun, and nothing is said twice');

  await recover();
  await watched.untilCurrent(two.pair);
  assert.equal(watched.source.status().problem, undefined);
});

test('a mount that hangs is told after the grace where that is longer', { skip: cannotHang() }, async (t) => {
  const { clock, watched, hang, recover } = await openStage(t, { graceMs: 60_000 });
  await hang();
  const reading = watched.source.readNow();
  await clock.advance(10_000);
  await reading;
  await clock.advance(49_999);
  assert.equal(watched.problems.length, 0);
  await clock.advance(1);
  assert.match(watched.problems[0]?.message ?? '', /has not answered for 10 s/);
  await recover();
});
