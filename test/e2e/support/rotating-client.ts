import type { TestContext } from 'node:test';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { Call } from '../../../src/sandbox/index.ts';
import { next, type Stage } from './stage.ts';

/** A connection of grpc-js that rotates, and a Client on it. Closed when the test has ended. */
export async function rotatingClient(
  t: TestContext,
  set: Stage,
  options: ConnectionOptions = {},
): Promise<{ connection: Connection; client: Client }> {
  const { sandbox, rotation } = set;
  const connection = await Connection.connect({ address: sandbox.address, plugins: [rotation], ...options });
  t.after(() => connection.close());
  return { connection, client: new Client({ connection }) };
}

/** Makes a call and answers with how it reached the frontend. */
export async function seen({ sandbox }: Stage, method: string, call: () => Promise<unknown>): Promise<Call> {
  const before = sandbox.calls.entries().at(-1)?.id ?? 0;
  await call();
  return await sandbox.calls.waitFor((reported) => reported.id > before && reported.method === method);
}

/** Issues, publishes, and returns the serial when `connections` connections have moved to it. */
export async function rotateAll(set: Stage, connections: number): Promise<string> {
  const leaf = await set.issue();
  const moved = new Set<string>();
  let count = 0;
  const rotated = next(set.rotation, 'rotated', ({ pair, kind, address }) => {
    if (pair.serial !== leaf.serial) return false;
    moved.add(`${kind} ${address}`);
    return ++count === connections;
  });
  await set.publish(leaf);
  await rotated;
  return leaf.serial;
}
