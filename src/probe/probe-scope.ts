import type { EventEmitter } from 'node:events';
import { type Clock, Timer } from '../clock.ts';

/** The reason of {@link ProbeScope.signal} when the time for the whole probe is over. */
export class DeadlineExpired extends Error {
  override readonly name: string = 'DeadlineExpired';
}

/** Starts to wait: settles the promise by one of the two functions, and returns how to stop listening. */
export type Begin<T> = (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void;

/**
 * What one probe owns: its deadline, the caller's wish to stop, and everything that must be destroyed at the end.
 * Every wait of a probe goes through {@link settle} or {@link race}, so that none outlives an abort.
 */
export class ProbeScope {
  readonly clock: Clock;
  readonly #controller = new AbortController();
  readonly #deadline: Timer;
  readonly #deadlineAt: number;
  readonly #outer: AbortSignal | undefined;
  readonly #owned: (() => void)[] = [];

  constructor(clock: Clock, timeoutMs: number, outer: AbortSignal | undefined) {
    this.clock = clock;
    this.#outer = outer;
    this.#deadlineAt = clock.monotonic() + timeoutMs;
    this.#deadline = new Timer(clock, () => this.#controller.abort(new DeadlineExpired()));
    this.#deadline.set(timeoutMs);
    if (outer?.aborted === true) this.#onOuterAbort();
    outer?.addEventListener('abort', this.#onOuterAbort, { once: true });
  }

  /** Aborts with the caller's reason, or with {@link DeadlineExpired}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What is left of the time for the whole probe, in milliseconds, never negative. */
  get remainingMs(): number {
    return Math.max(0, this.#deadlineAt - this.clock.monotonic());
  }

  /** Remembers how to let go of something. Runs at {@link dispose}, last one first, so it must be safe to run late. */
  own(release: () => void): void {
    this.#owned.push(release);
  }

  /** Destroys everything that is owned. Nothing of the probe calls back afterwards. */
  dispose(): void {
    this.#deadline.clear();
    this.#outer?.removeEventListener('abort', this.#onOuterAbort);
    for (const release of this.#owned.splice(0).reverse()) release();
  }

  /**
   * A promise that is settled by `begin`, or rejected as soon as {@link signal} aborts. `begin` returns how to stop
   * listening, which is called exactly once.
   */
  settle<T>(begin: Begin<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.signal.throwIfAborted();
      let settled = false;
      let stop: (() => void) | undefined;
      const finish = (settlePromise: () => void): void => {
        if (settled) return;
        settled = true;
        this.signal.removeEventListener('abort', onAbort);
        stop?.();
        settlePromise();
      };
      const onAbort = (): void => finish(() => reject(this.signal.reason));
      this.signal.addEventListener('abort', onAbort, { once: true });
      stop = begin(
        (value) => finish(() => resolve(value)),
        (reason) => finish(() => reject(reason)),
      );
      if (settled) stop();
    });
  }

  /** For work that cannot be stopped (a DNS look-up): forgets it when {@link signal} aborts. */
  race<T>(work: Promise<T>): Promise<T> {
    return this.settle((resolve, reject) => {
      work.then(resolve, reject);
      return () => undefined;
    });
  }

  readonly #onOuterAbort = (): void => this.#controller.abort(this.#outer?.reason);
}

/** Listens to several events and returns how to stop. */
export function listen(
  emitter: EventEmitter,
  handlers: Readonly<Record<string, (...args: never[]) => void>>,
): () => void {
  // Node's own typing of a listener: any arguments. Each handler states the ones that its event has.
  const entries = Object.entries(handlers) as [string, (...args: unknown[]) => void][];
  for (const [event, handler] of entries) emitter.on(event, handler);
  return () => {
    for (const [event, handler] of entries) emitter.off(event, handler);
  };
}
