import type { Clock } from '../clock.ts';
import type { RotationState } from './status.ts';

/** How long a rotation has been in its state, and how long ago its loop last ran: a loop that is stuck shows here. */
export class StateWatch {
  readonly #clock: Clock;
  #state: RotationState = 'starting';
  #sinceMs: number;
  #sinceMonotonic: number;
  #beatMonotonic: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.now();
    this.#sinceMonotonic = clock.monotonic();
    this.#beatMonotonic = this.#sinceMonotonic;
  }

  /** The loop has run. */
  beat(): void {
    this.#beatMonotonic = this.#clock.monotonic();
  }

  /** Notes the state, whether or not it is another one. */
  note(state: RotationState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#sinceMs = this.#clock.now();
    this.#sinceMonotonic = this.#clock.monotonic();
  }

  /** Awake time is told from awake time: a wall clock that was set would make a stuck loop of a good one. */
  status(isOpen: boolean): {
    readonly stateSinceMs: number;
    readonly stateAgeMs: number;
    readonly heartbeatAgeMs: number | undefined;
  } {
    const now = this.#clock.monotonic();
    const heartbeatAgeMs = isOpen ? now - this.#beatMonotonic : undefined;
    return { stateSinceMs: this.#sinceMs, stateAgeMs: now - this.#sinceMonotonic, heartbeatAgeMs };
  }
}
