/** Who waits for its turn. */
interface Waiter extends Turn {
  readonly start: (asUrgent: boolean) => void;
}

export interface Turn {
  /** It has never been tried. */
  readonly urgent: boolean;
  /** With which server, in any words that are the same for the same one. */
  readonly server: string;
}

/** Slots that are kept for what has never been tried. */
const RESERVED = 2;

/**
 * Bounds how many proofs run at once, whoever they belong to. What has never been tried goes first, and some slots are kept
 * for it: a server that does not answer holds a proof for its whole timeout, and with many watches on such a server their
 * repetitions would otherwise take every slot, and a new certificate would have to wait for all of them. For the same reason
 * each server has only one proof at a time in the slots that are kept, however many new certificates there are for it.
 */
export class ProofGate {
  readonly #limit: number;
  readonly #patientLimit: number;
  readonly #waiting = new Set<Waiter>();
  /** Servers with a proof that does not count among the patient ones. */
  readonly #urgentServers = new Set<string>();
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
   * @throws the signal's reason, at once, when it aborts while waiting; whatever `work` throws
   */
  async run<T>(turn: Turn, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const asUrgent = await this.#wait(turn, signal);
    try {
      return await work();
    } finally {
      this.#running--;
      if (asUrgent) this.#urgentServers.delete(turn.server);
      else this.#patientRunning--;
      this.#startNext();
    }
  }

  async #wait(turn: Turn, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    return await new Promise<boolean>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const start = (asUrgent: boolean): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(asUrgent);
      };
      const waiter: Waiter = { ...turn, start };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
      this.#startNext();
    });
  }

  #startNext(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const asUrgent = this.#countsAsUrgent(next);
      this.#waiting.delete(next);
      this.#running++;
      if (asUrgent) this.#urgentServers.add(next.server);
      else this.#patientRunning++;
      next.start(asUrgent);
    }
  }

  #countsAsUrgent({ urgent, server }: Waiter): boolean {
    return urgent && !this.#urgentServers.has(server);
  }

  /** The first that waits and may run now; urgent ones before the others. */
  #next(): Waiter | undefined {
    if (this.#running >= this.#limit) return undefined;
    let patient: Waiter | undefined;
    for (const waiter of this.#waiting) {
      if (this.#countsAsUrgent(waiter)) return waiter;
      if (patient === undefined || (waiter.urgent && !patient.urgent)) patient = waiter;
    }
    return this.#patientRunning < this.#patientLimit ? patient : undefined;
  }
}
