/** Who waits for its turn. */
interface Waiter {
  readonly urgent: boolean;
  readonly start: () => void;
}

/** Slots that are kept for what has never been tried. */
const RESERVED = 2;

/**
 * Bounds how many proofs run at once, whoever they belong to. What has never been tried goes first, and some slots are kept
 * for it: a server that does not answer holds a proof for its whole timeout, and with many watches on such a server their
 * repetitions would otherwise take every slot, and a new certificate would have to wait for all of them.
 */
export class ProofGate {
  readonly #limit: number;
  readonly #patientLimit: number;
  readonly #waiting = new Set<Waiter>();
  #running = 0;
  #patientRunning = 0;

  /** @param limit how many run at once; at least 1 */
  constructor(limit: number) {
    if (!(Number.isInteger(limit) && limit > 0)) throw new RangeError(`limit must be 1 or more, not ${limit}`);
    this.#limit = limit;
    this.#patientLimit = Math.max(1, limit - RESERVED);
  }

  get running(): number {
    return this.#running;
  }

  /**
   * Runs `work` when it is its turn.
   *
   * @param urgent it has never been tried
   * @throws the signal's reason, at once, when it aborts while waiting; whatever `work` throws
   */
  async run<T>(urgent: boolean, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(urgent, signal);
    try {
      return await work();
    } finally {
      this.#running--;
      if (!urgent) this.#patientRunning--;
      this.#startNext();
    }
  }

  async #turn(urgent: boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const start = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const waiter: Waiter = { urgent, start };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
      this.#startNext();
    });
  }

  #startNext(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#waiting.delete(next);
      this.#running++;
      if (!next.urgent) this.#patientRunning++;
      next.start();
    }
  }

  /** The first that waits and may run now; urgent ones before the others. */
  #next(): Waiter | undefined {
    if (this.#running >= this.#limit) return undefined;
    let patient: Waiter | undefined;
    for (const waiter of this.#waiting) {
      if (waiter.urgent) return waiter;
      patient ??= waiter;
    }
    return this.#patientRunning < this.#patientLimit ? patient : undefined;
  }
}
