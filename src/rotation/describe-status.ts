/** A rotation and its source in the words of the status document. */
import type { ErrorSummary } from '../errors.ts';
import type {
  CertificateDocument,
  ErrorDocument,
  RotationDocument,
  RotationLabels,
  SourceDocument,
} from '../observe/index.ts';
import type { PairSource, SourceStatus } from '../source/index.ts';
import { type PairSummary, summarizePair } from './events.ts';
import { heldBecause } from './held.ts';
import type { RotationStatus } from './status.ts';

export function describeRotation(
  status: RotationStatus,
  { name, address, consumer }: RotationLabels,
): RotationDocument {
  const { mode, frozen, state, current, candidate, attempt, lastError, nextAction, heartbeatAgeMs } = status;
  return {
    ...{ name, address, consumer },
    ...{ mode, frozen, state },
    stateSince: iso(status.stateSinceMs),
    stateAgeSeconds: status.stateAgeMs / 1000,
    heartbeatAgeSeconds: heartbeatAgeMs === undefined ? null : heartbeatAgeMs / 1000,
    inUse: orNull(current, ({ generation, pair, sinceMs, expiry }) => ({
      ...{ generation, certificate: certificate(pair), since: iso(sinceMs), expiry },
    })),
    inUseFailure: orNull(current?.failing, ({ verdict, sinceMs, ...error }) => ({
      ...{ verdict, ...describeError(error) },
      since: iso(sinceMs),
    })),
    candidate: orNull(candidate, ({ pair, seenAtMs, failures, lastError: error }) => ({
      ...{ certificate: certificate(pair), seenAt: iso(seenAtMs), failures },
      held: heldBecause(status) ?? null,
      lastError: orNull(error, describeError),
    })),
    attempt: orNull(attempt, ({ pair, cause, sinceMs, aborted }) => ({
      ...{ certificate: certificate(pair), cause, since: iso(sinceMs), aborted },
    })),
    lastAttemptAt: orNull(status.lastAttemptAtMs, iso),
    lastSuccessAt: orNull(status.lastSuccessAtMs, iso),
    lastError: orNull(lastError, (error) => ({ ...describeError(error), at: iso(error.atMs) })),
    consecutiveFailures: status.consecutiveFailures,
    nextAction: orNull(nextAction, ({ what, atMs }) => ({ what, at: iso(atMs) })),
    draining: status.draining.map(({ generation, pair, sinceMs, deadlineMs }) => ({
      ...{ generation, certificate: certificate(pair), since: iso(sinceMs), deadline: iso(deadlineMs) },
    })),
  };
}

/** @param problem of the source, as far as it is news (`SourceProblem`) */
export function describeSource(source: PairSource, name: string, problem: SourceStatus['problem']): SourceDocument {
  const { description, noticedBy, lastReadAtMs, lastGoodAtMs, lastChangeAtMs } = source.status();
  return {
    ...{ name, description, noticedBy },
    onDisk: orNull(source.current, (pair) => certificate(summarizePair(pair))),
    lastReadAt: orNull(lastReadAtMs, iso),
    lastGoodAt: orNull(lastGoodAtMs, iso),
    lastChangeAt: orNull(lastChangeAtMs, iso),
    problem: orNull(problem, (error) => ({ ...describeError(error), since: iso(error.sinceMs) })),
  };
}

function certificate({
  subject,
  issuer,
  serial,
  fingerprint,
  sha256,
  notBeforeMs,
  notAfterMs,
}: PairSummary): CertificateDocument {
  return { subject, issuer, serial, fingerprint, sha256, notBefore: iso(notBeforeMs), notAfter: iso(notAfterMs) };
}

function describeError({ code, message, hint }: ErrorSummary): ErrorDocument {
  return { code, message, hint: hint ?? null };
}

function orNull<T, U>(value: T | undefined, describe: (value: T) => U): U | null {
  return value === undefined ? null : describe(value);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
