import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Connection } from '@temporalio/client';
import { eventually } from '../../test/e2e/support/eventually.ts';
import { type Pair, readPair } from '../identity/index.ts';
import { issueLeaf } from '../pki/index.ts';
import { createTestPki, type Frontend, startFrontend, succeed, trailersOnly } from '../probe/testing/servers.ts';
import { MemorySource } from '../source/index.ts';
import { type CertificateRotation, rotateCertificates } from './index.ts';

const WARM_UP = 40;
const ROTATIONS = 100;
/** A session that is kept costs 60 kB, so a leak of them would be three times as much. */
const MAX_GROWTH_BYTES = 2 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('neither memory nor handles grow with the number of rotations', async (t) => {
  const { connection, rotation, source, frontend, issue } = await scene(t);
  const rotate = async (): Promise<void> => {
    const rotated = once(rotation, 'rotated', { signal: AbortSignal.timeout(20_000) });
    source.set(await issue());
    await rotated;
    await connection.workflowService.getClusterInfo({});
    frontend.calls.length = 0;
  };
  for (let n = 0; n < WARM_UP; n++) await rotate();
  const before = await inUse();
  for (let n = 0; n < ROTATIONS; n++) await rotate();
  const after = await inUse();
  t.diagnostic(
    `${ROTATIONS} rotations: ${Math.round((after.heap - before.heap) / 1024)} KiB, ${after.handles} handles`,
  );
  assert.ok(after.heap - before.heap < MAX_GROWTH_BYTES, `${after.heap - before.heap} bytes more`);
  assert.ok(after.handles <= before.handles + 2, `${before.handles} handles before, ${after.handles} after`);
});

test('the rotation of a connection that could not connect, and that nobody can close, ends by itself', async (t) => {
  const { rotation, frontend } = await scene(t, { deny: true });
  const { address } = frontend;
  await assert.rejects(Connection.connect({ address, plugins: [rotation], interceptors: [] }));
  assert.equal(
    rotation.status().connections.length,
    2,
    'the one of the scene, and the one that failed at its first call',
  );
  await eventually('the rotation of the failed one has ended', () => {
    collectGarbage();
    return rotation.status().connections.length === 1;
  });
});

interface Scene {
  readonly connection: Connection;
  readonly rotation: CertificateRotation;
  readonly source: MemorySource;
  readonly frontend: Frontend;
  issue(): Promise<Pair>;
}

/** @param deny whether GetSystemInfo is denied after the first connection has connected */
async function scene(t: TestContext, { deny = false }: { deny?: boolean } = {}): Promise<Scene> {
  const pki = await createTestPki();
  const issue = async (): Promise<Pair> => {
    const leaf = await issueLeaf(pki.authority, { commonName: 'starter', usage: 'client' });
    return readPair({ certificate: leaf.chainPem, key: leaf.revealPrivateKey(), trust: pki.trustPem });
  };
  const source = new MemorySource(await issue());
  const rotation = await rotateCertificates({ source, logger: false });
  const open: Connection[] = [];
  // Before the frontend's own, which sees that no connection was left open.
  t.after(async () => {
    for (const connection of open) await connection.close();
    await rotation.close();
  });
  const frontend = await startFrontend(t, pki, {
    answer: (stream, call) => (deny && open.length > 0 ? trailersOnly(stream, 7) : succeed(stream, call)),
  });
  const connection = await Connection.connect({ address: frontend.address, plugins: [rotation] });
  open.push(connection);
  return { connection, rotation, source, frontend, issue };
}

/** After what is garbage has been collected, which takes a turn or two of the event loop for what has finalizers. */
async function inUse(): Promise<{ heap: number; handles: number }> {
  for (let n = 0; n < 5; n++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const handles = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'Immediate').length;
  return { heap: process.memoryUsage().heapUsed, handles };
}
