import { type Pair, readPair } from '../../src/identity/index.ts';
import { type CertificateAuthority, createAuthority, issueLeaf, type KeyType } from '../../src/pki/index.ts';

/** What a pair looks like on disk, and what it is when it is read back. */
export interface IssuedPair {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly trustPem: string;
  readonly pair: Pair;
  /** With the trust bundle, for sources that watch it. */
  readonly pairWithTrust: Pair;
}

export interface IssueOptions {
  /** Default: a shared root. */
  readonly authority?: CertificateAuthority;
  readonly keyType?: KeyType;
  /** Default: an hour; negative: it has ended. */
  readonly lifetimeMs?: number;
}

let shared: Promise<CertificateAuthority> | undefined;

/** A real certificate with a key of its own. */
export async function issuePair(commonName: string, options: IssueOptions = {}): Promise<IssuedPair> {
  shared ??= createAuthority({ commonName: 'root for tests' });
  const authority = options.authority ?? (await shared);
  const lifetimeMs = options.lifetimeMs ?? 3_600_000;
  const now = Date.now();
  const validity =
    lifetimeMs > 0
      ? { lifetimeMs }
      : { notBeforeMs: now + lifetimeMs - 60_000, notAfterMs: now + lifetimeMs, rules: 'tls' as const };
  const { keyType } = options;
  const leaf = await issueLeaf(authority, {
    commonName,
    usage: 'client',
    ...validity,
    ...(keyType === undefined ? {} : { keyType }),
  });
  const certificatePem = leaf.chainPem;
  const privateKeyPem = leaf.revealPrivateKey();
  const trustPem = authority.certificatePem;
  const material = { certificate: certificatePem, key: privateKeyPem };
  const [pair, pairWithTrust] = [readPair(material), readPair({ ...material, trust: trustPem })];
  return { certificatePem, privateKeyPem, trustPem, pair, pairWithTrust };
}
