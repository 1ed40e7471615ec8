import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { rotatingClient, seen } from './support/rotating-client.ts';
import { next, stage } from './support/stage.ts';

test('a Client whose certificate has expired goes on working when a new one comes late', async (t) => {
  const set = await stage(t, { sandbox: { maxConnectionAgeMs: 1000, maxConnectionAgeGraceMs: 1000 } });
  if (set === undefined) return;
  const { rotation, sandbox } = set;
  const { connection } = await rotatingClient(t, set, { interceptors: [] });
  await set.connection.close(); // that of a Worker
  const call = (): Promise<unknown> => connection.workflowService.getClusterInfo({});
  const now = Date.now();
  const remade = next(rotation, 'rotated', ({ cause }) => cause === 'expiry-near');
  const expired = next(rotation, 'expiring', ({ level }) => level === 'expired');
  await set.rotate({ notBeforeMs: now - 4000, notAfterMs: now + 4000 });
  await call();
  await remade; // shortly before the end, with the same certificate
  await expired;
  // The server closes the connection by age; from then on no handshake with this certificate succeeds.
  await eventually('the server has refused the expired certificate', async () => {
    await call().catch(() => undefined);
    return sandbox.failedHandshakes > 0;
  });
  const serial = await set.rotate();
  assert.equal((await seen(set, 'GetClusterInfo', call)).serial, serial);
});
