import { RoteyError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { PairSource } from '../source/index.ts';
import type { Identity } from './consumer.ts';
import type { AttemptCause } from './events.ts';
import type { HoldReason } from './plan.ts';

/** A pair that waits to be used, and what became of the attempts with it. */
export interface Candidate {
  readonly pair: Pair;
  readonly seenAtMs: number;
  readonly seenAtMonotonic: number;
  /** Failed attempts in a row. */
  failures: number;
  retryAtMonotonic: number;
  /** Proven in observe mode. */
  rehearsed: boolean;
  /** How the last attempt with it ended. */
  verdict: 'refused' | 'unobtainable' | undefined;
  lastError: RoteyError | undefined;
  heldReported: HoldReason | undefined;
}

export function newCandidate(pair: Pair, seenAtMs: number, seenAtMonotonic: number): Candidate {
  const untried = { failures: 0, retryAtMonotonic: seenAtMonotonic, rehearsed: false, verdict: undefined };
  return { pair, seenAtMs, seenAtMonotonic, ...untried, lastError: undefined, heldReported: undefined };
}

/** Another session with the identity in use could not be opened. */
export interface RemakeFailure {
  readonly verdict: 'refused' | 'unobtainable';
  readonly error: RoteyError;
  /** When the first such attempt in a row failed. */
  readonly sinceMs: number;
}

/** A session that is being opened. */
export interface Attempt {
  readonly what: 'candidate' | 'remake';
  readonly identity: Identity;
  readonly cause: AttemptCause;
  readonly sinceMs: number;
  /** When the pair was first seen, or the re-make was asked for. */
  readonly dueSinceMonotonic: number;
  readonly stop: AbortController;
}

export function superseded(why: string): RoteyError {
  return new RoteyError('ROTEY_ATTEMPT_SUPERSEDED', `The attempt was given up: ${why}.`);
}

export function isSuperseded({ stop }: Attempt): boolean {
  const reason: unknown = stop.signal.reason;
  return stop.signal.aborted && reason instanceof RoteyError && reason.code === 'ROTEY_ATTEMPT_SUPERSEDED';
}

/** Whether how it ends says nothing about what is wanted now: it was given up, or another pair has come since. */
export function isOutOfDate(attempt: Attempt, candidate: Candidate | undefined): boolean {
  return isSuperseded(attempt) || (attempt.what === 'candidate' && candidate?.pair.id !== attempt.identity.pair.id);
}

export function timedOut(afterMs: number): RoteyError {
  return new RoteyError('ROTEY_ATTEMPT_FAILED', `The attempt had not ended after ${afterMs / 1000} s.`, {
    retryable: true,
    hint: 'Look at the server and the network between.',
  });
}

/** What made an attempt reject: the reason why it was aborted, or else what its consumer threw. */
export function attemptError({ stop }: Attempt, thrown: unknown): RoteyError {
  const reason: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
  if (reason instanceof RoteyError) return reason;
  const message = `The attempt failed: ${reason instanceof Error ? reason.message : String(reason)}`;
  return new RoteyError('ROTEY_ATTEMPT_FAILED', message, { cause: thrown, retryable: true });
}

/** The step that failed, where the consumer says so in the error's context; `other` where it does not. */
export function failedStep({ context }: RoteyError): string {
  const step = context['step'];
  return typeof step === 'string' ? step : 'other';
}

export function closedError(): RoteyError {
  return new RoteyError('ROTEY_ROTATION_CLOSED', 'The rotation is closed.');
}

/** Why there is nothing to begin with: the source's own reason where it has one. */
export function noPair(source: PairSource): RoteyError {
  const { problem, description } = source.status();
  if (problem === undefined) {
    return new RoteyError('ROTEY_NO_PAIR', `There is no pair in ${description}.`, { retryable: true });
  }
  const code = problem.code === 'INTERNAL' ? 'ROTEY_NO_PAIR' : problem.code;
  const hint = problem.hint === undefined ? {} : { hint: problem.hint };
  return new RoteyError(code, problem.message, { retryable: true, ...hint });
}
