import type { CertificateFacts } from './certificate-facts.ts';
import { describeCertificate, describeDuration, describeTime } from './describe.ts';
import { EXPIRY_CRITICAL_SHARE, EXPIRY_WARNING_SHARE } from './expiry-shares.ts';
import type { Observation } from './findings.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Twice the 5 minutes that a server keeps a connection: less leaves no second chance within one connection's life. */
const SHORT_LIFETIME_MS = 10 * MINUTE_MS;

/** What browsers allowed public certificates at most (CA/Browser Forum, from 2020): longer is nobody's practice. */
const LONG_LIFETIME_MS = 398 * DAY_MS;

/** What the clock and the lifetime of the leaf say. */
export function observeValidity({ notBeforeMs, notAfterMs }: CertificateFacts, nowMs: number): readonly Observation[] {
  if (notAfterMs < notBeforeMs) {
    const message = `The leaf ends on ${describeTime(notAfterMs)} and begins on ${describeTime(notBeforeMs)}.`;
    return [{ code: 'ROTEY_FINDING_VALIDITY_INVERTED', message }];
  }
  return [...observeMoment({ notBeforeMs, notAfterMs }, nowMs), ...observeLifetime(notAfterMs - notBeforeMs)];
}

/** Which of the certificates end within a time that somebody asked for. */
export function observeEnds(
  certificates: readonly CertificateFacts[],
  nowMs: number,
  withinMs: number,
): readonly Observation[] {
  return certificates.flatMap((facts) => {
    const left = facts.notAfterMs - nowMs;
    if (left > withinMs) return [];
    const name = describeCertificate(facts);
    const ends = describeTime(facts.notAfterMs);
    const message =
      left < 0
        ? `${name} expired on ${ends}, ${describeDuration(-left)} ago.`
        : `${name} expires on ${ends}, in ${describeDuration(left)}; asked for was more than ${describeDuration(withinMs)}.`;
    return [{ code: 'ROTEY_FINDING_EXPIRES_WITHIN', message }];
  });
}

/** RFC 5280 §4.1.2.5: both ends belong to the period. */
function observeMoment(
  { notBeforeMs, notAfterMs }: Pick<CertificateFacts, 'notBeforeMs' | 'notAfterMs'>,
  nowMs: number,
): readonly Observation[] {
  const lifetime = notAfterMs - notBeforeMs;
  const left = notAfterMs - nowMs;
  if (left < 0) {
    const message = `The leaf expired on ${describeTime(notAfterMs)}, ${describeDuration(-left)} ago.`;
    return [{ code: 'ROTEY_FINDING_EXPIRED', message }];
  }
  if (nowMs < notBeforeMs) {
    const wait = describeDuration(notBeforeMs - nowMs);
    const message = `The leaf is valid from ${describeTime(notBeforeMs)}, in ${wait}.`;
    return [{ code: 'ROTEY_FINDING_NOT_YET_VALID', message }];
  }
  if (left > lifetime * EXPIRY_WARNING_SHARE) return [];
  const ends = `The leaf expires on ${describeTime(notAfterMs)}, in ${describeDuration(left)} of ${describeDuration(lifetime)}`;
  return left <= lifetime * EXPIRY_CRITICAL_SHARE
    ? [{ code: 'ROTEY_FINDING_EXPIRES_NOW', message: `${ends}; at most a tenth is left.` }]
    : [{ code: 'ROTEY_FINDING_EXPIRES_SOON', message: `${ends}; at most a third is left.` }];
}

function observeLifetime(lifetimeMs: number): readonly Observation[] {
  const lives = `The leaf lives for ${describeDuration(lifetimeMs)}`;
  if (lifetimeMs < SHORT_LIFETIME_MS) {
    return [
      { code: 'ROTEY_FINDING_LIFETIME_SHORT', message: `${lives}, less than ${describeDuration(SHORT_LIFETIME_MS)}.` },
    ];
  }
  if (lifetimeMs > LONG_LIFETIME_MS) {
    return [
      { code: 'ROTEY_FINDING_LIFETIME_LONG', message: `${lives}, more than ${describeDuration(LONG_LIFETIME_MS)}.` },
    ];
  }
  return [];
}
