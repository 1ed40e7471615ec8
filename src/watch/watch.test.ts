import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { EventLog } from '../../test/support/event-log.ts';
import { ManualClock, untilDue } from '../../test/support/manual-clock.ts';
import { ROTATION_EVENTS } from '../../test/support/rotation-bench.ts';
import {
  type Answer,
  createTestPki,
  denyNamespaces,
  startFrontend,
  succeed,
  type TestPki,
} from '../probe/testing/servers.ts';
import type { AttemptFailedEvent, RotatedEvent } from '../rotation/index.ts';
import { ProofGate } from './proof-gate.ts';
import { NO_SECRETS, publishPair } from './testing/watched-pair.ts';
import { Watch } from './watch.ts';

const PERMISSION_DENIED = 7;

let pki: TestPki;

before(async () => {
  pki = await createTestPki();
});

const options = () => ({ gate: new ProofGate(8), readSecret: NO_SECRETS });

test('each new pair is proven with the server, nothing stays open, and nothing is written', async (t) => {
  const { address, calls } = await startFrontend(t, pki);
  const { spec, directory, leaf, replace } = await publishPair(t, pki, { address });
  await using watch = await Watch.start(spec, options());
  const log = new EventLog(watch.rotation.events, ROTATION_EVENTS);
  await log.until('the first is accepted', () => log.names.includes('rotated'));
  assert.equal(watch.rotation.current?.identity.pair.leaf.serial, leaf.serial);

  const second = await replace();
  const contents = await contentsOf(directory);
  await log.until('the second is accepted', () => log.of('rotated').length === 2);
  assert.deepEqual(
    log.of<RotatedEvent>('rotated').map(({ pair }) => pair.serial),
    [leaf.serial, second.serial],
  );
  assert.deepEqual(
    calls.map(({ path, serial }) => [path.split('/').at(-1), serial]),
    [leaf.serial, second.serial].flatMap((serial) => [
      ['GetSystemInfo', serial],
      ['DescribeNamespace', serial],
    ]),
  );
  assert.deepEqual(await contentsOf(directory), contents);
});

test('a pair that may do less than the one before is held, and the one before stays', async (t) => {
  let denied: string | undefined;
  const answer: Answer = (stream, call) =>
    call.serial === denied ? denyNamespaces(PERMISSION_DENIED)(stream, call) : succeed(stream, call);
  const { address } = await startFrontend(t, pki, { answer });
  const { spec, leaf, replace } = await publishPair(t, pki, { address });
  await using watch = await Watch.start(spec, options());
  const log = new EventLog(watch.rotation.events, ROTATION_EVENTS);
  await log.until('the first is accepted', () => log.names.includes('rotated'));
  const failed = log.until('the second is refused', () => log.names.includes('attemptFailed'));
  log.clear();
  watch.rotation.events.on('candidate', ({ pair }) => {
    denied = pair.serial;
  });
  await replace();
  await failed;
  assert.equal(log.of<AttemptFailedEvent>('attemptFailed')[0]?.error.code, 'ROTEY_RPC_DENIED');
  assert.equal(watch.rotation.current?.identity.pair.leaf.serial, leaf.serial);
});

test('what was accepted is proven again at its time, and a server that has changed its mind is told', async (t) => {
  const clock = new ManualClock(Date.now());
  let answer: Answer = succeed;
  const { address, calls } = await startFrontend(t, pki, { answer: (stream, call) => answer(stream, call) });
  const { spec } = await publishPair(t, pki, { address, proveEveryMs: 300_000, pollMs: 86_400_000 });
  const starting = Watch.start(spec, { ...options(), clock, random: () => 0.5 });
  await untilDue(clock, 100);
  await clock.advance(100);
  await using watch = await starting;
  const log = new EventLog(watch.rotation.events, ROTATION_EVENTS);
  await log.until('accepted', () => log.names.includes('rotated'));

  await clock.advance(149_000);
  assert.equal(calls.length, 2, 'not before the middle of the first period');
  await clock.advance(1000);
  await log.until('proven again', () => log.of('rotated').length === 2);
  assert.deepEqual(log.of<RotatedEvent>('rotated')[1]?.cause, 'proof-due');

  answer = denyNamespaces(PERMISSION_DENIED);
  await clock.advance(300_000);
  await log.until('it is told', () => log.names.includes('attemptFailed'));
  const [failed] = log.of<AttemptFailedEvent>('attemptFailed');
  assert.deepEqual([failed?.verdict, failed?.cause, failed?.step], ['refused', 'proof-due', 'namespace']);
  assert.equal(watch.rotation.status().current?.failing?.verdict, 'refused');

  answer = succeed;
  await clock.advance(500);
  await log.until('and accepted again', () => log.of('rotated').length === 3);
  assert.equal(watch.rotation.status().current?.failing, undefined);
});

test('with no pair and then no server it waits, and says so', async (t) => {
  const { spec, replace } = await publishPair(t, pki, { address: '127.0.0.1:1' });
  await Promise.all([rm(spec.certPath), rm(spec.keyPath)]);
  await using watch = await Watch.start(spec, options());
  const log = new EventLog(watch.rotation.events, ROTATION_EVENTS);
  assert.equal(watch.rotation.status().state, 'starting');
  assert.equal(watch.source.status().problem?.code, 'ROTEY_FILE_MISSING');
  await replace();
  await log.until('it is tried', () => log.names.includes('attemptFailed'));
  const { state, current, candidate } = watch.rotation.status();
  assert.ok(state === 'starting' || state === 'proving');
  assert.deepEqual([current, candidate?.verdict], [undefined, 'unobtainable']);
});

test('an API key is read for every proof, and a file that is missing says so', async (t) => {
  const { address, calls } = await startFrontend(t, pki);
  const { spec, replace } = await publishPair(t, pki, { address, apiKeyFile: '/key' });
  const keys = ['first', 'second'];
  const readSecret = async (file: string): Promise<string> => keys.shift() ?? Promise.reject(new Error(`no ${file}`));
  await using watch = await Watch.start(spec, { ...options(), readSecret });
  const log = new EventLog(watch.rotation.events, ROTATION_EVENTS);
  await log.until('accepted', () => log.names.includes('rotated'));
  await replace();
  await log.until('accepted', () => log.of('rotated').length === 2);
  assert.deepEqual(
    calls.map(({ headers }) => headers['authorization']),
    ['Bearer first', 'Bearer first', 'Bearer second', 'Bearer second'],
  );
  await replace();
  await log.until('failed', () => log.names.includes('attemptFailed'));
  assert.match(log.of<AttemptFailedEvent>('attemptFailed')[0]?.error.message ?? '', /no \/key/);
  assert.doesNotMatch(JSON.stringify([watch.rotation.status(), log.entries]), /Bearer|first"|second"/);
});

async function contentsOf(directory: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(directory);
  return Object.fromEntries(
    await Promise.all(names.sort().map(async (name) => [name, await readFile(join(directory, name), 'utf8')])),
  );
}
