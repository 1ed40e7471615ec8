import type { NativeConnection, NativeConnectionOptions } from '@temporalio/worker';
import { type Clock, Timer } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { closeNative } from './sdk-internals.ts';
import { workerSdk } from './worker-sdk.ts';

/**
 * Opens native connections, one at a time and with an end. The SDK's `connect` has neither a timeout nor a way to
 * cancel it, so one that is given up goes on in the background; it is closed when it succeeds late, and no other is
 * begun before it has settled: against a server that hangs they would pile up.
 */
export class NativeConnector {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #stray: Promise<void> | undefined;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @throws {RoteyError} `ROTEY_NATIVE_CONNECT_FAILED`, `…_TIMEOUT`, or `…_PENDING` while an earlier one has not settled
   * @throws the signal's reason when it aborts
   */
  async connect(options: NativeConnectionOptions, signal: AbortSignal): Promise<NativeConnection> {
    if (this.#stray !== undefined) await this.#ended(this.#stray, signal, pending);
    signal.throwIfAborted();
    const connecting = workerSdk().NativeConnection.connect(options);
    try {
      return await this.#ended(connecting, signal, timeout);
    } catch (error) {
      this.#letGo(connecting);
      throw error instanceof RoteyError || signal.aborted ? error : failed(error);
    }
  }

  #letGo(connecting: Promise<NativeConnection>): void {
    const stray = connecting.then(closeNative).catch(() => undefined);
    this.#stray = stray;
    void stray.then(() => {
      if (this.#stray === stray) this.#stray = undefined;
    });
  }

  async #ended<T>(promise: Promise<T>, signal: AbortSignal, tooLate: (ms: number) => RoteyError): Promise<T> {
    signal.throwIfAborted();
    let onAbort: () => void = () => undefined;
    let timer: Timer | undefined;
    try {
      return await Promise.race([
        promise,
        new Promise<never>((_, reject) => {
          onAbort = () => reject(signal.reason);
          signal.addEventListener('abort', onAbort, { once: true });
          timer = new Timer(this.#clock, () => reject(tooLate(this.#timeoutMs)));
          timer.set(this.#timeoutMs);
        }),
      ]);
    } finally {
      timer?.clear();
      signal.removeEventListener('abort', onAbort);
    }
  }
}

function timeout(ms: number): RoteyError {
  return new RoteyError('ROTEY_NATIVE_CONNECT_TIMEOUT', `The SDK's connect did not end within ${ms / 1000} s.`, {
    retryable: true,
    hint: 'The server answered our own probe just before; look for a server that is overloaded.',
  });
}

function pending(ms: number): RoteyError {
  const message = `An earlier connect of the SDK is still going on after ${ms / 1000} s more, and cannot be cancelled.`;
  return new RoteyError('ROTEY_NATIVE_CONNECT_PENDING', message, { retryable: true });
}

function failed(cause: unknown): RoteyError {
  const message = `The SDK could not connect: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new RoteyError('ROTEY_NATIVE_CONNECT_FAILED', message, { cause, retryable: true });
}
