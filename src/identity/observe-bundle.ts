import type { CertificateFacts } from './certificate-facts.ts';
import { describeCertificate, describeDuration, describeTime } from './describe.ts';
import type { FindingRules, Observation } from './findings.ts';
import { observeStrength } from './observe-algorithms.ts';
import { endsSoon, isAuthority, observeNames, observeOutliving, observeVersion } from './observe-chain.ts';
import type { CaBundle } from './read-bundle.ts';

/** Limits of Temporal Cloud (docs.temporal.io/cloud/certificates); its KB is taken as 1,024 bytes. */
const MAX_BUNDLE_CERTIFICATES = 16;
const MAX_BUNDLE_BYTES = 32 * 1024;

interface Circumstances {
  readonly nowMs: number;
  readonly rules: FindingRules;
  readonly publicRoots: ReadonlySet<string>;
}

/** What the CAs of a bundle are, one by one and to each other. */
export function observeBundle(bundle: CaBundle, circumstances: Circumstances): readonly Observation[] {
  const each = bundle.certificates.flatMap((facts) => observeAuthority(facts, bundle, circumstances));
  return [...each, ...observeChains(bundle), ...observeSharedNames(bundle), ...observeWhole(bundle, circumstances)];
}

function observeAuthority(
  facts: CertificateFacts,
  { paths }: CaBundle,
  { nowMs, rules }: Circumstances,
): readonly Observation[] {
  const issuer = paths.get(facts.sha256)?.[1];
  const observations = [
    ...observeVersion(facts),
    ...observeKind(facts),
    ...observeMoment(facts, nowMs),
    ...observeKey(facts),
    ...observeStrength(facts, rules),
    ...observeIssuer(facts, issuer),
  ];
  return observations.map((observation) => ({ ...observation, certificate: facts.sha256 }));
}

function observeKind(facts: CertificateFacts): readonly Observation[] {
  const name = describeCertificate(facts);
  if (!isAuthority(facts)) {
    return [{ code: 'ROTEY_FINDING_BUNDLE_NOT_CA', message: `${name} is not a CA (basicConstraints CA:TRUE).` }];
  }
  if (facts.keyUsage === undefined || facts.keyUsage.includes('keyCertSign')) return [];
  const usage = facts.keyUsage.join(', ') || 'of no name';
  const message = `${name} has keyUsage ${usage}; keyCertSign is not among it.`;
  return [{ code: 'ROTEY_FINDING_BUNDLE_NO_CERT_SIGN', message }];
}

function observeMoment(facts: CertificateFacts, nowMs: number): readonly Observation[] {
  const { notBeforeMs, notAfterMs } = facts;
  const name = describeCertificate(facts);
  const left = notAfterMs - nowMs;
  if (notAfterMs < notBeforeMs) {
    const message = `${name} ends on ${describeTime(notAfterMs)} and begins on ${describeTime(notBeforeMs)}.`;
    return [{ code: 'ROTEY_FINDING_VALIDITY_INVERTED', message }];
  }
  if (left < 0) {
    const message = `${name} expired on ${describeTime(notAfterMs)}, ${describeDuration(-left)} ago.`;
    return [{ code: 'ROTEY_FINDING_BUNDLE_EXPIRED', message }];
  }
  if (nowMs < notBeforeMs) {
    const message = `${name} is valid from ${describeTime(notBeforeMs)}, in ${describeDuration(notBeforeMs - nowMs)}.`;
    return [{ code: 'ROTEY_FINDING_BUNDLE_NOT_YET_VALID', message }];
  }
  if (!endsSoon(facts, nowMs)) return [];
  const message = `${name} expires on ${describeTime(notAfterMs)}, in ${describeDuration(left)}.`;
  return [{ code: 'ROTEY_FINDING_BUNDLE_EXPIRES_SOON', message }];
}

function observeKey(facts: CertificateFacts): readonly Observation[] {
  if (facts.keyType === 'rsa' || facts.keyType === 'ec') return [];
  const message = `The key of ${describeCertificate(facts)} is of type ${facts.keyType}, not rsa or ec.`;
  return [{ code: 'ROTEY_FINDING_BUNDLE_KEY_UNUSUAL', message }];
}

function observeIssuer(facts: CertificateFacts, issuer: CertificateFacts | undefined): readonly Observation[] {
  if (issuer !== undefined) return observeOutliving(facts, issuer);
  if (facts.selfSigned) return [];
  const message = `${describeCertificate(facts)} was issued by "${facts.issuer}", which is not in the bundle.`;
  return [{ code: 'ROTEY_FINDING_BUNDLE_ISSUER_ABSENT', message }];
}

/** A name twice in one chain is refused; the chains of a bundle share their upper parts, so each is told once. */
function observeChains({ paths }: CaBundle): readonly Observation[] {
  const found = new Map<string, Observation>();
  for (const path of paths.values()) {
    for (const observation of observeNames(path)) found.set(observation.message, observation);
  }
  return [...found.values()];
}

function observeSharedNames({ certificates }: CaBundle): readonly Observation[] {
  const named = new Map<string, CertificateFacts[]>();
  for (const facts of certificates) {
    const folded = facts.subject.toLowerCase();
    named.set(folded, [...(named.get(folded) ?? []), facts]);
  }
  return [...named.values()].flatMap((same) => {
    if (same.length < 2) return [];
    const message = `${same.length} CAs have the same name: ${same.map(describeCertificate).join(', ')}.`;
    return [{ code: 'ROTEY_FINDING_BUNDLE_DUPLICATE_NAME', message }];
  });
}

function observeWhole(
  { certificates, repeated, bytes, keys }: CaBundle,
  { publicRoots }: Circumstances,
): Observation[] {
  const observations: Observation[] = repeated.map((facts) => ({
    code: 'ROTEY_FINDING_BUNDLE_REPEATED',
    message: `${describeCertificate(facts)} stands there again.`,
    certificate: facts.sha256,
  }));
  if (keys > 0) {
    const message = `The bundle holds ${keys === 1 ? 'a private key' : `${keys} private keys`}.`;
    observations.push({ code: 'ROTEY_FINDING_BUNDLE_HOLDS_KEY', message });
  }
  const wellKnown = certificates.filter(({ sha256 }) => publicRoots.has(sha256));
  const [example] = wellKnown;
  if (example !== undefined) {
    const others = wellKnown.length === 1 ? '' : `, and ${wellKnown.length - 1} more`;
    const message = `${describeCertificate(example)} is a well-known public CA${others}.`;
    observations.push({ code: 'ROTEY_FINDING_BUNDLE_PUBLIC_CA', message });
  }
  const count = certificates.length + repeated.length;
  if (count > MAX_BUNDLE_CERTIFICATES) {
    const message = `The bundle has ${count} certificates; the limit is ${MAX_BUNDLE_CERTIFICATES}.`;
    observations.push({ code: 'ROTEY_FINDING_BUNDLE_TOO_MANY', message });
  }
  if (bytes > MAX_BUNDLE_BYTES) {
    const message = `The bundle has ${bytes} bytes as PEM; the limit is ${MAX_BUNDLE_BYTES}.`;
    observations.push({ code: 'ROTEY_FINDING_BUNDLE_TOO_LARGE', message });
  }
  return observations;
}
