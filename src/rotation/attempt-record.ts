import type { Clock } from '../clock.ts';
import type { RoteyError } from '../errors.ts';

/** What became of the attempts so far, as a status document tells it. All times are wall times. */
export class AttemptRecord {
  readonly #clock: Clock;
  #lastAttemptAtMs: number | undefined;
  #lastSuccessAtMs: number | undefined;
  #lastError: { readonly error: RoteyError; readonly atMs: number } | undefined;
  #consecutiveFailures = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get lastAttemptAtMs(): number | undefined {
    return this.#lastAttemptAtMs;
  }

  get lastSuccessAtMs(): number | undefined {
    return this.#lastSuccessAtMs;
  }

  /** Kept until an attempt succeeds. */
  get lastError(): { readonly error: RoteyError; readonly atMs: number } | undefined {
    return this.#lastError;
  }

  get consecutiveFailures(): number {
    return this.#consecutiveFailures;
  }

  began(): void {
    this.#lastAttemptAtMs = this.#clock.now();
  }

  succeeded(): void {
    this.#lastSuccessAtMs = this.#clock.now();
    this.#lastError = undefined;
    this.#consecutiveFailures = 0;
  }

  failed(error: RoteyError): void {
    this.#lastError = { error, atMs: this.#clock.now() };
    this.#consecutiveFailures++;
  }
}
