import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { type Pair, readPair } from '../../identity/index.ts';
import { issueLeaf } from '../../pki/index.ts';
import {
  createTestPki,
  type Frontend,
  type FrontendOptions,
  type SeenCall,
  startFrontend,
  type TestPki,
} from '../../probe/testing/servers.ts';
import { MemorySource } from '../../source/index.ts';
import { type CertificateRotation, rotateCertificates } from '../index.ts';

let shared: Promise<TestPki> | undefined;

/** A frontend in miniature, and a rotation whose pairs the test brings: the SDK's real connections in between. */
export interface ClientScene {
  readonly pki: TestPki;
  readonly frontend: Frontend;
  readonly source: MemorySource;
  readonly rotation: CertificateRotation;
  readonly first: Pair;
  /** A pair that trusts the frontend's CA, or `trust`. */
  issue(trust?: string): Promise<Pair>;
  connect(options?: ConnectionOptions): Promise<Connection>;
  /** Closes it when the test has ended. */
  toClose(connection: Connection): Connection;
  /** Brings a pair, and returns when it is in use. */
  rotate(pair?: Pair): Promise<Pair>;
  /** Makes a call to GetClusterInfo, and answers with how the server saw it. */
  callSeen(connection: Connection): Promise<SeenCall>;
  /** Calls to GetSystemInfo with this certificate: by the probe, and on the new channel. */
  proofs(pair: Pair): readonly SeenCall[];
}

export async function clientScene(t: TestContext, options: FrontendOptions = {}): Promise<ClientScene> {
  shared ??= createTestPki();
  const pki = await shared;
  const issue = async (trust: string = pki.trustPem): Promise<Pair> => {
    const leaf = await issueLeaf(pki.authority, { commonName: 'starter', usage: 'client' });
    return readPair({ certificate: leaf.chainPem, key: leaf.revealPrivateKey(), trust });
  };
  const connections: Connection[] = [];
  // Before the frontend's own, which sees that no connection was left open.
  t.after(async () => {
    for (const connection of connections) await connection.close();
    await rotation.close();
  });
  const first = await issue();
  const source = new MemorySource(first);
  const rotation = await rotateCertificates({ source, logger: false });
  const frontend = await startFrontend(t, pki, options);
  const toClose = (connection: Connection): Connection => {
    connections.push(connection);
    return connection;
  };
  return {
    ...{ pki, frontend, source, rotation, first, issue, toClose },
    async connect(given = {}) {
      return toClose(await Connection.connect({ address: frontend.byName, plugins: [rotation], ...given }));
    },
    async rotate(pair) {
      const next = pair ?? (await issue());
      const rotated = once(rotation, 'rotated', { signal: AbortSignal.timeout(20_000) });
      source.set(next);
      await rotated;
      return next;
    },
    async callSeen(connection) {
      const from = frontend.calls.length;
      await connection.workflowService.getClusterInfo({});
      const call = frontend.calls.slice(from).find(({ path }) => path.endsWith('/GetClusterInfo'));
      assert.ok(call);
      return call;
    },
    proofs: ({ leaf }) =>
      frontend.calls.filter(({ path, serial }) => path.endsWith('/GetSystemInfo') && serial === leaf.serial),
  };
}
