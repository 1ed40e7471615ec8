import { createPublicKey, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import type { CertificateFacts } from '../identity/index.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { issueCertificate } from './certificate-template.ts';
import { distinguishedName, type SubjectOptions } from './distinguished-name.ts';
import { basicConstraints, extendedKeyUsage, keyUsage, type LeafUsage, subjectAltName } from './extensions.ts';
import { DEFAULT_KEY_TYPE, generatePrivateKey, type KeyType, readKey, toPkcs8Pem } from './issuing-key.ts';
import { DEFAULT_RULES, type IssuingRules, requireRules } from './rules.ts';
import { parseSerial, randomSerial } from './serial-number.ts';
import { type AlternativeNameOptions, generalNames } from './subject-alternative-names.ts';
import { resolveValidity, type ValidityOptions } from './validity.ts';

/** What to issue a leaf with. */
export interface LeafOptions extends SubjectOptions, AlternativeNameOptions, ValidityOptions {
  /** What the certificate is for: `client` to authenticate a Worker or Client, `server`, or `both`. */
  readonly usage: LeafUsage;
  /** Default: `ec-p256`, see {@link AuthorityOptions.keyType}. Excludes `key`. */
  readonly keyType?: KeyType | undefined;
  /**
   * An existing private key to certify anew, unencrypted PEM, as cert-manager's `reuse-private-key` does. Default: a new
   * key. Excludes `keyType`.
   */
  readonly key?: string | undefined;
  /**
   * How long the leaf is valid. Default: 24 hours, cut to the authority's end: Temporal Cloud knows no revocation, so a
   * short life is what limits a stolen key, and renewing is what rotey is for. Excludes `notAfterMs`.
   */
  readonly lifetimeMs?: number | undefined;
  /** Hexadecimal. Default: 126 random bits in 16 octets. */
  readonly serial?: string | undefined;
  /** Default: `cloud`. */
  readonly rules?: IssuingRules | undefined;
}

/**
 * A leaf certificate with its private key, immutable. Made by {@link issueLeaf}.
 *
 * The key is in a private field: `console.log`, `util.inspect`, `JSON.stringify`, structured loggers and spreads never
 * show it. {@link IssuedLeaf.revealPrivateKey} is the one way to it.
 */
export class IssuedLeaf {
  /** The leaf alone. */
  readonly certificatePem: string;
  /** What to present: the leaf and the intermediates, without the root. The file `tls.crt`. */
  readonly chainPem: string;
  /** Upper-case hex with an even number of digits, as Node and `openssl x509 -serial` show it. */
  readonly serial: string;
  /** Milliseconds since the Unix epoch, as are all times here. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly #subject: string;
  readonly #privateKey: KeyObject;

  /** @internal use {@link issueLeaf} */
  constructor(certificate: CertificateFacts, intermediatesPem: string, privateKey: KeyObject) {
    this.certificatePem = certificate.pem;
    this.chainPem = certificate.pem + intermediatesPem;
    this.serial = certificate.serial;
    this.notBeforeMs = certificate.notBeforeMs;
    this.notAfterMs = certificate.notAfterMs;
    this.#subject = certificate.subject;
    this.#privateKey = privateKey;
    Object.freeze(this);
  }

  /** The private key as unencrypted PKCS#8 PEM. */
  revealPrivateKey(): string {
    return toPkcs8Pem(this.#privateKey);
  }

  toJSON(): object {
    return { subject: this.#subject, serial: this.serial, notBeforeMs: this.notBeforeMs, notAfterMs: this.notAfterMs };
  }

  [inspect.custom](): string {
    return `IssuedLeaf { serial: ${this.serial}, subject: ${JSON.stringify(this.#subject)} }`;
  }
}

/**
 * Issues a certificate with `CA:FALSE`, digitalSignature and the extended key usage that `usage` names.
 *
 * @throws {RoteyError} `ROTEY_ISSUE_RULE_BROKEN` with the rule, the value and the limit; `ROTEY_KEY_MALFORMED`
 * for a `key` that cannot be read.
 * @throws {RangeError} | {TypeError} for impossible durations, and for both `key` and `keyType`.
 */
export async function issueLeaf(authority: CertificateAuthority, options: LeafOptions): Promise<IssuedLeaf> {
  const { usage, rules = DEFAULT_RULES } = options;
  const signer = authority.issuingParts();
  const subject = distinguishedName(options);
  const names = generalNames(options);
  const serial = options.serial === undefined ? randomSerial() : parseSerial(options.serial);
  const validity = resolveValidity(options, DEFAULT_LIFETIME_MS, authority, rules);
  const privateKey = await resolveKey(options);
  const extensions = [
    basicConstraints({ ca: false }),
    keyUsage('digitalSignature'),
    extendedKeyUsage(usage),
    ...(names.length === 0 ? [] : [subjectAltName(names)]),
  ];
  const publicKey = createPublicKey(privateKey);
  const certificate = await issueCertificate({ serial, subject, validity, publicKey, extensions }, signer);
  requireRules([certificate, ...signer.chain], rules);
  return new IssuedLeaf(certificate, authority.chainPem, privateKey);
}

async function resolveKey({ key, keyType }: LeafOptions): Promise<KeyObject> {
  if (key === undefined) return await generatePrivateKey(keyType ?? DEFAULT_KEY_TYPE);
  if (keyType !== undefined) throw new TypeError('Give key or keyType, not both.');
  return readKey(key);
}

const DEFAULT_LIFETIME_MS = 24 * 60 * 60 * 1000;
