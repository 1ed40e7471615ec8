import { RoteyError } from '../errors.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { orderChain } from './order-chain.ts';
import type { CertificatePath } from './pair.ts';
import { readPem } from './pem.ts';
import { isCertificate, type ParsedCertificate, parseCertificateBlock } from './read-certificate.ts';
import { isPrivateKey } from './read-key.ts';

/** CAs whose clients a server is to accept, as they were read; whether they are any good is for {@link inspectBundle}. */
export interface CaBundle {
  /** Each once, in the order in which they were found. */
  readonly certificates: readonly CertificateFacts[];
  /** Those that came again. */
  readonly repeated: readonly CertificateFacts[];
  /** The size of the bundle as PEM, as it was given, in bytes. */
  readonly bytes: number;
  /** How many private keys lie beside the certificates. */
  readonly keys: number;
  /** By SHA-256: the certificate and its issuers within the bundle, each verified by its signature. */
  readonly paths: ReadonlyMap<string, CertificatePath>;
}

/**
 * Reads a CA bundle from PEM. Comments count for its size only; keys are counted and not looked into.
 *
 * @throws {RoteyError} `ROTEY_FILE_TOO_LARGE`, `ROTEY_PEM_TRUNCATED` (retryable), `ROTEY_PEM_MALFORMED`,
 * `ROTEY_PEM_NO_CERTIFICATE`, `ROTEY_CERTIFICATE_MALFORMED`.
 */
export function readBundle(input: Uint8Array | string, name: string): CaBundle {
  const blocks = readPem(input, name);
  const found = blocks.filter(isCertificate).map((block) => parseCertificateBlock(block, name));
  if (found.length === 0) {
    throw new RoteyError('ROTEY_PEM_NO_CERTIFICATE', `${name} holds no certificate.`, {
      retryable: input.length === 0,
      hint: 'Check that the right file is named.',
      context: { name },
    });
  }
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  return bundleOf(found, { bytes, keys: blocks.filter(isPrivateKey).length });
}

/** A bundle of certificates that have been read already. */
export function bundleOf(
  found: readonly ParsedCertificate[],
  { bytes, keys }: Pick<CaBundle, 'bytes' | 'keys'>,
): CaBundle {
  const each = new Map<string, ParsedCertificate>();
  const repeated: CertificateFacts[] = [];
  for (const certificate of found) {
    const { sha256 } = certificate.facts;
    if (each.has(sha256)) repeated.push(certificate.facts);
    else each.set(sha256, certificate);
  }
  const certificates = [...each.values()];
  const paths = new Map(
    certificates.map((certificate) => [certificate.facts.sha256, pathOf(certificate, certificates)]),
  );
  return Object.freeze({ certificates: certificates.map(({ facts }) => facts), repeated, bytes, keys, paths });
}

function pathOf(certificate: ParsedCertificate, all: readonly ParsedCertificate[]): CertificatePath {
  const [first, ...issuers] = orderChain(
    certificate,
    all.filter((other) => other !== certificate),
  ).path;
  return [first.facts, ...issuers.map(({ facts }) => facts)];
}
