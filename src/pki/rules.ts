import { RoteyError } from '../errors.ts';
import type { CertificateFacts } from '../identity/index.ts';

/**
 * Which rules an issued certificate must keep. `cloud`: Temporal Cloud's requirements for CA and client certificates
 * (docs.temporal.io/cloud/certificates), which self-hosted servers accept as well. `tls`: only what RFC 5280 asks for.
 */
export type IssuingRules = 'cloud' | 'tls';

export const DEFAULT_RULES: IssuingRules = 'cloud';

/**
 * Checks a finished certificate and the authorities above it, as they read back, before anybody gets to see it.
 *
 * @param chain the new certificate first, then each issuer, as far as they are known.
 * @throws {RoteyError} `ROTEY_ISSUE_RULE_BROKEN` with the rule, the value and the limit.
 */
export function requireRules(chain: readonly CertificateFacts[], rules: IssuingRules): void {
  if (rules === 'tls') return;
  requireUniqueNames(chain);
  // Keys first: a refused key explains the signatures made with it.
  for (const certificate of chain) requireAcceptedKey(certificate);
  for (const certificate of chain) requireAcceptedSignature(certificate);
}

/** The error for a certificate that is not issued, with the rule, what was asked for and what is allowed. */
export function ruleBroken(rule: string, value: string, limit: string, hint: string): RoteyError {
  return new RoteyError('ROTEY_ISSUE_RULE_BROKEN', `${rule}: found ${value}; allowed is ${limit}.`, {
    hint,
    context: { rule, value, limit },
  });
}

/** Cloud compares distinguished names without regard to case. */
function requireUniqueNames(chain: readonly CertificateFacts[]): void {
  const seen = new Set<string>();
  for (const { subject } of chain) {
    const comparable = subject.normalize('NFC').toLowerCase();
    if (seen.has(comparable)) {
      throw ruleBroken(
        'Every certificate of a chain has a distinguished name of its own, whatever the case of its letters',
        `${subject} twice`,
        'one certificate of that name',
        'Give the certificate another common name, or an organizational unit.',
      );
    }
    seen.add(comparable);
  }
}

/**
 * Cloud states no smallest RSA key; 2048 bits is what every TLS stack in use still accepts (OpenSSL's security level
 * 2, RFC 9325 §4.5).
 */
function requireAcceptedKey({ subject, keyType, keyBits, curve }: CertificateFacts): void {
  if (keyType === 'rsa' && (keyBits ?? 0) >= SMALLEST_RSA_BITS) return;
  if (keyType === 'ec' && ACCEPTED_CURVES.has(curve ?? '')) return;
  const key = [keyType, curve ?? (keyBits === undefined ? undefined : `${keyBits} bits`)].filter(Boolean).join(' ');
  throw ruleBroken(
    'Temporal Cloud accepts RSA and ECDSA keys',
    `${key} in ${subject}`,
    `RSA with ${SMALLEST_RSA_BITS} bits or more, EC on P-256, P-384 or P-521`,
    "Use another key type, or rules: 'tls' if the certificate is not meant for Temporal Cloud.",
  );
}

/** A loaded authority may carry an old signature; those made here follow from the key. */
function requireAcceptedSignature({ subject, signatureAlgorithm }: CertificateFacts): void {
  if (/^(?:sha(?:256|384|512)WithRSAEncryption|ecdsa-with-SHA(?:256|384|512))$/.test(signatureAlgorithm)) return;
  throw ruleBroken(
    'Temporal Cloud accepts RSA and ECDSA signatures with SHA-256 or stronger',
    `${signatureAlgorithm} on ${subject}`,
    'sha256, sha384 or sha512 with RSA or ECDSA',
    "Renew that authority, or use rules: 'tls' if the certificate is not meant for Temporal Cloud.",
  );
}

const SMALLEST_RSA_BITS = 2048;
/** P-256, P-384 and P-521 by the names that Node and OpenSSL use. */
const ACCEPTED_CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
