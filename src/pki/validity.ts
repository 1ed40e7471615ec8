import { type Clock, systemClock } from '../clock.ts';
import { type IssuingRules, ruleBroken } from './rules.ts';

/** From when to when a certificate is valid. All times in milliseconds since the Unix epoch; cut to whole seconds. */
export interface ValidityOptions {
  /** How long it is valid, counted from now (not from the backdated beginning). Excludes `notAfterMs`. */
  readonly lifetimeMs?: number | undefined;
  /** The first moment. Default: now, minus `backdateMs`, but never before the issuer's own beginning. */
  readonly notBeforeMs?: number | undefined;
  /** The last moment. Excludes `lifetimeMs`. */
  readonly notAfterMs?: number | undefined;
  /**
   * How far before now the certificate begins. Default: 60 s, so that a server whose clock is up to a minute behind
   * accepts it at once (cert-manager does not backdate and is refused there). Unused when `notBeforeMs` is given.
   */
  readonly backdateMs?: number | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/** Both ends are included (RFC 5280 §4.1.2.5). Milliseconds since the Unix epoch, whole seconds. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * Settles both ends. A default never breaks a rule: it is cut to the issuer's own validity. What was asked for is
 * granted or refused, never changed.
 *
 * @throws {RoteyError} `ROTEY_ISSUE_RULE_BROKEN` when it would begin before or end after its issuer (not with
 * `rules: 'tls'`), or when the issuer has ended and no other end was asked for.
 * @throws {RangeError} when a duration is not positive or the end is before the beginning.
 * @throws {TypeError} when both `lifetimeMs` and `notAfterMs` are given.
 */
export function resolveValidity(
  options: ValidityOptions,
  defaultLifetimeMs: number,
  issuer: Validity | undefined,
  rules: IssuingRules,
): Validity {
  const nowMs = (options.clock ?? systemClock).now();
  const notBeforeMs = wholeSeconds('notBeforeMs', options.notBeforeMs ?? defaultBeginning(options, nowMs, issuer));
  const notAfterMs = wholeSeconds(
    'notAfterMs',
    askedEnd(options, nowMs) ?? defaultEnd(nowMs, defaultLifetimeMs, issuer),
  );
  if (notAfterMs <= notBeforeMs) {
    throw new RangeError(`The certificate would end (${show(notAfterMs)}) before it begins (${show(notBeforeMs)}).`);
  }
  if (issuer !== undefined && rules === 'cloud') requireWithin({ notBeforeMs, notAfterMs }, issuer);
  return { notBeforeMs, notAfterMs };
}

function defaultBeginning(options: ValidityOptions, nowMs: number, issuer: Validity | undefined): number {
  const backdateMs = options.backdateMs ?? DEFAULT_BACKDATE_MS;
  if (!(backdateMs >= 0)) throw new RangeError(`backdateMs must be zero or more, not ${backdateMs}.`);
  return Math.max(nowMs - backdateMs, issuer?.notBeforeMs ?? Number.NEGATIVE_INFINITY);
}

function askedEnd({ lifetimeMs, notAfterMs }: ValidityOptions, nowMs: number): number | undefined {
  if (lifetimeMs === undefined) return notAfterMs;
  if (notAfterMs !== undefined) throw new TypeError('Give lifetimeMs or notAfterMs, not both.');
  if (!(lifetimeMs > 0)) throw new RangeError(`lifetimeMs must be positive, not ${lifetimeMs}.`);
  return nowMs + lifetimeMs;
}

function defaultEnd(nowMs: number, lifetimeMs: number, issuer: Validity | undefined): number {
  const endMs = Math.min(nowMs + lifetimeMs, issuer?.notAfterMs ?? Number.POSITIVE_INFINITY);
  if (endMs > nowMs) return endMs;
  throw ruleBroken(
    'An authority signs while it is valid',
    `a certificate from ${show(nowMs)} on`,
    `the end of the authority, ${show(endMs)}`,
    'Renew the authority first.',
  );
}

function requireWithin({ notBeforeMs, notAfterMs }: Validity, issuer: Validity): void {
  if (notAfterMs > issuer.notAfterMs) {
    throw ruleBroken(
      'A certificate ends no later than its issuer',
      show(notAfterMs),
      show(issuer.notAfterMs),
      'Ask for a shorter lifetime, or renew the authority first.',
    );
  }
  if (notBeforeMs < issuer.notBeforeMs) {
    throw ruleBroken(
      'A certificate begins no earlier than its issuer',
      show(notBeforeMs),
      show(issuer.notBeforeMs),
      'Ask for a later beginning.',
    );
  }
}

function wholeSeconds(what: string, ms: number): number {
  if (!(Math.abs(ms) <= LARGEST_DATE_MS)) throw new RangeError(`${what} is not a time: ${ms}.`);
  return Math.floor(ms / 1000) * 1000;
}

function show(ms: number): string {
  return new Date(ms).toISOString();
}

const DEFAULT_BACKDATE_MS = 60_000;
/** The limit of Date (ECMA-262 §21.4.1.1). */
const LARGEST_DATE_MS = 8.64e15;
