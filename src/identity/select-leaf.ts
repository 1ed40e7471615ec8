import { type KeyObject, sign, verify } from 'node:crypto';
import { RoteyError } from '../errors.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import type { ParsedCertificate } from './read-certificate.ts';

/** Whether the public half of a private key is the one in the certificate. */
export function keyMatches(key: KeyObject, { x509 }: ParsedCertificate): boolean {
  try {
    return x509.checkPrivateKey(key);
  } catch {
    return false; // the certificate's key is of a kind that OpenSSL does not know
  }
}

/** How messages call the two inputs. */
export interface PairNames {
  readonly certificate: string;
  readonly key: string;
}

/** A private key and every certificate that belongs to it. */
export interface MatchedKey {
  readonly key: KeyObject;
  readonly holders: readonly [ParsedCertificate, ...ParsedCertificate[]];
}

/**
 * The key that belongs to a certificate.
 *
 * @throws {RoteyError} `ROTEY_PAIR_MISMATCH` when none does, `ROTEY_KEY_AMBIGUOUS` when several do.
 */
export function selectKey(
  keys: readonly [KeyObject, ...KeyObject[]],
  certificates: readonly [ParsedCertificate, ...ParsedCertificate[]],
  names: PairNames,
): MatchedKey {
  const matched = keys.flatMap((key): readonly MatchedKey[] => {
    const [first, ...rest] = certificates.filter((certificate) => keyMatches(key, certificate));
    return first === undefined ? [] : [{ key, holders: [first, ...rest] }];
  });
  const [only, another] = matched;
  if (only === undefined) throw mismatch(keys, certificates, names);
  if (another === undefined) return only;
  throw new RoteyError(
    'ROTEY_KEY_AMBIGUOUS',
    `${names.key} holds ${matched.length} different private keys that belong to certificates in ${names.certificate}.`,
    {
      hint: 'Keep the pair to use, and put the others into files of their own.',
      context: { certificate: names.certificate, key: names.key, keys: matched.map(({ key }) => describeKey(key)) },
    },
  );
}

/**
 * Of the certificates that belong to a key, the one to present: not a CA if there is a choice, then the one issued
 * last (a renewal with the same key), then the one that lives longest, then the first.
 */
export function selectLeaf([first, ...rest]: MatchedKey['holders']): ParsedCertificate {
  return rest.reduce((best, next) => (isBetterLeaf(next.facts, best.facts) ? next : best), first);
}

function isBetterLeaf(a: CertificateFacts, b: CertificateFacts): boolean {
  if ((a.ca === true) !== (b.ca === true)) return b.ca === true;
  if (a.notBeforeMs !== b.notBeforeMs) return a.notBeforeMs > b.notBeforeMs;
  return a.notAfterMs > b.notAfterMs;
}

const PROBE = Buffer.from('rotey: does this key sign for this certificate?');

/**
 * Signs with the key and verifies with the certificate. Comparing public halves is not enough: key files carry the
 * public half beside the private one, and the two may differ in a damaged file.
 *
 * @throws {RoteyError} `ROTEY_KEY_MALFORMED`.
 */
export function proveKey(key: KeyObject, leaf: ParsedCertificate, names: PairNames): void {
  if (signsFor(key, leaf)) return;
  throw new RoteyError(
    'ROTEY_KEY_MALFORMED',
    `The private key in ${names.key} is damaged: what it signs does not verify with its own public key.`,
    {
      hint: 'Write the key file again from its source; if that has gone, issue a new pair.',
      context: { name: names.key },
    },
  );
}

function signsFor(key: KeyObject, { publicKey }: ParsedCertificate): boolean {
  if (publicKey === undefined) return false;
  try {
    return verify(null, PROBE, publicKey, sign(null, PROBE, key));
  } catch {
    return false;
  }
}

function mismatch(
  keys: readonly [KeyObject, ...KeyObject[]],
  certificates: readonly [ParsedCertificate, ...ParsedCertificate[]],
  names: PairNames,
): RoteyError {
  const { subject, serial } = certificates[0].facts;
  const others = certificates.length === 1 ? '' : ` nor to any of the ${certificates.length - 1} after it`;
  const what = keys.map(describeKey).join(', ');
  const where = names.key === names.certificate ? `${names.key}` : `${names.certificate}`;
  return new RoteyError(
    'ROTEY_PAIR_MISMATCH',
    `The private key (${what}) in ${names.key} does not belong to the certificate "${subject}", serial ${serial}, ` +
      `in ${where}${others}.`,
    {
      hint:
        'If the files are being replaced one after the other, this goes away; ' +
        'otherwise put the key there that this certificate was issued for, or issue a new pair.',
      context: { certificate: names.certificate, key: names.key, subject, serial, keyType: what },
    },
  );
}

/** `RSA 2048`, `EC prime256v1`, `ED25519`. */
function describeKey(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const detail = modulusLength ?? namedCurve;
  return `${key.asymmetricKeyType?.toUpperCase() ?? 'unknown'}${detail === undefined ? '' : ` ${detail}`}`;
}
