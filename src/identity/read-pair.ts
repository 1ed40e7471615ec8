import { createHash, type KeyObject } from 'node:crypto';
import { RoteyError } from '../errors.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { judge } from './findings.ts';
import { observeReading } from './observe-reading.ts';
import { orderChain } from './order-chain.ts';
import { type CertificatePath, Pair, type PairOrigin } from './pair.ts';
import { type PemBlock, readPem } from './pem.ts';
import { isCertificate, type ParsedCertificate, parseCertificateBlock } from './read-certificate.ts';
import { isPrivateKey, readPrivateKey } from './read-key.ts';
import { readTrust } from './read-trust.ts';
import { proveKey, selectKey, selectLeaf } from './select-leaf.ts';

/** What {@link readPair} makes a pair of: the contents of the files, not their paths. PEM throughout. */
export interface PairMaterial {
  /** The leaf and the intermediate certificates, in any order. */
  readonly certificate: Uint8Array | string;
  /** Default: the key stands in {@link certificate} too. */
  readonly key?: Uint8Array | string | undefined;
  /** CA bundle for the server's certificate. Default: the system's roots. */
  readonly trust?: Uint8Array | string | undefined;
  /** For an encrypted key. */
  readonly passphrase?: string | undefined;
  /** Where the parts come from, for messages. */
  readonly origin?: PairOrigin | undefined;
}

/**
 * The most certificates to present. Chains have three or four, and servers refuse more than about ten; whoever put a
 * whole bundle of roots there should hear of it here.
 */
export const MAX_CHAIN_CERTIFICATES: number = 64;

/** The most private keys looked at: opening an encrypted one takes time on purpose. */
const MAX_KEYS = 8;

/**
 * Reads a certificate, its key and a trust bundle into one checked value: the leaf is the certificate that belongs to
 * the key, the key really signs for it, the chain is in order, everything is normalised. Pure: whether the pair is
 * valid *now* is for {@link inspectPair}.
 *
 * The certificates are those in `certificate`, or those in `key` when there is none in it; the key is looked for in
 * `key` first and in `certificate` second. Of several certificates with the same key the one issued last is the leaf.
 *
 * @throws {RoteyError} `ROTEY_FILE_TOO_LARGE`, `ROTEY_PEM_TRUNCATED` (retryable), `ROTEY_PEM_MALFORMED`,
 * `ROTEY_PEM_NO_CERTIFICATE`, `ROTEY_PEM_NO_KEY` (both retryable when the file is empty), `ROTEY_CERTIFICATE_MALFORMED`,
 * `ROTEY_KEY_MALFORMED`, `ROTEY_KEY_UNSUPPORTED`, `ROTEY_KEY_PASSPHRASE_MISSING`, `ROTEY_KEY_PASSPHRASE_WRONG`,
 * `ROTEY_KEY_AMBIGUOUS` when several keys belong to certificates, `ROTEY_PAIR_MISMATCH` when none does,
 * `ROTEY_TRUST_MALFORMED`.
 */
export function readPair(material: PairMaterial): Pair {
  const { origin = {}, passphrase } = material;
  const certificateFile = readFile(material.certificate, origin.certificate ?? 'the certificate file');
  const keyFile = material.key === undefined ? certificateFile : readFile(material.key, origin.key ?? 'the key file');
  const trust = material.trust === undefined ? [] : readTrust(material.trust, origin.trust ?? 'the trust bundle');

  const { certificates, repeated, name: certificateName } = readChainCertificates(certificateFile, keyFile);
  const { keys, name: keyName } = readKeys(keyFile, certificateFile, passphrase);
  const names = { certificate: certificateName, key: keyName };
  const { key, holders } = selectKey(keys, certificates, names);
  const leaf = selectLeaf(holders);
  proveKey(key, leaf, names);

  const ordered = orderChain(
    leaf,
    certificates.filter((certificate) => certificate !== leaf),
  );
  const chain = factsOf([...ordered.related, ...ordered.unrelated]);
  return new Pair({
    id: idOf(chain, trust),
    chain,
    path: factsOf(ordered.path),
    certificatePem: chain.map(({ pem }) => pem).join(''),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    trustPem: material.trust === undefined ? undefined : trust.map(({ pem }) => pem).join(''),
    trust,
    origin,
    findings: judge(
      observeReading({
        leaf: leaf.facts,
        first: certificates[0].facts,
        sameKey: holders.map(({ facts }) => facts),
        unrelated: ordered.unrelated.filter((other) => !holders.includes(other)).map(({ facts }) => facts),
        repeated,
        keys: keys.length,
      }),
      'server',
    ),
  });
}

