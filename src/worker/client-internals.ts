/**
 * The only file that knows what a `Connection` of @temporalio/client looks like inside; the fields are the same in 1.15.0
 * to 1.24.0 (packages/client/src/connection.ts), both ends of which the tests run.
 *
 * @module
 */
import type { Connection } from '@temporalio/client';
import { RoteyError } from '../errors.ts';
import type { GrpcChannel } from './grpc-channel.ts';

/** The grpc-js client that a connection makes its calls with. */
interface GrpcClient {
  getChannel(): GrpcChannel;
}

interface Internals {
  readonly client: GrpcClient | undefined;
  readonly apiKeyFnRef: { readonly fn?: () => string } | undefined;
  readonly plugins: readonly unknown[] | undefined;
}

function internals(connection: Connection): Internals {
  return connection as unknown as Internals; // protected or private in the types, ordinary properties at run time
}

/** @throws {RoteyError} `ROTEY_SDK_UNSUPPORTED` when this SDK's connections look different from those that rotey knows */
export function grpcClientOf(connection: Connection): GrpcClient {
  const { client } = internals(connection);
  if (typeof client?.getChannel === 'function') return client;
  throw new RoteyError(
    'ROTEY_SDK_UNSUPPORTED',
    'The Connection of this version of @temporalio/client is not one that rotey knows.',
    { hint: 'Use a version of @temporalio/client that docs/guides/client.md lists, or a newer rotey.' },
  );
}

/** What `setApiKey` has set, or else the connection was made with; undefined without one. */
export function apiKeyOf(connection: Connection): (() => string) | undefined {
  return internals(connection).apiKeyFnRef?.fn;
}

/** Whether the connection hands this plugin to the Clients that are made from it. */
export function handsOut(connection: Connection, plugin: unknown): boolean {
  return internals(connection).plugins?.includes(plugin) === true;
}
