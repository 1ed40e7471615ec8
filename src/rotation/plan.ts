/**
 * The one decision of a rotation, as a pure function: given what is known, what is next?
 *
 * @module
 */
import { nextExpiryChange, remakeAtMs, type Validity } from './expiry.ts';

/** A pair that waits to be used. */
export interface CandidateView {
  readonly leaf: Validity;
  /** Monotonic time before which a failed attempt is not repeated. */
  readonly retryAtMonotonic: number;
  /** Proven in observe mode: there is nothing left to do with it. */
  readonly rehearsed: boolean;
}

/** What serves now. */
export interface CurrentView {
  readonly leaf: Validity;
  /** When this session was made: one that is young enough needs no re-make before the leaf ends. */
  readonly madeAtMs: number;
  /** Monotonic time before which a failed re-make is not repeated. */
  readonly remakeRetryAtMonotonic: number;
  /** Somebody asked for a session with the same identity. */
  readonly remakeWanted: boolean;
}

export interface PlanInput {
  readonly mode: 'rotate' | 'observe';
  /** Stay on the current identity whatever comes. The first identity is still opened. */
  readonly frozen: boolean;
  readonly candidate: CandidateView | undefined;
  readonly current: CurrentView | undefined;
  readonly nowMs: number;
  readonly nowMonotonic: number;
}

/** Why nothing is attempted with a candidate now. */
export type HoldReason = 'frozen' | 'not-yet-valid' | 'expired' | 'retry-later' | 'rehearsed';

export type Plan =
  | { readonly next: 'attempt'; readonly what: 'candidate' | 'remake' }
  | {
      readonly next: 'wait';
      /** Milliseconds until something is due by itself; undefined: only an event from outside changes anything. */
      readonly forMs: number | undefined;
      /** What is due then: an attempt, or nothing but a look (the expiry level changes). */
      readonly due: 'attempt' | 'look';
      /** Why there is a candidate that is not attempted now. */
      readonly held: HoldReason | undefined;
    };

/** Decides. The candidate goes first: a session with a newer identity makes a re-make of the old one needless. */
export function plan(input: PlanInput): Plan {
  const hold = holdCandidate(input);
  if (input.candidate !== undefined && hold === undefined) return { next: 'attempt', what: 'candidate' };
  const remakeInMs = untilRemake(input);
  if (remakeInMs !== undefined && remakeInMs <= 0) return { next: 'attempt', what: 'remake' };
  const { current, nowMs } = input;
  const alarmAtMs = current && nextExpiryChange(current.leaf, nowMs);
  const alarmInMs = alarmAtMs === undefined ? Number.POSITIVE_INFINITY : alarmAtMs - nowMs;
  const attemptInMs = Math.min(hold?.forMs ?? Number.POSITIVE_INFINITY, remakeInMs ?? Number.POSITIVE_INFINITY);
  const forMs = Math.min(attemptInMs, alarmInMs);
  return {
    next: 'wait',
    forMs: Number.isFinite(forMs) ? forMs : undefined,
    due: attemptInMs <= alarmInMs ? 'attempt' : 'look',
    held: hold?.reason,
  };
}

interface Hold {
  readonly reason: HoldReason;
  readonly forMs: number | undefined;
}

function holdCandidate({ candidate, current, mode, frozen, nowMs, nowMonotonic }: PlanInput): Hold | undefined {
  if (candidate === undefined) return undefined;
  if (frozen && current !== undefined) return { reason: 'frozen', forMs: undefined };
  if (mode === 'observe' && candidate.rehearsed) return { reason: 'rehearsed', forMs: undefined };
  // Our clock may be the wrong one. Where nothing good would be given up, the server decides.
  const currentGoodForMs = current === undefined ? 0 : current.leaf.notAfterMs - nowMs;
  if (currentGoodForMs > 0) {
    const validInMs = candidate.leaf.notBeforeMs - nowMs;
    if (validInMs > 0) return { reason: 'not-yet-valid', forMs: Math.min(validInMs, currentGoodForMs) };
    if (nowMs >= candidate.leaf.notAfterMs) return { reason: 'expired', forMs: currentGoodForMs };
  }
  const retryInMs = candidate.retryAtMonotonic - nowMonotonic;
  return retryInMs > 0 ? { reason: 'retry-later', forMs: retryInMs } : undefined;
}

/** Milliseconds until a re-make is due, 0 or less when it is; undefined when none is wanted. */
function untilRemake({ current, mode, frozen, nowMs, nowMonotonic }: PlanInput): number | undefined {
  if (current === undefined || frozen || mode === 'observe') return undefined;
  const retryInMs = current.remakeRetryAtMonotonic - nowMonotonic;
  if (current.remakeWanted) return Math.max(0, retryInMs);
  const dueAtMs = remakeAtMs(current.leaf);
  // After the end a handshake with this leaf fails; a session that was made after `dueAtMs` is young enough, unless it
  // comes from the future: then the clock was wrong and has been set back, and nothing is known of its age.
  const isYoungEnough = current.madeAtMs >= dueAtMs && current.madeAtMs <= nowMs;
  if (nowMs >= current.leaf.notAfterMs || isYoungEnough) return undefined;
  return Math.max(dueAtMs - nowMs, retryInMs);
}
