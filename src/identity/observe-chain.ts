import type { CertificateFacts } from './certificate-facts.ts';
import { describeCertificate, describeDuration, describeTime } from './describe.ts';
import type { Observation } from './findings.ts';
import type { CertificatePath } from './pair.ts';

/** What the certificates of a path are to each other, and whether the issuers are valid now. */
export function observeChain(path: CertificatePath, nowMs: number): readonly Observation[] {
  const [, ...issuers] = path;
  return [
    ...path.flatMap(observeVersion),
    ...issuers.flatMap((issuer) => observeIssuer(issuer, nowMs)),
    ...path.flatMap((facts, index) => observeOutliving(facts, path[index + 1])),
    ...observeNames(path),
    ...observeEnd(path),
  ];
}

/** Extensions came with version 3. */
export function observeVersion(facts: CertificateFacts): readonly Observation[] {
  if (facts.version === 3) return [];
  const message = `${describeCertificate(facts)} is an X.509 certificate of version ${facts.version}, not 3.`;
  return [{ code: 'ROTEY_FINDING_NOT_V3', message }];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A new CA has to be trusted by the server before the first leaf changes: 30 days to arrange that, twice what Temporal
 * Cloud's first expiry mail gives (15 days). Of a short-lived intermediate, a tenth of the lifetime.
 */
const ISSUER_SOON_MS = 30 * DAY_MS;
const ISSUER_SOON_SHARE = 1 / 10;

/** Whether so little is left of a CA that its successor should be on its way. */
export function endsSoon({ notBeforeMs, notAfterMs }: CertificateFacts, nowMs: number): boolean {
  return notAfterMs - nowMs <= Math.min(ISSUER_SOON_MS, (notAfterMs - notBeforeMs) * ISSUER_SOON_SHARE);
}

/** Whether it may sign certificates. A root of version 1 cannot say that it is a CA, and is trusted as one all the same. */
export function isAuthority({ ca, version, selfSigned }: CertificateFacts): boolean {
  return ca === true || (version < 3 && selfSigned);
}

function observeIssuer(issuer: CertificateFacts, nowMs: number): readonly Observation[] {
  const { notBeforeMs, notAfterMs } = issuer;
  const observations: Observation[] = [];
  const name = describeCertificate(issuer);
  if (!isAuthority(issuer)) {
    const message = `${name} has signed a certificate of the chain without being a CA (basicConstraints CA:TRUE).`;
    observations.push({ code: 'ROTEY_FINDING_ISSUER_NOT_CA', message });
  }
  const left = notAfterMs - nowMs;
  if (notAfterMs < notBeforeMs) {
    const message = `${name} ends on ${describeTime(notAfterMs)} and begins on ${describeTime(notBeforeMs)}.`;
    observations.push({ code: 'ROTEY_FINDING_VALIDITY_INVERTED', message });
  } else if (left < 0) {
    const message = `${name} expired on ${describeTime(notAfterMs)}, ${describeDuration(-left)} ago.`;
    observations.push({ code: 'ROTEY_FINDING_ISSUER_EXPIRED', message });
  } else if (nowMs < notBeforeMs) {
    const message = `${name} is valid from ${describeTime(notBeforeMs)}, in ${describeDuration(notBeforeMs - nowMs)}.`;
    observations.push({ code: 'ROTEY_FINDING_ISSUER_NOT_YET_VALID', message });
  } else if (endsSoon(issuer, nowMs)) {
    const message = `${name} expires on ${describeTime(notAfterMs)}, in ${describeDuration(left)}.`;
    observations.push({ code: 'ROTEY_FINDING_ISSUER_EXPIRES_SOON', message });
  }
  return observations;
}

/** RFC 5280 §6.1 lets it; but the chain is good only while each of its certificates is. */
export function observeOutliving(
  facts: CertificateFacts,
  issuer: CertificateFacts | undefined,
): readonly Observation[] {
  if (issuer === undefined || facts.notAfterMs <= issuer.notAfterMs) return [];
  const message =
    `${describeCertificate(facts)} ends on ${describeTime(facts.notAfterMs)}, ` +
    `its issuer ${describeCertificate(issuer)} on ${describeTime(issuer.notAfterMs)}.`;
  return [{ code: 'ROTEY_FINDING_OUTLIVES_ISSUER', message }];
}

/** Temporal Cloud compares names without case. The issuer of the last certificate has a name even where it is absent. */
export function observeNames(path: CertificatePath): readonly Observation[] {
  const last = path[path.length - 1];
  const names = path.map(({ subject }) => subject);
  if (last !== undefined && !last.selfSigned) names.push(last.issuer);
  const seen = new Set<string>();
  const twice = new Map<string, string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) twice.set(folded, name);
    seen.add(folded);
  }
  return [...twice.values()].map((name) => ({
    code: 'ROTEY_FINDING_DUPLICATE_NAME',
    message: `The name "${name}" stands more than once between the leaf and its root.`,
  }));
}

function observeEnd(path: CertificatePath): readonly Observation[] {
  const last = path[path.length - 1];
  if (last === undefined || last.selfSigned) return [];
  const message = `${describeCertificate(last)} was issued by "${last.issuer}", which is not in the file.`;
  return [{ code: 'ROTEY_FINDING_CHAIN_INCOMPLETE', message }];
}
