import { type Clock, systemClock } from '../clock.ts';
import type { Pair } from '../identity/index.ts';
import { SafeEmitter } from '../safe-emitter.ts';
import type { PairSource, PairSourceEvents, SourceStatus } from './pair-source.ts';

/**
 * Pairs that the program itself brings: from a secret manager's SDK, or an issuer in the same process. Make them with
 * `readPair`, hand them in with {@link MemorySource.set}.
 */
export class MemorySource implements PairSource {
  readonly events: SafeEmitter<PairSourceEvents> = new SafeEmitter<PairSourceEvents>();
  readonly #clock: Clock;
  #current: Pair | undefined;
  #lastSetAtMs: number | undefined;
  #lastChangeAtMs: number | undefined;
  #closed = false;

  constructor(initial?: Pair, { clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
    if (initial !== undefined) this.set(initial);
  }

  get current(): Pair | undefined {
    return this.#current;
  }

  /** Makes `pair` the one to use; nothing happens when it already is, or after {@link close}. */
  set(pair: Pair): void {
    if (this.#closed) return;
    this.#lastSetAtMs = this.#clock.now();
    if (pair.id === this.#current?.id) return;
    this.#current = pair;
    this.#lastChangeAtMs = this.#lastSetAtMs;
    this.events.emit('pair', pair);
  }

  async readNow(): Promise<void> {}

  status(): SourceStatus {
    return {
      description: 'memory',
      noticedBy: 'caller',
      lastReadAtMs: this.#lastSetAtMs,
      lastGoodAtMs: this.#lastSetAtMs,
      lastChangeAtMs: this.#lastChangeAtMs,
      problem: undefined,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
