import type { Connection, ConnectionOptions } from '@temporalio/client';
import { type Clock, Timer } from '../clock.ts';
import { RoteyError } from '../errors.ts';

/** How connections come about: the SDK's `Connection` class. */
export type ConnectionClass = Pick<typeof Connection, 'lazy'>;

export interface ClientConnectOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Codes of gRPC that do not come from a server that answered: cancelled, unknown, deadline exceeded, internal,
 * unavailable. Anything else is an answer, and that is all this is about: what the server allows was asked before.
 */
const NO_ANSWER: ReadonlySet<unknown> = new Set([1, 2, 4, 13, 14]);

/**
 * Opens a connection of the SDK and returns it when the server has answered on it. A channel that is ready is not
 * enough: grpc-js 1.12 calls it so before a TLS 1.3 server has said whether it accepts the certificate.
 *
 * @throws {RoteyError} `ROTEY_CLIENT_CONNECT_FAILED` or `…_TIMEOUT`; nothing is left open then
 * @throws the signal's reason when it aborts
 */
export async function connectClient(
  sdk: ConnectionClass,
  options: ConnectionOptions,
  { timeoutMs, clock, signal }: ClientConnectOptions,
): Promise<Connection> {
  signal.throwIfAborted();
  const connection = sdk.lazy(options);
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  const timer = new Timer(clock, () => stop.abort(timeout(timeoutMs)));
  timer.set(timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await answered(connection, stop.signal);
    stop.signal.throwIfAborted();
    return connection;
  } catch (error) {
    await connection.close();
    throw stop.signal.aborted ? stop.signal.reason : failed(error);
  } finally {
    timer.clear();
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * The call connects as well, and fails with the reason when that does. Waiting for the channel to be ready first would
 * say no reason, and not end by closing it: grpc-js begins to connect again when it is asked for its state after that.
 */
async function answered(connection: Connection, signal: AbortSignal): Promise<void> {
  try {
    await connection.withAbortSignal(signal, () => connection.workflowService.getSystemInfo({}));
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== 'number' || NO_ANSWER.has(code)) throw error;
  }
}

function timeout(ms: number): RoteyError {
  return new RoteyError(
    'ROTEY_CLIENT_CONNECT_TIMEOUT',
    `The server did not answer on the new connection within ${ms / 1000} s.`,
    {
      retryable: true,
      hint: 'The server answered our own probe just before; look for a server that is overloaded.',
    },
  );
}

function failed(cause: unknown): RoteyError {
  const message = `The SDK could not connect: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new RoteyError('ROTEY_CLIENT_CONNECT_FAILED', message, { cause, retryable: true });
}
