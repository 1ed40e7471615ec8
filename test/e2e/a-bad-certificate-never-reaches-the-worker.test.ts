import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAuthority, issueLeaf } from '../../src/pki/index.ts';
import { next, type Stage, stage } from './support/stage.ts';

test('a bad certificate never reaches the Worker: the one in use serves on, and status and event say why', async (t) => {
  // Plain files besides the volume, for what publishPair refuses to write.
  const set = await stage(t);
  if (set === undefined) return;
  const { rotation, connection, sandbox } = set;
  const worker = await set.createWorker();
  const unpinned = next(rotation, 'rotated', ({ cause }) => cause === 'worker-started');
  const running = worker.run();
  await unpinned;
  let inUse = set.firstSerial;

  await t.test('one of an unknown CA is refused, and a good one after it is used', async () => {
    const stranger = await createAuthority({ commonName: 'a stranger' });
    const leaf = await issueLeaf(stranger, { commonName: 'worker', usage: 'client' });
    const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    const [event] = await failed;
    assert.equal(event.verdict, 'refused');
    assert.equal(event.error.code, 'ROTEY_CERTIFICATE_UNKNOWN_CA');
    await serves(set, inUse);
    const status = rotation.status().connections[0];
    assert.equal(status?.candidate?.lastError?.code, 'ROTEY_CERTIFICATE_UNKNOWN_CA');
    assert.equal(status?.current?.pair.serial, inUse);
    inUse = await set.rotate();
    await serves(set, inUse);
  });

  await t.test('one that passes TLS but is denied by the Namespace is refused', async () => {
    const leaf = await set.issue();
    const rule = await sandbox.refuse({ serial: leaf.serial });
    const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    const [event] = await failed;
    assert.equal(event.verdict, 'refused');
    assert.equal(event.error.code, 'ROTEY_RPC_DENIED');
    await serves(set, inUse);
    await rule.clear();
    // Nothing new is published: the held candidate is tried again by itself.
    await next(rotation, 'rotated', ({ pair }) => pair.serial === leaf.serial);
    inUse = leaf.serial;
    await serves(set, inUse);
  });

  await t.test('an expired one is held', async () => {
    const now = Date.now();
    const leaf = await set.issue({ notBeforeMs: now - 50_000, notAfterMs: now - 10_000 });
    const held = next(rotation, 'held', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    assert.equal((await held)[0].reason, 'expired');
    await serves(set, inUse);
    inUse = await set.rotate();
  });

  await t.test('a key that does not match, and a truncated certificate, are problems of the source', async () => {
    const [one, other] = [await set.issue(), await set.issue()];
    await breakFile(set, 'tls.key', other.revealPrivateKey(), 'ROTEY_PAIR_MISMATCH');
    await serves(set, inUse);
    await breakFile(set, 'tls.crt', one.chainPem.slice(0, one.chainPem.length / 2), 'ROTEY_PEM_TRUNCATED');
    await serves(set, inUse);
    const recovered = next(rotation, 'sourceRecovered');
    inUse = await set.rotate();
    await recovered;
    assert.equal(rotation.status().source.problem, undefined);
    await serves(set, inUse);
  });

  await t.test('with the server hanging nothing is believed, and afterwards the certificate is used', async () => {
    const leaf = await set.issue();
    sandbox.suspend();
    const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    assert.equal((await failed)[0].verdict, 'unobtainable');
    assert.equal(rotation.status().connections[0]?.current?.pair.serial, inUse);
    const rotated = next(rotation, 'rotated', ({ pair }) => pair.serial === leaf.serial);
    sandbox.resume();
    await rotated;
    inUse = leaf.serial;
    await serves(set, inUse);
  });

  await t.test('with the server down nothing is believed, and afterwards the certificate is used', async () => {
    const leaf = await set.issue();
    await sandbox.kill();
    const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    const [event] = await failed;
    assert.equal(event.verdict, 'unobtainable');
    assert.equal(event.error.code, 'ROTEY_CONNECT_REFUSED');
    const rotated = next(rotation, 'rotated', ({ pair }) => pair.serial === leaf.serial);
    await sandbox.start();
    await rotated;
    inUse = leaf.serial;
    assert.equal(worker.getState(), 'RUNNING');
  });

  worker.shutdown();
  await running;
  await connection.close();
});

/** The Worker does its work, and what it calls the frontend with is the certificate in use. */
async function serves(set: Stage, serial: string): Promise<void> {
  const before = set.sandbox.calls.entries().at(-1)?.id ?? 0;
  assert.equal(await set.greet(set.observer, 'still there'), 'Hello still there!');
  const completed = await set.sandbox.calls.waitFor(
    ({ id, method }) => id > before && method === 'RespondWorkflowTaskCompleted',
  );
  assert.equal(completed.serial, serial);
}

async function breakFile(set: Stage, name: string, content: string, code: string): Promise<void> {
  const problem = next(set.rotation, 'sourceProblem', (error) => error.code === code);
  await writeFile(join(set.directory, '..data', name), content);
  await problem;
  assert.equal(set.rotation.status().source.problem?.code, code);
}
