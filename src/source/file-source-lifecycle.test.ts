import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type IssuedPair, issuePair } from '../../test/support/issued-pair.ts';
import { ManualClock, untilDue } from '../../test/support/manual-clock.ts';
import { temporaryDirectory, WatchedSource } from '../../test/support/watched-source.ts';
import { type FileSourceOptions, watchFiles } from './file-source.ts';

async function setUp(t: TestContext): Promise<{ one: IssuedPair; two: IssuedPair; files: FileSourceOptions }> {
  const directory = join(await temporaryDirectory(t), 'certs');
  await mkdir(directory);
  const files = { certPath: join(directory, 'tls.crt'), keyPath: join(directory, 'tls.key') };
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  await write(files, one);
  return { one, two, files };
}

async function write({ certPath, keyPath }: FileSourceOptions, issued: IssuedPair): Promise<void> {
  await writeFile(certPath, issued.certificatePem);
  await writeFile(keyPath, issued.privateKeyPem);
}

const PROGRAM = fileURLToPath(new URL('../../test/support/watching-program.ts', import.meta.url));

async function runProgram(what: 'exit' | 'idle', { certPath, keyPath }: FileSourceOptions): Promise<string[]> {
  const args = ['--import', 'tsx', PROGRAM, what, certPath, keyPath];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  return stdout.trim().split('\n');
}

test('a program ends by itself with a source that is open', async (t) => {
  const { files } = await setUp(t);
  assert.deepEqual(await runProgram('exit', files), ['one']); // it would be killed, and reject, otherwise
});

test('watching costs no measurable CPU', async (t) => {
  const { files } = await setUp(t);
  const [, share] = await runProgram('idle', files);
  assert.ok(Number(share) < 0.05, `${share} of one CPU, polling ten times as often as by default`);
});

test('close stops everything: no event, no timer, no look afterwards', async (t) => {
  const { two, files } = await setUp(t);
  const clock = new ManualClock();
  const opening = WatchedSource.open(t, { ...files, clock });
  await untilDue(clock, 100);
  await clock.advance(100);
  const watched = await opening;
  const looking = watched.source.readNow();
  await write(files, two);
  await watched.source.close();
  await looking;
  assert.equal(clock.sleeping, 0, 'timers are left');
  await watched.source.readNow();
  await write(files, two);
  for (let turns = 0; turns < 50; turns++) await immediate();
  assert.deepEqual(watched.log.names, []);
  assert.equal(clock.sleeping, 0, 'timers are left');
  assert.equal(watched.source.status().noticedBy, 'polling');
  await watched.source.close();
});

test('close in the middle of a look, at every stage of it', async (t) => {
  const { one, two, files } = await setUp(t);
  for (let turns = 0; turns < 25; turns++) {
    await write(files, one);
    const source = await watchFiles({ ...files, settleMs: 1, graceMs: 1 });
    let closed = false;
    for (const name of ['pair', 'problem', 'recovered'] as const) {
      source.events.on(name, () => assert.equal(closed, false, `'${name}' after close`));
    }
    await write(files, two);
    if (turns % 3 === 0) await rm(files.keyPath);
    const looking = source.readNow();
    for (let turn = 0; turn < turns; turn++) await immediate();
    await source.close();
    closed = true;
    await looking;
    for (let turn = 0; turn < 20; turn++) await immediate();
  }
});

test('`await using` closes', async (t) => {
  const { files } = await setUp(t);
  const clock = new ManualClock();
  const opening = watchFiles({ ...files, clock });
  await untilDue(clock, 100);
  await clock.advance(100);
  const source = await opening;
  await source[Symbol.asyncDispose]();
  assert.equal(clock.sleeping, 0, 'timers are left');
});

test('readNow: what was written before the call has been looked at when it resolves', async (t) => {
  const { one, two, files } = await setUp(t);
  const watched = await WatchedSource.open(t, { ...files, watch: false, settleMs: 20 });
  for (const next of [two, one, two, one]) {
    const earlier = watched.source.readNow();
    await write(files, next);
    await watched.source.readNow();
    assert.equal(watched.current?.id, next.pair.id);
    await earlier;
  }
});

test('files that never hold still are a problem after 10 s, and nobody waits longer', async (t) => {
  const { two, files } = await setUp(t);
  const clock = new ManualClock();
  const opening = WatchedSource.open(t, { ...files, watch: false, clock });
  await untilDue(clock, 100);
  await clock.advance(100);
  const watched = await opening;
  // By rename: a file that is being written is empty for a moment, each time the same.
  const put = async (content: string): Promise<void> => {
    await writeFile(`${files.certPath}.new`, content);
    await rename(`${files.certPath}.new`, files.certPath);
  };
  await put('version 0');
  let ended = false;
  const reading = watched.source.readNow().then(() => {
    ended = true;
  });
  for (let version = 1; !ended; version++) {
    await untilDue(clock, 100);
    await put(`version ${version}`);
    await clock.advance(clock.untilNextMs);
    await immediate();
  }
  await reading;
  assert.equal(watched.source.status().problem?.code, 'ROTEY_FILE_CHANGING');
  const recovering = watched.untilCurrent(two.pair);
  await write(files, two);
  const again = watched.source.readNow();
  while (watched.current?.id !== two.pair.id) {
    if (clock.untilNextMs <= 100) await clock.advance(clock.untilNextMs);
    await immediate();
  }
  await Promise.all([again, recovering]);
});

test('impossible durations are refused', async () => {
  const files = { certPath: '/nowhere/tls.crt', keyPath: '/nowhere/tls.key' };
  for (const broken of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const name of ['pollMs', 'settleMs', 'graceMs']) {
      await assert.rejects(watchFiles({ ...files, [name]: broken }), RangeError);
    }
  }
});
