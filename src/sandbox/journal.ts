import { type Clock, systemClock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { SafeEmitter } from '../safe-emitter.ts';

export interface WaitOptions {
  /** How long to wait, in milliseconds. Default: 10,000, which is far more than a local server needs for anything. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a {@link Journal} tells its listeners. Both can repeat; neither is sent for what happened before. */
export interface JournalEvents<T> {
  /** An entry was begun. */
  started: [entry: T];
  /** An entry was completed; the same id as in `started`. */
  ended: [entry: T];
}

/**
 * What the server reported, in order: entries that begin, and end later. Entries are immutable; an end replaces the
 * entry. The oldest are forgotten beyond a limit, so that a long run does not fill the memory.
 */
export class Journal<T extends { readonly id: number }> {
  readonly events: SafeEmitter<JournalEvents<T>> = new SafeEmitter<JournalEvents<T>>();
  readonly #entries = new Map<number, T>();
  readonly #what: string;
  readonly #limit: number;
  readonly #clock: Clock;

  /**
   * @param what plural, for messages: `calls`.
   * @param limit how many entries are kept. Default: 50,000, some 20 MB.
   */
  constructor(what: string, { limit = 50_000, clock = systemClock }: { limit?: number; clock?: Clock } = {}) {
    this.#what = what;
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Everything that is kept, oldest beginning first. */
  entries(): readonly T[] {
    return [...this.#entries.values()];
  }

  /** The kept entry with this id. */
  get(id: number): T | undefined {
    return this.#entries.get(id);
  }

  /**
   * The first entry, past or future, for which the predicate holds. Each entry is looked at when it begins and again when
   * it ends.
   *
   * @throws {RoteyError} `ROTEY_SANDBOX_FAILED` when there was none in time.
   * @throws the signal's reason when it was aborted.
   */
  async waitFor(predicate: (entry: T) => boolean, { timeoutMs = 10_000, signal }: WaitOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    for (const entry of this.#entries.values()) if (predicate(entry)) return entry;
    const done = new AbortController();
    const until = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
    const stopListening: (() => void)[] = [];
    try {
      return await new Promise<T>((resolve, reject) => {
        const look = (entry: T) => {
          try {
            if (predicate(entry)) resolve(entry);
          } catch (error) {
            reject(error);
          }
        };
        this.events.on('started', look).on('ended', look);
        stopListening.push(() => this.events.off('started', look).off('ended', look));
        this.#clock.sleep(timeoutMs, { signal: until, ref: true }).then(
          () => reject(this.#tooLate(timeoutMs)),
          () => reject(signal?.reason),
        );
      });
    } finally {
      for (const stop of stopListening) stop();
      done.abort();
    }
  }

  /** @internal */
  begin(entry: T): void {
    this.#entries.set(entry.id, entry);
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#entries.delete(id);
    }
    this.events.emit('started', entry);
  }

  /** @internal An end whose beginning is not known (any more) is ignored. */
  end(id: number, complete: (entry: T) => T): void {
    const begun = this.#entries.get(id);
    if (begun === undefined) return;
    const ended = complete(begun);
    this.#entries.set(id, ended);
    this.events.emit('ended', ended);
  }

  #tooLate(timeoutMs: number): RoteyError {
    return new RoteyError(
      'ROTEY_SANDBOX_FAILED',
      `None of the ${this.#what} was the expected one for ${timeoutMs} ms.`,
      {
        context: { seen: this.#entries.size, last: this.entries().slice(-10) },
      },
    );
  }
}
