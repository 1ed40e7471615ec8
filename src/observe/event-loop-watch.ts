import { type Clock, systemClock } from '../clock.ts';
import { SafeEmitter } from '../safe-emitter.ts';

/**
 * | event | when | repeats |
 * |---|---|---|
 * | `blocked` | nothing ran for a second or more: a long computation, a stopped process, no processor time | at the end of each block |
 */
export interface EventLoopEvents {
  blocked: [event: { readonly forMs: number }];
}

/** How often it is measured. */
const EVERY_MS = 500;
/** From here on a late timer is a block: below it are garbage collection and a busy machine. */
const BLOCKED_MS = 1000;
const WINDOW_MS = 60_000;

/** Measures how late timers are. Does not keep the process alive. */
export class EventLoopWatch {
  readonly events: SafeEmitter<EventLoopEvents> = new SafeEmitter<EventLoopEvents>();
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  /** What may still become the longest of a window: each shorter than the one before. */
  readonly #lags: { readonly atMonotonic: number; readonly ms: number }[] = [];
  #dueMonotonic: number;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#dueMonotonic = clock.monotonic() + EVERY_MS;
    void this.#run();
  }

  /** The longest delay within the last minute, in milliseconds. */
  get lagMs(): number {
    const now = this.#clock.monotonic();
    this.#forget(now);
    return Math.max(0, now - this.#dueMonotonic, this.#lags[0]?.ms ?? 0);
  }

  close(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(EVERY_MS, { signal: this.#stop.signal });
        this.#measure();
      }
    } catch {
      // closed
    }
  }

  #measure(): void {
    const now = this.#clock.monotonic();
    const ms = Math.max(0, now - this.#dueMonotonic);
    this.#dueMonotonic = now + EVERY_MS;
    this.#forget(now);
    while ((this.#lags.at(-1)?.ms ?? Number.POSITIVE_INFINITY) <= ms) this.#lags.pop();
    this.#lags.push({ atMonotonic: now, ms });
    if (ms >= BLOCKED_MS) this.events.emit('blocked', { forMs: Math.round(ms) });
  }

  #forget(now: number): void {
    while (this.#lags[0] !== undefined && now - this.#lags[0].atMonotonic > WINDOW_MS) this.#lags.shift();
  }
}
