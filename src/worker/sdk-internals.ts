/**
 * The only file that knows what a `NativeConnection` looks like inside. Needed because the SDK has no way to change the
 * identity of a connection that a user holds; the fields are the same in @temporalio/worker 1.15.0 to 1.24.0
 * (packages/worker/src/connection.ts), both ends of which the tests run.
 *
 * @module
 */
import type { NativeConnection } from '@temporalio/worker';
import { RoteyError } from '../errors.ts';
import { workerSdk } from './worker-sdk.ts';

/** The gRPC services of a connection; each is a protobufjs `rpc.Service` whose calls all go through `rpcImpl`. */
export const SERVICES = ['workflowService', 'operatorService', 'healthService', 'testService'] as const;
export type ServiceName = (typeof SERVICES)[number];

type Callback = (error: Error | null, response?: unknown) => void;
/** How a protobufjs service sends one call. */
export type RpcImpl = (method: unknown, request: unknown, callback: Callback) => void;

interface Service {
  rpcImpl: RpcImpl;
}

interface Internals {
  nativeClient: unknown;
  referenceHolders: Set<unknown>;
  callContextStorage: unknown;
  plugins: unknown[] | undefined;
}

function internals(connection: NativeConnection): Internals & Record<ServiceName, Service | undefined> {
  // Private in the types, ordinary properties at run time; `assertSupported` has looked.
  return connection as unknown as Internals & Record<ServiceName, Service | undefined>;
}

/**
 * @throws {RoteyError} `ROTEY_SDK_UNSUPPORTED` when this SDK's connections look different from those that rotey knows
 */
export function assertSupported(connection: NativeConnection): void {
  const { nativeClient, referenceHolders, callContextStorage, workflowService } = internals(connection);
  const known =
    typeof nativeClient === 'object' &&
    referenceHolders instanceof Set &&
    typeof callContextStorage === 'object' &&
    typeof workflowService?.rpcImpl === 'function';
  if (known) return;
  throw new RoteyError(
    'ROTEY_SDK_UNSUPPORTED',
    'The NativeConnection of this version of @temporalio/worker is not one that rotey knows.',
    { hint: 'Use a version of @temporalio/worker that docs/guides/worker.md lists, or a newer rotey.' },
  );
}

export function serviceOf(connection: NativeConnection, name: ServiceName): Service | undefined {
  return internals(connection)[name];
}

/** The Workers that keep this connection from being closed. */
export function referenceHoldersOf(connection: NativeConnection): Set<unknown> {
  return internals(connection).referenceHolders;
}

export function nativeClientOf(connection: NativeConnection): unknown {
  return internals(connection).nativeClient;
}

/** Makes `withDeadline` and `withMetadata` of `from` work for calls that `connection` sends, and plugins the same. */
export function shareContext(connection: NativeConnection, from: NativeConnection): void {
  internals(connection).callContextStorage = internals(from).callContextStorage;
  internals(connection).plugins = internals(from).plugins;
}

/** Whether the connection hands this plugin to the Workers and Clients that are made from it. */
export function hasPlugin(connection: NativeConnection, plugin: unknown): boolean {
  return internals(connection).plugins?.includes(plugin) === true;
}

/** A second object for the same native connection, with the state of the first except for the Workers that hold it. */
export function twinOf(connection: NativeConnection): NativeConnection {
  const twin: unknown = Object.create(workerSdk().NativeConnection.prototype, {
    ...Object.getOwnPropertyDescriptors(connection),
    referenceHolders: { value: new Set(), enumerable: true },
  });
  return twin as NativeConnection; // what the prototype and the properties make it
}

/** Makes `nativeClient` of the user's object answer whatever `current` says: a Worker that is made from it gets that. */
export function redirectNativeClient(connection: NativeConnection, current: () => unknown): void {
  Object.defineProperty(connection, 'nativeClient', { configurable: true, enumerable: true, get: current });
}

/** Closes the native connection behind this very object, whatever was put over its `close`. */
export async function closeNative(connection: NativeConnection): Promise<void> {
  await workerSdk().NativeConnection.prototype.close.call(connection);
}
