import type { ErrorSummary } from '../errors.ts';
import type { SourceStatus } from '../source/index.ts';
import type { DrainStatus } from './drains.ts';
import type { AttemptCause, PairSummary } from './events.ts';
import type { ExpiryLevel } from './expiry.ts';
import type { HoldReason } from './plan.ts';

/**
 * `starting`: nothing serves yet. `serving`: one identity serves and nothing is under way. `proving`: a session is
 * being opened. `holding`: one serves, and a candidate waits (see `candidate.held`). `closing`, `closed`.
 */
export type RotationState = 'starting' | 'serving' | 'proving' | 'holding' | 'closing' | 'closed';

/** All times are wall times in milliseconds since the Unix epoch. */
export interface RotationStatus {
  readonly state: RotationState;
  readonly stateSinceMs: number;
  /** How long it has been in this state, in milliseconds of awake time. */
  readonly stateAgeMs: number;
  /** How long ago its loop last ran, in milliseconds of awake time. It runs at least every 10 s. Undefined once closed. */
  readonly heartbeatAgeMs: number | undefined;
  readonly mode: 'rotate' | 'observe';
  readonly frozen: boolean;
  readonly current:
    | {
        readonly generation: number;
        readonly pair: PairSummary;
        readonly sinceMs: number;
        readonly expiry: ExpiryLevel;
        /** How the last attempt to open another session with it failed; undefined when it did not. */
        readonly failing:
          | (ErrorSummary & { readonly verdict: 'refused' | 'unobtainable'; readonly sinceMs: number })
          | undefined;
      }
    | undefined;
  readonly candidate:
    | {
        readonly pair: PairSummary;
        readonly seenAtMs: number;
        /** How long ago that was, in milliseconds of awake time. */
        readonly ageMs: number;
        /** Failed attempts in a row. */
        readonly failures: number;
        /** How the last attempt with it ended; undefined before the first has. */
        readonly verdict: 'refused' | 'unobtainable' | undefined;
        readonly lastError: ErrorSummary | undefined;
        /** Why it is not being tried right now. */
        readonly held: HoldReason | undefined;
      }
    | undefined;
  /** The attempt that is under way. */
  readonly attempt:
    | { readonly pair: PairSummary; readonly cause: AttemptCause; readonly sinceMs: number; readonly aborted: boolean }
    | undefined;
  readonly lastAttemptAtMs: number | undefined;
  readonly lastSuccessAtMs: number | undefined;
  /** The last failure, kept until an attempt succeeds. */
  readonly lastError: (ErrorSummary & { readonly atMs: number }) | undefined;
  readonly consecutiveFailures: number;
  /** What happens next without anything coming from outside, and when; undefined when nothing does. */
  readonly nextAction: { readonly what: 'attempt' | 'look'; readonly atMs: number } | undefined;
  readonly draining: readonly DrainStatus[];
  readonly source: SourceStatus;
}
