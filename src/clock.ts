/**
 * Time and sleeping, injectable. The only file that may call `Date.now` or `setTimeout`.
 *
 * @module
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as nodeSleep } from 'node:timers/promises';

/** Two clocks and a way to wait. Tests hand in one that they turn by hand. */
export interface Clock {
  /** Wall time: milliseconds since the Unix epoch. May step, and moves on while the machine is suspended. */
  now(): number;
  /** Milliseconds since some fixed point. Never steps; on Linux it stands still while the machine is suspended. */
  monotonic(): number;
  /**
   * Resolves after `ms` of awake time, or rejects with the signal's reason as soon as it aborts.
   *
   * Any length works: Node's own timer fires after 1 ms when asked for 2^31 ms or more, so long sleeps are cut into
   * pieces. Does not keep the process alive unless `ref` is true.
   */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
}

export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Keep the process alive while sleeping. Default: false, so that a library never holds a program open. */
  readonly ref?: boolean;
}

/** The longest single timer: well below Node's limit of 2^31 - 1 ms (24.8 days). */
const LONGEST_TIMER_MS = 24 * 60 * 60 * 1000;

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms: number, { signal, ref = false }: SleepOptions = {}): Promise<void> {
    let left = Math.max(0, ms);
    do {
      const piece = Math.min(left, LONGEST_TIMER_MS);
      await nodeSleep(piece, undefined, signal === undefined ? { ref } : { ref, signal });
      left -= piece;
    } while (left > 0);
  },
});

/** One timer that can be set again: setting it forgets what it was set to before. Does not keep the process alive. */
export class Timer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #pending: AbortController | undefined;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get isSet(): boolean {
    return this.#pending !== undefined;
  }

  /** Calls back once, `ms` of awake time from now. */
  set(ms: number): void {
    this.clear();
    const pending = new AbortController();
    this.#pending = pending;
    this.#clock.sleep(ms, { signal: pending.signal }).then(
      () => {
        if (this.#pending !== pending) return;
        this.#pending = undefined;
        this.#onDue();
      },
      () => undefined, // cleared
    );
  }

  clear(): void {
    this.#pending?.abort();
    this.#pending = undefined;
  }
}

/**
 * Keeps the process alive until `work` has settled. Nothing else in rotey does; but when a program awaits something as
 * its only task, Node would otherwise end it in the middle (exit code 13).
 */
export async function keepAliveFor<T>(work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  systemClock.sleep(Number.MAX_SAFE_INTEGER, { signal: settled.signal, ref: true }).catch(() => undefined);
  try {
    return await work;
  } finally {
    settled.abort();
  }
}
