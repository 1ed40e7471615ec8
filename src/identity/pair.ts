import { inspect } from 'node:util';
import type { CertificateFacts } from './certificate-facts.ts';
import type { Finding } from './findings.ts';

/** Where the parts of a pair were read: file paths or other names, for messages and status documents only. */
export interface PairOrigin {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly trust?: string | undefined;
}

/** At least one certificate, the leaf first. */
export type CertificatePath = readonly [CertificateFacts, ...CertificateFacts[]];

/** The parts that {@link readPair} has checked and put in order. */
export interface PairParts {
  /** SHA-256 over every certificate that would be presented and every trusted one; see {@link Pair.id}. */
  readonly id: string;
  /** Leaf first; never empty. */
  readonly chain: CertificatePath;
  /** The first part of {@link chain}: each the issuer of the one before. Default: the leaf alone. */
  readonly path?: CertificatePath | undefined;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly trustPem: string | undefined;
  /** The certificates in {@link trustPem}. Default: none. */
  readonly trust?: readonly CertificateFacts[] | undefined;
  readonly origin: PairOrigin;
  readonly findings: readonly Finding[];
}

/**
 * A certificate chain and the private key that belongs to its leaf: one immutable value from the moment they are read.
 * Half a pair cannot exist in this type. Made by {@link readPair} only.
 *
 * The key is in a private field: `console.log`, `util.inspect`, `JSON.stringify`, structured loggers and spreads never
 * show it. {@link Pair.revealPrivateKey} is the one way to it.
 */
export class Pair {
  /**
   * Two pairs with the same id present the same certificates and trust the same servers. The key is not part of it:
   * it is bound to the leaf, and an issuer may reuse a key for a new certificate (cert-manager's
   * `reuse-private-key`), so only certificates tell an old pair from a new one.
   */
  readonly id: string;
  readonly leaf: CertificateFacts;
  /** The certificates to present: leaf first, each issuer after a certificate that it signed, unrelated ones last. */
  readonly chain: CertificatePath;
  /** The first part of {@link chain}: the leaf, its issuer, that one's issuer, each verified by its signature. */
  readonly path: CertificatePath;
  /** {@link chain} as PEM, normalised: `\n` line ends, no comments. */
  readonly certificatePem: string;
  /** CA bundle for the server's certificate as PEM; undefined means the system's roots. */
  readonly trustPem: string | undefined;
  /** The certificates in {@link trustPem}; empty for the system's roots. */
  readonly trust: readonly CertificateFacts[];
  readonly origin: PairOrigin;
  /** What reading noticed and time does not change (a leaf that was not first, an unrelated certificate …). */
  readonly findings: readonly Finding[];
  readonly #privateKeyPem: string;

  /** @internal use {@link readPair} */
  constructor(parts: PairParts) {
    this.id = parts.id;
    this.leaf = parts.chain[0];
    this.chain = freeze(parts.chain);
    this.path = freeze(parts.path ?? [parts.chain[0]]);
    this.certificatePem = parts.certificatePem;
    this.trustPem = parts.trustPem;
    this.trust = Object.freeze([...(parts.trust ?? [])]);
    this.origin = Object.freeze({ ...parts.origin });
    this.findings = Object.freeze([...parts.findings]);
    this.#privateKeyPem = parts.privateKeyPem;
    Object.freeze(this);
  }

  /** The private key as unencrypted PKCS#8 PEM. Hand it to the TLS stack and to nothing else. */
  revealPrivateKey(): string {
    return this.#privateKeyPem;
  }

  toJSON(): object {
    const { subject, serial, sha256 } = this.leaf;
    return { id: this.id, subject, serial, sha256 };
  }

  [inspect.custom](): string {
    return `Pair { serial: ${this.leaf.serial}, subject: ${JSON.stringify(this.leaf.subject)} }`;
  }
}

function freeze([leaf, ...rest]: CertificatePath): CertificatePath {
  return Object.freeze<[CertificateFacts, ...CertificateFacts[]]>([leaf, ...rest]);
}
