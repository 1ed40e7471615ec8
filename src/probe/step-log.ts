import type { Clock } from '../clock.ts';
import type { ProbeStep, ProbeStepName } from './report.ts';

/** Writes down which steps were taken, how long each took and in which one a probe ended. */
export class StepLog {
  readonly #clock: Clock;
  readonly #onStep: ((step: ProbeStep) => void) | undefined;
  readonly #steps: ProbeStep[] = [];
  #current: ProbeStepName = 'address';

  /** @param onStep called with each step once it has been taken. */
  constructor(clock: Clock, onStep?: (step: ProbeStep) => void) {
    this.#clock = clock;
    this.#onStep = onStep;
  }

  get steps(): readonly ProbeStep[] {
    return this.#steps;
  }

  /** The step that is being taken, or the last one that was. */
  get current(): ProbeStepName {
    return this.#current;
  }

  /**
   * Takes a step.
   *
   * @param detail says what it found, for people.
   * @param outcome whether its result is a good one (default: every step that does not throw went well), and how a call
   * was answered.
   */
  async take<T>(
    name: ProbeStepName,
    step: () => T | Promise<T>,
    detail: (result: T) => string,
    outcome: (result: T) => Pick<ProbeStep, 'ok' | 'status'> = () => ({ ok: true }),
  ): Promise<T> {
    this.#current = name;
    const startedAt = this.#clock.monotonic();
    try {
      const result = await step();
      this.#add({ name, ...outcome(result), ms: this.#since(startedAt), detail: detail(result) });
      return result;
    } catch (error) {
      this.#add({ name, ok: false, ms: this.#since(startedAt) });
      throw error;
    }
  }

  #add(step: ProbeStep): void {
    this.#steps.push(step);
    this.#onStep?.(step);
  }

  #since(startedAt: number): number {
    return Math.round((this.#clock.monotonic() - startedAt) * 10) / 10;
  }
}
