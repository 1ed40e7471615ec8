import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createTestPki, startFrontend, type TestPki } from '../probe/testing/servers.ts';
import { Observation } from '../rotation/index.ts';
import { NO_SECRETS, publishPair } from './testing/watched-pair.ts';
import { DEFAULT_PROOFS_AT_ONCE } from './watch-spec.ts';
import { Watches } from './watches.ts';

const MANY = 400;

let pki: TestPki;

before(async () => {
  pki = await createTestPki();
});

test('hundreds of watches are all proven, a few at a time', async (t) => {
  const { address, server, calls } = await startFrontend(t, pki);
  let [open, most] = [0, 0];
  server.on('session', (session) => {
    most = Math.max(most, ++open);
    session.on('close', () => open--);
  });
  const names = Array.from({ length: MANY }, (_, index) => `worker-${index}`);
  const pairs = await Promise.all(names.map((name) => publishPair(t, pki, { address, name })));
  const observation = new Observation({ consumer: 'watch' });
  const watches = new Watches({ observation, readSecret: NO_SECRETS });
  await watches.apply(pairs.map(({ spec }) => spec));
  await Promise.all(
    watches.all.map(async ({ rotation }) => {
      if (rotation.current !== undefined) return;
      await new Promise<void>((resolve) => rotation.events.once('rotated', () => resolve()));
    }),
  );
  const status = observation.status();
  assert.deepEqual([status.ready, status.problems, status.rotations.length], [true, [], MANY]);
  assert.deepEqual(new Set(calls.map(({ serial }) => serial)), new Set(pairs.map(({ leaf }) => leaf.serial)));
  assert.equal(calls.length, 2 * MANY, 'each was proven once');
  // The server notices the end of a connection a moment after the client has closed it.
  assert.ok(most > 1 && most <= 2 * DEFAULT_PROOFS_AT_ONCE, `${most} connections at once`);
  await watches.close();
});
