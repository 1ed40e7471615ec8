import { EXPIRY_CRITICAL_SHARE, EXPIRY_WARNING_SHARE } from '../identity/index.ts';

/** When a leaf is valid, in milliseconds since the Unix epoch. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** `ok` → `warning` (a third of the lifetime left) → `critical` (a tenth left) → `expired`. */
export type ExpiryLevel = 'ok' | 'warning' | 'critical' | 'expired';

/** At most this long before the end, so that a session of a long-lived leaf is not re-made days early. */
const REMAKE_AT_MOST_MS = 90_000;

export function expiryLevel(validity: Validity, nowMs: number): ExpiryLevel {
  const { notBeforeMs, notAfterMs } = validity;
  const left = notAfterMs - nowMs;
  const lifetime = notAfterMs - notBeforeMs;
  if (left <= 0) return 'expired';
  if (left <= lifetime * EXPIRY_CRITICAL_SHARE) return 'critical';
  return left <= lifetime * EXPIRY_WARNING_SHARE ? 'warning' : 'ok';
}

/** When the level changes next; undefined after the last change. */
export function nextExpiryChange(validity: Validity, nowMs: number): number | undefined {
  const { notBeforeMs, notAfterMs } = validity;
  const lifetime = notAfterMs - notBeforeMs;
  const changes = [
    notAfterMs - lifetime * EXPIRY_WARNING_SHARE,
    notAfterMs - lifetime * EXPIRY_CRITICAL_SHARE,
    notAfterMs,
  ];
  return changes.find((at) => at > nowMs);
}

/**
 * When sessions are to be made again with the same leaf because nothing newer came: a server looks at the expiry only
 * in the handshake, so a session that starts just before the end outlives the leaf by the server's connection age.
 * 90 s or a tenth of the lifetime before notAfter, whichever is less.
 */
export function remakeAtMs({ notBeforeMs, notAfterMs }: Validity): number {
  return notAfterMs - Math.min(REMAKE_AT_MOST_MS, (notAfterMs - notBeforeMs) * EXPIRY_CRITICAL_SHARE);
}

/** Tells each level of each leaf once, also when several sessions are made with the same leaf. */
export class ExpiryWatch {
  #told: { readonly pairId: string; readonly level: ExpiryLevel } | undefined;

  /** The level to report now; undefined when there is nothing new to say. */
  news(pairId: string, validity: Validity, nowMs: number): Exclude<ExpiryLevel, 'ok'> | undefined {
    const level = expiryLevel(validity, nowMs);
    if (this.#told?.pairId === pairId && this.#told.level === level) return undefined;
    this.#told = { pairId, level };
    return level === 'ok' ? undefined : level;
  }
}
