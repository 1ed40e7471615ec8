import type { CertificateFacts } from './certificate-facts.ts';
import { describeCertificate, describeTime } from './describe.ts';
import type { Observation } from './findings.ts';
import type { CertificatePath } from './pair.ts';

/** What the trust bundle would do to a handshake. Empty means the system's roots, about which there is nothing to say. */
export function observeTrust(
  trust: readonly CertificateFacts[],
  path: CertificatePath,
  nowMs: number,
): readonly Observation[] {
  if (trust.length === 0) return [];
  return [...observeExpiry(trust, nowMs), ...trust.flatMap(observeAuthority), ...observeOrigin(trust, path)];
}

function observeExpiry(trust: readonly CertificateFacts[], nowMs: number): readonly Observation[] {
  const expired = trust.filter(({ notAfterMs }) => notAfterMs < nowMs);
  const [first] = expired;
  if (first === undefined) return [];
  const example = `${describeCertificate(first)} on ${describeTime(first.notAfterMs)}`;
  return expired.length === trust.length
    ? [{ code: 'ROTEY_FINDING_TRUST_EXPIRED', message: `All ${trust.length} of the trust bundle expired, ${example}.` }]
    : [
        {
          code: 'ROTEY_FINDING_TRUST_PARTLY_EXPIRED',
          message: `${expired.length} of ${trust.length} of the trust bundle expired, ${example}.`,
        },
      ];
}

/** A self-signed certificate is left alone: as trust it stands for itself, and roots of version 1 cannot say CA. */
function observeAuthority(facts: CertificateFacts): readonly Observation[] {
  if (facts.ca === true || facts.selfSigned) return [];
  return [
    { code: 'ROTEY_FINDING_TRUST_NOT_CA', message: `${describeCertificate(facts)} of the trust bundle is not a CA.` },
  ];
}

/** cert-manager writes the CA of the *issuer* into `ca.crt`, and it looks like the thing to trust. */
function observeOrigin(trust: readonly CertificateFacts[], path: CertificatePath): readonly Observation[] {
  const own = new Set(path.map(({ issuer }) => issuer));
  if (!trust.every(({ subject }) => own.has(subject))) return [];
  const names = trust.map(({ subject }) => `"${subject}"`).join(', ');
  return [
    { code: 'ROTEY_FINDING_TRUST_IS_OWN_ISSUER', message: `The trust bundle holds ${names}, which issued the leaf.` },
  ];
}
