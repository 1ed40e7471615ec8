import { summarizeError } from '../errors.ts';
import type { SourceStatus } from '../source/index.ts';
import type { Attempt, Candidate, RemakeFailure } from './attempt.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Identity } from './consumer.ts';
import type { DrainStatus } from './drains.ts';
import { summarizePair } from './events.ts';
import { expiryLevel } from './expiry.ts';
import type { Plan } from './plan.ts';
import type { StateWatch } from './state-watch.ts';
import type { RotationState, RotationStatus } from './status.ts';

/** What a rotation knows of itself at one moment. */
export interface RotationView {
  readonly phase: 'open' | 'closing' | 'closed';
  readonly mode: 'rotate' | 'observe';
  readonly frozen: boolean;
  readonly nowMs: number;
  readonly nowMonotonic: number;
  readonly stateTimes: ReturnType<StateWatch['status']>;
  readonly current:
    | { readonly identity: Identity; readonly sinceMs: number; readonly remakeFailure: RemakeFailure | undefined }
    | undefined;
  readonly candidate: Candidate | undefined;
  readonly attempt: Attempt | undefined;
  /** What it would do now; undefined while an attempt is under way and after the end. */
  readonly plan: Plan | undefined;
  readonly record: AttemptRecord;
  readonly draining: readonly DrainStatus[];
  readonly source: SourceStatus;
}

/** The status document of that moment. Holds no secret, no stack and nothing that changes afterwards. */
export function composeStatus(view: RotationView): RotationStatus {
  const { mode, frozen, nowMs, stateTimes, record, draining, source, plan } = view;
  const { lastAttemptAtMs, lastSuccessAtMs, lastError, consecutiveFailures } = record;
  return {
    state: stateOf(view),
    ...stateTimes,
    ...{ mode, frozen },
    current: describeCurrent(view),
    candidate: describeCandidate(view),
    attempt: describeAttempt(view.attempt),
    ...{ lastAttemptAtMs, lastSuccessAtMs },
    lastError: lastError && { ...summarizeError(lastError.error), atMs: lastError.atMs },
    consecutiveFailures,
    nextAction: plan && nextAction(plan, nowMs),
    ...{ draining, source },
  };
}

export function stateOf({
  phase,
  attempt,
  current,
  candidate,
}: Pick<RotationView, 'phase' | 'attempt' | 'current' | 'candidate'>): RotationState {
  if (phase !== 'open') return phase;
  if (attempt !== undefined) return 'proving';
  if (current === undefined) return 'starting';
  return candidate === undefined ? 'serving' : 'holding';
}

function describeCurrent({ current, nowMs }: RotationView): RotationStatus['current'] {
  if (current === undefined) return undefined;
  const { identity, sinceMs, remakeFailure: failure } = current;
  const { generation, pair } = identity;
  const failing = failure && { ...summarizeError(failure.error), verdict: failure.verdict, sinceMs: failure.sinceMs };
  return { generation, pair: summarizePair(pair), sinceMs, expiry: expiryLevel(pair.leaf, nowMs), failing };
}

function describeCandidate({ candidate, plan, nowMonotonic }: RotationView): RotationStatus['candidate'] {
  if (candidate === undefined) return undefined;
  const { pair, seenAtMs, seenAtMonotonic, failures, verdict, lastError } = candidate;
  return {
    pair: summarizePair(pair),
    ...{ seenAtMs, ageMs: nowMonotonic - seenAtMonotonic, failures, verdict },
    lastError: lastError && summarizeError(lastError),
    held: plan?.next === 'wait' ? plan.held : undefined,
  };
}

function describeAttempt(attempt: Attempt | undefined): RotationStatus['attempt'] {
  if (attempt === undefined) return undefined;
  const { identity, cause, sinceMs, stop } = attempt;
  return { pair: summarizePair(identity.pair), cause, sinceMs, aborted: stop.signal.aborted };
}

function nextAction(plan: Plan, nowMs: number): RotationStatus['nextAction'] {
  if (plan.next === 'attempt') return { what: 'attempt', atMs: nowMs };
  return plan.forMs === undefined ? undefined : { what: plan.due, atMs: nowMs + plan.forMs };
}
