import type { TestContext } from 'node:test';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import type { IssuedLeaf } from '../../../src/pki/index.ts';
import type { Sandbox } from '../../../src/sandbox/index.ts';

/**
 * A connection of the Temporal SDK to a sandbox with this certificate, or without one. Closed when the test has ended.
 * A refusal takes the SDK ten seconds to tell; {@link isAccepted} knows it at once.
 */
export async function connectClient(
  t: TestContext,
  sandbox: Sandbox,
  leaf: IssuedLeaf | undefined,
  options: ConnectionOptions = {},
): Promise<Connection> {
  const connection = await Connection.connect({
    address: sandbox.address,
    tls: {
      serverRootCACertificate: Buffer.from(sandbox.serverCaPem),
      serverNameOverride: sandbox.serverName,
      ...(leaf === undefined
        ? {}
        : { clientCertPair: { crt: Buffer.from(leaf.chainPem), key: Buffer.from(leaf.revealPrivateKey()) } }),
    },
    interceptors: [], // none that calls again: tests want the server's answer
    ...options,
  });
  t.after(() => connection.close());
  return connection;
}
