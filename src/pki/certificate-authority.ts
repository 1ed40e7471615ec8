import { createPublicKey, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import type { CertificateFacts } from '../identity/index.ts';
import { type CertificateTemplate, issueCertificate } from './certificate-template.ts';
import { distinguishedName, type SubjectOptions } from './distinguished-name.ts';
import { basicConstraints, keyUsage } from './extensions.ts';
import { DEFAULT_KEY_TYPE, generatePrivateKey, type KeyType, keyIdentifier, toPkcs8Pem } from './issuing-key.ts';
import { DEFAULT_RULES, type IssuingRules, requireRules, ruleBroken } from './rules.ts';
import { randomSerial } from './serial-number.ts';
import { resolveValidity, type ValidityOptions } from './validity.ts';

/** What to create an authority with. */
export interface AuthorityOptions extends SubjectOptions, ValidityOptions {
  /** Default: `ec-p256`, which every TLS stack accepts and which is generated in under a millisecond. */
  readonly keyType?: KeyType | undefined;
  /**
   * How long the authority is valid. Default: 365 days, the most that Temporal's own tcld grants; cut to the issuer's
   * end. Excludes `notAfterMs`.
   */
  readonly lifetimeMs?: number | undefined;
  /**
   * How many further authorities may stand between this one and a leaf. Default: one fewer than the issuer allows, and
   * no limit where there is none (RFC 5280 §4.2.1.9).
   */
  readonly pathLength?: number | undefined;
  /** The authority that signs this one, which then is an intermediate. Default: none; it signs itself and is a root. */
  readonly issuer?: CertificateAuthority | undefined;
  /** Default: `cloud`. */
  readonly rules?: IssuingRules | undefined;
}

/** @internal What {@link CertificateAuthority} is made of. */
export interface AuthorityParts {
  /** This authority first, then each issuer, as far as they are known. */
  readonly chain: readonly [CertificateFacts, ...CertificateFacts[]];
  readonly privateKey: KeyObject;
  /** See {@link IssuerFields}. */
  readonly subject: Uint8Array;
  readonly keyIdentifier: Uint8Array;
}

/**
 * A certificate authority with its private key, immutable. Made by {@link createAuthority} and {@link loadAuthority}.
 *
 * The key is in a private field: `console.log`, `util.inspect`, `JSON.stringify`, structured loggers and spreads never
 * show it. {@link CertificateAuthority.revealPrivateKey} is the one way to it.
 */
export class CertificateAuthority {
  readonly commonName: string;
  /** The authority's own certificate, alone. */
  readonly certificatePem: string;
  /**
   * What a leaf has to be sent with: this authority and its issuers, without the root (RFC 8446 §4.4.2 lets it be
   * left out, and a verifier has it). Empty for a root.
   */
  readonly chainPem: string;
  /**
   * What a server is told to accept: this authority and all its issuers with the root, as Temporal Cloud wants a
   * Namespace's CA bundle (each certificate a root, or issued by another one in the bundle).
   */
  readonly bundlePem: string;
  /** Milliseconds since the Unix epoch, as are all times here. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** How many further authorities may stand between this one and a leaf; undefined means no limit. */
  readonly pathLength: number | undefined;
  readonly #parts: AuthorityParts;

  /** @internal use {@link createAuthority} or {@link loadAuthority} */
  constructor(parts: AuthorityParts) {
    const [own] = parts.chain;
    this.commonName = own.commonName ?? own.subject;
    this.certificatePem = own.pem;
    this.chainPem = joinPem(parts.chain.filter((certificate) => !certificate.selfSigned));
    this.bundlePem = joinPem(parts.chain);
    this.notBeforeMs = own.notBeforeMs;
    this.notAfterMs = own.notAfterMs;
    this.pathLength = own.pathLength;
    this.#parts = parts;
    Object.freeze(this);
  }

  /** The private key as unencrypted PKCS#8 PEM. Whoever has it can issue certificates that every verifier accepts. */
  revealPrivateKey(): string {
    return toPkcs8Pem(this.#parts.privateKey);
  }

  /** @internal For issuing only. */
  issuingParts(): AuthorityParts {
    return this.#parts;
  }

  toJSON(): object {
    const { subject, serial, sha256 } = this.#parts.chain[0];
    return { subject, serial, sha256, notBeforeMs: this.notBeforeMs, notAfterMs: this.notAfterMs };
  }

  [inspect.custom](): string {
    const { subject, serial } = this.#parts.chain[0];
    return `CertificateAuthority { serial: ${serial}, subject: ${JSON.stringify(subject)} }`;
  }
}

/**
 * Creates a root, or with `issuer` an intermediate, with a new key. Its certificate has `CA:TRUE`, keyCertSign and
 * cRLSign, and a random serial number.
 *
 * @throws {RoteyError} `ROTEY_ISSUE_RULE_BROKEN` with the rule, the value and the limit; nothing is created then.
 * @throws {RangeError} | {TypeError} for impossible durations, see {@link ValidityOptions}.
 */
export async function createAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
  const { issuer, rules = DEFAULT_RULES } = options;
  const pathLength = resolvePathLength(options.pathLength, issuer);
  const subject = distinguishedName(options);
  const validity = resolveValidity(options, DEFAULT_LIFETIME_MS, issuer, rules);
  const privateKey = await generatePrivateKey(options.keyType ?? DEFAULT_KEY_TYPE);
  const publicKey = createPublicKey(privateKey);
  const template: CertificateTemplate = {
    serial: randomSerial(),
    subject,
    validity,
    publicKey,
    extensions: [basicConstraints({ ca: true, pathLength }), keyUsage('keyCertSign', 'cRLSign')],
  };
  const identifier = keyIdentifier(publicKey);
  const signer = issuer?.issuingParts() ?? { subject, privateKey, keyIdentifier: identifier };
  const certificate = await issueCertificate(template, signer);
  const chain = [certificate, ...(issuer?.issuingParts().chain ?? [])] as const;
  requireRules(chain, rules);
  return new CertificateAuthority({ chain, privateKey, subject, keyIdentifier: identifier });
}

function resolvePathLength(asked: number | undefined, issuer: CertificateAuthority | undefined): number | undefined {
  if (asked !== undefined && !(Number.isSafeInteger(asked) && asked >= 0)) {
    throw new RangeError(`pathLength is a whole number from 0 on, not ${asked}.`);
  }
  if (issuer?.pathLength === undefined) return asked;
  const most = issuer.pathLength - 1;
  const pathLength = asked ?? most;
  if (most >= 0 && pathLength <= most) return pathLength;
  throw ruleBroken(
    'RFC 5280 §4.2.1.9, an authority below another one',
    most < 0 ? 'an authority' : `path length ${pathLength}`,
    most < 0 ? `leaves only, under ${issuer.commonName}` : `at most ${most} under ${issuer.commonName}`,
    'Ask an authority higher up, or create that one with a larger path length.',
  );
}

function joinPem(certificates: readonly CertificateFacts[]): string {
  return certificates.map(({ pem }) => pem).join('');
}

const DEFAULT_LIFETIME_MS = 365 * 24 * 60 * 60 * 1000;
