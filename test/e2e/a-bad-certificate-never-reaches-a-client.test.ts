import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '@temporalio/client';
import { createAuthority, issueLeaf } from '../../src/pki/index.ts';
import { rotatingClient, seen } from './support/rotating-client.ts';
import { next, type Stage, stage } from './support/stage.ts';

test('a bad certificate never reaches a Client: the one in use serves on, and status and event say why', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const { rotation, sandbox } = set;
  const { connection } = await rotatingClient(t, set);
  let inUse = set.firstSerial;

  await t.test('one of an unknown CA is refused', async () => {
    const stranger = await createAuthority({ commonName: 'a stranger' });
    const leaf = await issueLeaf(stranger, { commonName: 'starter', usage: 'client' });
    const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    const [{ verdict, error, kind }] = await failed;
    assert.deepEqual([verdict, error.code, kind], ['refused', 'ROTEY_CERTIFICATE_UNKNOWN_CA', 'client']);
    await serves(set, connection, inUse);
  });

  await t.test('one that is denied by its serial is refused, and used when it is let in', async () => {
    const leaf = await set.issue();
    const rule = await sandbox.refuse({ serial: leaf.serial });
    const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    const [{ verdict, error }] = await failed;
    assert.deepEqual([verdict, error.code], ['refused', 'ROTEY_RPC_DENIED']);
    await serves(set, connection, inUse);
    const rotated = next(rotation, 'rotated', ({ pair }) => pair.serial === leaf.serial);
    await rule.clear();
    await rotated;
    inUse = leaf.serial;
    await serves(set, connection, inUse);
  });

  await t.test(
    'one that may not see the Namespace of the Client is refused, though TLS and GetSystemInfo work',
    async () => {
      const leaf = await set.issue();
      await sandbox.refuse({ serial: leaf.serial, namespace: 'default' });
      const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
      await set.publish(leaf);
      assert.equal((await failed)[0].error.code, 'ROTEY_RPC_DENIED');
      await serves(set, connection, inUse);
    },
  );

  await t.test('with the server down nothing is believed, and afterwards the certificate is used', async () => {
    const leaf = await set.issue();
    await sandbox.kill();
    const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    const [{ verdict, error }] = await failed;
    assert.deepEqual([verdict, error.code], ['unobtainable', 'ROTEY_CONNECT_REFUSED']);
    const rotated = next(rotation, 'rotated', ({ pair }) => pair.serial === leaf.serial);
    await sandbox.start();
    await rotated;
    await serves(set, connection, leaf.serial);
  });
});

/** What the Client sends goes out with this certificate. */
async function serves(set: Stage, connection: Connection, serial: string): Promise<void> {
  const call = await seen(set, 'GetClusterInfo', () => connection.workflowService.getClusterInfo({}));
  assert.equal(call.serial, serial);
  const [status] = set.rotation.status().connections;
  assert.equal(status?.current?.pair.serial, serial);
}
