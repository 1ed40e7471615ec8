import type { Clock } from '../clock.ts';

/** A step between wall time and awake time that is worth telling; below it are NTP's slewing and busy event loops. */
const JUMP_MS = 5000;

/** Notices that the machine slept or that a clock was set: wall time and awake time then drift apart. */
export class ClockWatch {
  readonly #clock: Clock;
  #last: { readonly nowMs: number; readonly monotonic: number };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = this.#read();
  }

  /** By how many milliseconds the wall clock jumped since the last call; 0 when it did not. */
  jumpedByMs(): number {
    const [last, now] = [this.#last, this.#read()];
    this.#last = now;
    const byMs = now.nowMs - last.nowMs - (now.monotonic - last.monotonic);
    return Math.abs(byMs) < JUMP_MS ? 0 : Math.round(byMs);
  }

  #read(): { readonly nowMs: number; readonly monotonic: number } {
    return { nowMs: this.#clock.now(), monotonic: this.#clock.monotonic() };
  }
}
