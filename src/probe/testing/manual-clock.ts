import type { Clock, SleepOptions } from '../../clock.ts';

/** A clock that stands still until a test moves it on. Begins at the real wall time, so that certificates are valid. */
export class ManualClock implements Clock {
  #elapsedMs = 0;
  readonly #startMs = Date.now();
  readonly #sleepers = new Set<{ readonly dueMs: number; readonly wake: () => void }>();

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  /** How many are asleep now. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper = {
        dueMs: this.#elapsedMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  advance(ms: number): void {
    this.#elapsedMs += ms;
    for (const sleeper of [...this.#sleepers]) if (sleeper.dueMs <= this.#elapsedMs) sleeper.wake();
  }
}
