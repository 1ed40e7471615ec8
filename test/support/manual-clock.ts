import type { Clock, SleepOptions } from '../../src/clock.ts';

interface Sleeper {
  readonly dueMonotonic: number;
  readonly wake: () => void;
}

/** A clock that moves only when a test turns it. */
export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs = 1000;
  readonly #sleepers = new Set<Sleeper>();
  /** How often somebody began to sleep: tells waiting from spinning. */
  sleepsBegun = 0;

  constructor(wallMs: number = Date.UTC(2026, 0, 1)) {
    this.#wallMs = wallMs;
  }

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  /** How many sleeps are under way: timers that somebody forgot to clear show up here. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** How long until the next sleeper is due; infinite when nobody sleeps. */
  get untilNextMs(): number {
    const next = this.#nextDue(Number.POSITIVE_INFINITY);
    return next === undefined ? Number.POSITIVE_INFINITY : next.dueMonotonic - this.#monotonicMs;
  }

  sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
    this.sleepsBegun++;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const sleeper: Sleeper = {
        dueMonotonic: this.#monotonicMs + Math.max(0, ms),
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Lets `ms` pass on both clocks. Sleepers wake in order, each at its time, and what they set off is done by then. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms;
    await settle();
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      this.#move(next.dueMonotonic - this.#monotonicMs);
      next.wake();
      await settle();
    }
    this.#move(end - this.#monotonicMs);
    await settle();
  }

  /** Sets the wall clock forwards or backwards, as NTP or a person does. Nobody wakes. */
  stepWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** The machine sleeps: wall time goes on, awake time stands still, no timer fires. */
  suspend(ms: number): void {
    this.#wallMs += ms;
  }

  #nextDue(end: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueMonotonic <= end && (next === undefined || sleeper.dueMonotonic < next.dueMonotonic)) {
        next = sleeper;
      }
    }
    return next;
  }

  #move(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }
}

/** Lets everything run that waits for nothing but promises. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** Waits, in real time, until somebody who does real work in between has begun a sleep of at most `ms`. */
export async function untilDue(clock: ManualClock, ms: number, deadlineMs: number = 10_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (clock.untilNextMs > ms) {
    if (Date.now() > deadline) throw new Error(`Nobody sleeps for ${ms} ms or less.`);
    await settle();
  }
}
