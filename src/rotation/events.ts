import type { ErrorSummary } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { ExpiryLevel } from './expiry.ts';
import type { HoldReason } from './plan.ts';

/** A pair in events and status documents: what tells it from others, nothing secret. */
export interface PairSummary {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  /** SHA-1, Temporal Cloud's fingerprint. */
  readonly fingerprint: string;
  readonly sha256: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export function summarizePair({ leaf }: Pair): PairSummary {
  const { subject, issuer, serial, sha1, sha256, notBeforeMs, notAfterMs } = leaf;
  return { subject, issuer, serial, fingerprint: sha1, sha256, notBeforeMs, notAfterMs };
}

/**
 * Why a session was opened: another pair was read; the leaf in use ends soon and nothing newer came; somebody asked;
 * a Worker started (its first connection is pinned for its life, so it is given another one at once); a process that
 * only watches looks whether the server still accepts what it accepted before.
 */
export type AttemptCause = 'new-pair' | 'expiry-near' | 'requested' | 'worker-started' | 'proof-due';

export interface RotatedEvent {
  readonly generation: number;
  readonly pair: PairSummary;
  /** What served before. */
  readonly previous: PairSummary | undefined;
  /** False when the session was re-made with the pair that was already in use. */
  readonly newPair: boolean;
  readonly cause: AttemptCause;
  /** From the moment the pair was first seen (or the re-make was due) until new work goes to it, in milliseconds. */
  readonly tookMs: number;
  readonly warnings: readonly string[];
}

export interface RehearsedEvent {
  readonly pair: PairSummary;
  readonly cause: AttemptCause;
  /** From the moment the pair was first seen until it was proven, in milliseconds. */
  readonly tookMs: number;
  readonly warnings: readonly string[];
}

export interface AttemptFailedEvent {
  readonly pair: PairSummary;
  readonly cause: AttemptCause;
  /** `refused`: the server does not want it. `unobtainable`: nothing could be learned about it. */
  readonly verdict: 'refused' | 'unobtainable';
  /** Where it failed: the consumer's own name for the step (`dns`, `tcp`, `tls`, `namespace` …), else `other`. */
  readonly step: string;
  readonly error: ErrorSummary;
  /** Failures in a row with this pair. */
  readonly failures: number;
  readonly retryInMs: number;
}

export interface HeldEvent {
  readonly pair: PairSummary;
  readonly reason: Exclude<HoldReason, 'retry-later'>;
}

export interface DrainedEvent {
  readonly generation: number;
  readonly pair: PairSummary;
  readonly tookMs: number;
  /** Calls that were cut because the drain cap was reached, there were too many generations, or the rotation ended. */
  readonly callsCut: number;
}

export interface ExpiringEvent {
  readonly pair: PairSummary;
  readonly level: Exclude<ExpiryLevel, 'ok'>;
  readonly leftMs: number;
}

/**
 * | event | when | repeats |
 * |---|---|---|
 * | `candidate` | a pair that differs from the one in use was read | for every new pair |
 * | `held` | a candidate is not tried: not yet valid, expired, frozen, or proven in observe mode (`rehearsed`) | once a reason |
 * | `rotated` | new work goes to a new session | every hand-over, also a re-make with the same pair |
 * | `rehearsed` | observe mode: the server accepts the pair, which is not used | once a pair |
 * | `attemptFailed` | a session could not be opened or proven; the current one serves on | every attempt |
 * | `drained` | an old session gets no more calls and is closed; long polls that a Worker's core has in flight on it still end by themselves | once a session |
 * | `expiring` | the leaf in use has 1/3, 1/10, nothing of its lifetime left | once a level |
 * | `sourceProblem`, `sourceRecovered` | what the source reads is unusable / usable again | when the reason changes |
 * | `clockJumped` | wall time and awake time differ by more than 5 s: the machine slept, or a clock was set | every time |
 *
 * Listeners cannot veto and cannot harm: one that throws becomes a process warning.
 */
export interface RotationEvents {
  candidate: [event: { readonly pair: PairSummary }];
  held: [event: HeldEvent];
  rotated: [event: RotatedEvent];
  rehearsed: [event: RehearsedEvent];
  attemptFailed: [event: AttemptFailedEvent];
  drained: [event: DrainedEvent];
  expiring: [event: ExpiringEvent];
  sourceProblem: [event: ErrorSummary];
  sourceRecovered: [];
  clockJumped: [event: { readonly byMs: number }];
}
