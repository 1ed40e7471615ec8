import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Connection } from '@temporalio/client';
import { rotatingClient } from './support/rotating-client.ts';
import { next, stage } from './support/stage.ts';

const DRAIN_CAP_MS = 2000;
const FRONTEND = 'temporal.api.workflowservice.v1.WorkflowService';
/** HealthCheckResponse { status = SERVING } */
const SERVING = [8, 1];

test('a streaming health check goes on across a rotation; at the drain cap it is ended and can be begun anew', async (t) => {
  const set = await stage(t, { rotation: { drainCapMs: DRAIN_CAP_MS } });
  if (set === undefined) return;
  const { rotation, sandbox } = set;
  const { connection } = await rotatingClient(t, set);
  assert.equal((await connection.healthService.check({ service: FRONTEND })).status, 1);
  const stream = watchHealth(connection);
  const [serving] = (await once(stream, 'data')) as [Buffer];
  assert.deepEqual([...serving], SERVING);
  const ended = once(stream, 'error') as Promise<[{ code: number; details: string }]>;
  const drained = next(rotation, 'drained', ({ callsCut }) => callsCut > 0);

  const serial = await set.rotate();
  assert.equal(rotation.status().connections[0]?.draining.length, 1);
  assert.equal((await connection.healthService.check({ service: FRONTEND })).status, 1);
  const [{ callsCut, pair }] = await drained;
  assert.deepEqual([callsCut, pair.serial], [1, set.firstSerial]);
  const [{ code, details }] = await ended;
  assert.equal(code, 14);
  assert.match(details, /rotey/);

  const again = watchHealth(connection);
  await once(again, 'data');
  const watching = await sandbox.calls.waitFor((call) => call.method === 'Watch' && call.serial === serial);
  assert.equal(watching.code, undefined, 'it is under way');
  again.cancel();
  await once(again, 'error');
  const gone = await sandbox.calls.waitFor(({ id, code: end }) => id === watching.id && end !== undefined);
  assert.match(gone.code ?? '', /^CANCELL?ED$/);
});

interface ServerStream extends NodeJS.EventEmitter {
  cancel(): void;
}

/** `grpc.health.v1.Health/Watch`. The SDK's healthService has unary calls only; its grpc-js client can stream. */
function watchHealth(connection: Connection): ServerStream {
  const { client } = connection as unknown as {
    client: { makeServerStreamRequest(...args: unknown[]): ServerStream };
  };
  const request = Buffer.concat([Buffer.from([10, FRONTEND.length]), Buffer.from(FRONTEND)]);
  const same = (message: Buffer): Buffer => message;
  return client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', same, same, request);
}
