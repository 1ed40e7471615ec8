import type { ErrorSummary, RoteyError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { SafeEmitter } from '../safe-emitter.ts';

/**
 * | event | argument | when |
 * |---|---|---|
 * | `pair` | the new pair | it differs from the one before; going back to an earlier pair is a change |
 * | `problem` | the error | what is there is no usable pair, and has not been for a moment; again when the reason changes |
 * | `recovered` | – | a usable pair is there again after a `problem`; before the `pair` event, if it is another pair |
 */
export interface PairSourceEvents {
  pair: [pair: Pair];
  problem: [error: RoteyError];
  recovered: [];
}

/** What a source knows about itself. All times are wall times in milliseconds since the Unix epoch. */
export interface SourceStatus {
  /** What is watched, for people. */
  readonly description: string;
  /**
   * How changes are noticed: by events of the file system (with polling behind them), by polling alone (there are no
   * watches, or they say nothing), or handed in.
   */
  readonly noticedBy: 'events' | 'polling' | 'caller';
  /** When the last look at the source ended, whatever it found. */
  readonly lastReadAtMs: number | undefined;
  /** When a usable pair was last seen. */
  readonly lastGoodAtMs: number | undefined;
  /** When the pair last changed. */
  readonly lastChangeAtMs: number | undefined;
  /** Why what is there now cannot be used; the last good pair stays {@link PairSource.current}. */
  readonly problem: (ErrorSummary & { readonly sinceMs: number }) | undefined;
}

/**
 * Where pairs come from. Emits only whole, self-consistent pairs, never the same one twice in a row, never an older
 * read after a newer one. A failure never takes the last good pair away.
 */
export interface PairSource extends AsyncDisposable {
  /** The last good pair, undefined until there has been one. */
  readonly current: Pair | undefined;
  readonly events: SafeEmitter<PairSourceEvents>;
  /**
   * Looks now. Resolves when a look that began after this call has ended, or when it is known that the file system hangs;
   * never rejects for what it found.
   */
  readNow(): Promise<void>;
  status(): SourceStatus;
  /** Stops watching. Idempotent. No event comes after it resolves. */
  close(): Promise<void>;
}
