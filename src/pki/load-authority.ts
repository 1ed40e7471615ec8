import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { type CertificateFacts, readPair } from '../identity/index.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { readIssuerFields } from './issuer-fields.ts';
import { keyIdentifier, signatureScheme } from './issuing-key.ts';
import { ruleBroken } from './rules.ts';

/** An authority as it is stored. */
export interface StoredAuthority {
  /**
   * PEM of the authority's certificate; for an intermediate also those of its issuers, in any order. With the root
   * among them, {@link CertificateAuthority.bundlePem} is complete; certificates that do not belong are left out.
   */
  readonly certificatePem: string;
  /** PEM of its private key: PKCS#8, PKCS#1 or SEC1, each also encrypted. */
  readonly privateKeyPem: string;
  /** Default: the key is not encrypted. */
  readonly passphrase?: string | undefined;
}

/**
 * Reads an authority that was made here or by another tool (certstrap, step, openssl, tcld).
 *
 * Whether it keeps Temporal Cloud's rules is checked when it issues, with the whole chain.
 *
 * @throws {RoteyError} what reading a pair throws (`ROTEY_PEM_…`, `ROTEY_KEY_…`, `ROTEY_PAIR_MISMATCH` …);
 * `ROTEY_ISSUE_RULE_BROKEN` when the certificate is not one of an authority; `ROTEY_KEY_UNSUPPORTED` for a key that
 * cannot sign here.
 */
export async function loadAuthority(stored: StoredAuthority): Promise<CertificateAuthority> {
  const pair = readPair({
    certificate: stored.certificatePem,
    key: stored.privateKeyPem,
    passphrase: stored.passphrase,
    origin: { certificate: "the authority's certificate", key: "the authority's key" },
  });
  requireAuthority(pair.leaf);
  const privateKey = createPrivateKey(pair.revealPrivateKey());
  signatureScheme(privateKey);
  const fields = readIssuerFields(new X509Certificate(pair.leaf.pem).raw);
  return new CertificateAuthority({
    chain: [pair.leaf, ...issuersOf(pair.leaf, pair.chain.slice(1))],
    privateKey,
    subject: fields.subject,
    // Without one in the certificate a verifier compares nothing; issued certificates need one (RFC 5280 §4.2.1.1).
    keyIdentifier: fields.keyIdentifier ?? keyIdentifier(createPublicKey(privateKey)),
  });
}

function requireAuthority({ subject, ca, keyUsage }: CertificateFacts): void {
  const signs = keyUsage === undefined || keyUsage.includes('keyCertSign');
  if (ca === true && signs) return;
  throw ruleBroken(
    'RFC 5280 §4.2.1.9, an authority has CA:TRUE and may sign certificates',
    `${subject} with ${ca === true ? 'a key usage without keyCertSign' : 'no CA:TRUE'}`,
    'CA:TRUE, with keyCertSign where there is a key usage',
    'Load the certificate of an authority, not of a leaf.',
  );
}

/** The way up from `certificate`, of candidates that are already in that order. Ends at the root, or where one is missing. */
function issuersOf(
  certificate: CertificateFacts,
  candidates: readonly CertificateFacts[],
): readonly CertificateFacts[] {
  const issuers: CertificateFacts[] = [];
  let current = certificate;
  for (const candidate of candidates) {
    if (current.selfSigned) break;
    if (current.issuer !== candidate.subject || !isSignedBy(current, candidate)) continue;
    issuers.push(candidate);
    current = candidate;
  }
  return issuers;
}

function isSignedBy(certificate: CertificateFacts, issuer: CertificateFacts): boolean {
  return new X509Certificate(certificate.pem).verify(new X509Certificate(issuer.pem).publicKey);
}