interface PemFile {
  readonly name: string;
  readonly blocks: readonly PemBlock[];
  readonly empty: boolean;
}

function readFile(input: Uint8Array | string, name: string): PemFile {
  return { name, blocks: readPem(input, name), empty: input.length === 0 };
}

interface FoundCertificates {
  /** In the order of the file, each once. */
  readonly certificates: readonly [ParsedCertificate, ...ParsedCertificate[]];
  /** Those that came again. */
  readonly repeated: readonly CertificateFacts[];
  readonly name: string;
}

function readChainCertificates(certificateFile: PemFile, keyFile: PemFile): FoundCertificates {
  const file = certificateFile.blocks.some(isCertificate) ? certificateFile : keyFile;
  const blocks = file.blocks.filter(isCertificate);
  if (blocks.length > MAX_CHAIN_CERTIFICATES)
    throw tooMany(file.name, blocks.length, 'certificates', MAX_CHAIN_CERTIFICATES);
  const found = new Map<string, ParsedCertificate>();
  const repeated: CertificateFacts[] = [];
  for (const block of blocks) {
    const certificate = parseCertificateBlock(block, file.name);
    if (found.has(certificate.facts.sha256)) repeated.push(certificate.facts);
    else found.set(certificate.facts.sha256, certificate);
  }
  const [first, ...rest] = found.values();
  if (first === undefined) throw nothingThere('ROTEY_PEM_NO_CERTIFICATE', 'certificate', certificateFile);
  return { certificates: [first, ...rest], repeated, name: file.name };
}

/** The different private keys of the first file that has one. */
function readKeys(
  keyFile: PemFile,
  certificateFile: PemFile,
  passphrase: string | undefined,
): { readonly keys: [KeyObject, ...KeyObject[]]; readonly name: string } {
  const file = keyFile.blocks.some(isPrivateKey) ? keyFile : certificateFile;
  const { name } = file;
  const blocks = file.blocks.filter(isPrivateKey);
  if (blocks.length > MAX_KEYS) throw tooMany(name, blocks.length, 'private keys', MAX_KEYS);
  const different: KeyObject[] = [];
  for (const block of blocks) {
    const key = readPrivateKey(block, { name, passphrase });
    if (!different.some((other) => other.equals(key))) different.push(key);
  }
  const [first, ...rest] = different;
  if (first === undefined) throw nothingThere('ROTEY_PEM_NO_KEY', 'private key', keyFile);
  return { keys: [first, ...rest], name };
}

function factsOf([leaf, ...rest]: readonly [ParsedCertificate, ...ParsedCertificate[]]): CertificatePath {
  return [leaf.facts, ...rest.map(({ facts }) => facts)];
}

/**
 * Fingerprints have a fixed length, so that hashing them one after the other is unambiguous. Trust is a set: a bundle
 * in another order is no other identity.
 */
function idOf(chain: readonly CertificateFacts[], trust: readonly CertificateFacts[]): string {
  const hash = createHash('sha256').update('rotey pair 1\n');
  for (const { sha256 } of chain) hash.update(`presents ${sha256}\n`);
  for (const sha256 of trust.map((facts) => facts.sha256).sort()) hash.update(`trusts ${sha256}\n`);
  return hash.digest('hex');
}

function nothingThere(
  code: 'ROTEY_PEM_NO_CERTIFICATE' | 'ROTEY_PEM_NO_KEY',
  what: string,
  { name, empty }: PemFile,
): RoteyError {
  return new RoteyError(code, empty ? `${name} is empty.` : `${name} holds no ${what} in PEM form.`, {
    retryable: empty,
    hint: empty
      ? 'Nothing, if the file was being written at that moment; otherwise write it again.'
      : `It takes the contents of a file with a block that begins with -----BEGIN; check that the right file is named.`,
    context: { name },
  });
}

function tooMany(name: string, count: number, what: string, limit: number): RoteyError {
  return new RoteyError('ROTEY_FILE_TOO_LARGE', `${name} holds ${count} ${what}; the limit is ${limit}.`, {
    hint: 'Keep the leaf, its intermediate certificates and its key; a bundle of roots belongs into the trust file.',
    context: { name, count, limit },
  });
}
