import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { readDer, TAG } from '../asn1/index.ts';
import { RoteyError } from '../errors.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { readCertificateFields } from './certificate-fields.ts';
import { type PemBlock, readPem } from './pem.ts';

/** A certificate with what is needed to match and order it. */
export interface ParsedCertificate {
  readonly facts: CertificateFacts;
  readonly der: Uint8Array;
  readonly x509: X509Certificate;
  /** Undefined for a key of a kind that OpenSSL does not know. */
  readonly publicKey: KeyObject | undefined;
}

/**
 * Reads every certificate of a PEM text, in its order.
 *
 * @param name how messages call the input; default `the certificate`.
 * @throws {RoteyError} what {@link readPem} throws; `ROTEY_PEM_NO_CERTIFICATE`; `ROTEY_CERTIFICATE_MALFORMED`.
 */
export function readCertificates(
  pem: Uint8Array | string,
  { name = 'the certificate' }: { readonly name?: string | undefined } = {},
): readonly CertificateFacts[] {
  const blocks = readPem(pem, name).filter(isCertificate);
  if (blocks.length === 0) {
    throw new RoteyError('ROTEY_PEM_NO_CERTIFICATE', `${name} holds no certificate.`, { context: { name } });
  }
  return blocks.map((block) => parseCertificateBlock(block, name).facts);
}

/** `X509 CERTIFICATE` is the old name; `TRUSTED CERTIFICATE` is OpenSSL's form with trust settings behind. */
const LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);

/** Whether a PEM block is a certificate. */
export function isCertificate({ label }: PemBlock): boolean {
  return LABELS.has(label);
}

/** @throws {RoteyError} `ROTEY_CERTIFICATE_MALFORMED` with the line, and the byte as cause. */
export function parseCertificateBlock({ label, der, line }: PemBlock, name: string): ParsedCertificate {
  try {
    // Trust settings say whom to trust, not what to present: only the certificate before them is taken.
    return parseCertificate(label === 'TRUSTED CERTIFICATE' ? readDer(der).element(TAG.sequence).raw : der);
  } catch (error) {
    if (!(error instanceof RoteyError)) throw error;
    throw new RoteyError('ROTEY_CERTIFICATE_MALFORMED', `${name}, line ${line}: not a certificate. ${error.message}`, {
      cause: error,
      hint: 'Write the file again; `openssl x509 -in FILE -noout -text` checks it.',
      context: { ...error.context, name, line },
    });
  }
}

/** @throws {RoteyError} `ROTEY_DER_MALFORMED`, `ROTEY_CERTIFICATE_MALFORMED`. */
export function parseCertificate(der: Uint8Array): ParsedCertificate {
  const { selfIssued, ...fields } = readCertificateFields(der);
  const x509 = toX509(der);
  const publicKey = publicKeyOf(x509);
  const facts: CertificateFacts = Object.freeze({
    ...fields,
    pem: formatPem('CERTIFICATE', der),
    sha1: createHash('sha1').update(der).digest('hex'),
    sha256: createHash('sha256').update(der).digest('hex'),
    ...keyFactsOf(publicKey),
    selfSigned: selfIssued && publicKey !== undefined && isSignedBy(x509, publicKey),
  });
  return { facts, der, x509, publicKey };
}

/**
 * Whether `issuer` has the name and the key that `certificate` was signed with. Nothing else matters: key identifiers,
 * key usage and validity are what a verifier may or may not mind (OpenSSL minds other identifiers, Go does not).
 */
export function isIssuedBy(certificate: ParsedCertificate, issuer: ParsedCertificate): boolean {
  return (
    issuer.publicKey !== undefined &&
    certificate.facts.issuer === issuer.facts.subject &&
    isSignedBy(certificate.x509, issuer.publicKey)
  );
}

/** {@link isIssuedBy} where only the facts of two certificates are at hand. */
export function hasIssued(issuer: CertificateFacts, certificate: CertificateFacts): boolean {
  if (certificate.issuer !== issuer.subject) return false;
  const key = publicKeyOf(new X509Certificate(issuer.pem));
  return key !== undefined && isSignedBy(new X509Certificate(certificate.pem), key);
}

/** RFC 7468 §2: 64 characters a line, `\n` line ends. */
export function formatPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function toX509(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw new RoteyError('ROTEY_CERTIFICATE_MALFORMED', 'OpenSSL does not read it as a certificate.');
  }
}

function publicKeyOf(x509: X509Certificate): KeyObject | undefined {
  try {
    return x509.publicKey;
  } catch {
    return undefined;
  }
}

function isSignedBy(x509: X509Certificate, key: KeyObject): boolean {
  try {
    return x509.verify(key);
  } catch {
    return false; // an algorithm that OpenSSL does not know, or does not allow for this key
  }
}

/** What kind of key it is, without the key. */
export type KeyFacts = Pick<CertificateFacts, 'keyType' | 'keyBits' | 'curve'>;

const KEY_TYPES: ReadonlyMap<string, CertificateFacts['keyType']> = new Map([
  ['rsa', 'rsa'],
  ['rsa-pss', 'rsa-pss'],
  ['ec', 'ec'],
  ['ed25519', 'ed25519'],
  ['ed448', 'ed448'],
]);

/** Field sizes; of a curve that is not listed only the name is known. */
const CURVE_BITS: ReadonlyMap<string, number> = new Map([
  ['prime192v1', 192],
  ['secp224r1', 224],
  ['prime256v1', 256],
  ['secp256k1', 256],
  ['secp384r1', 384],
  ['secp521r1', 521],
  ['brainpoolP256r1', 256],
  ['brainpoolP384r1', 384],
  ['brainpoolP512r1', 512],
]);

/** @param key public, or private as `readPrivateKey` returns it; undefined for one that OpenSSL does not know. */
export function keyFactsOf(key: KeyObject | undefined): KeyFacts {
  const { modulusLength, namedCurve } = key?.asymmetricKeyDetails ?? {};
  return {
    keyType: KEY_TYPES.get(key?.asymmetricKeyType ?? '') ?? 'other',
    keyBits: modulusLength ?? CURVE_BITS.get(namedCurve ?? ''),
    curve: namedCurve,
  };
}
