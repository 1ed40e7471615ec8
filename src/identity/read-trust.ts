import { RoteyError } from '../errors.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { readPem } from './pem.ts';
import { isCertificate, parseCertificateBlock } from './read-certificate.ts';

/**
 * Reads a CA bundle: at least one certificate, and every one readable. One bad entry spoils the bundle, because what
 * would silently be left out may be the CA that is needed. Repeated certificates count once.
 *
 * @throws {RoteyError} `ROTEY_FILE_TOO_LARGE`, `ROTEY_PEM_TRUNCATED` (retryable), `ROTEY_TRUST_MALFORMED`.
 */
export function readTrust(input: Uint8Array | string, name: string): readonly CertificateFacts[] {
  const trusted = new Map<string, CertificateFacts>();
  try {
    for (const block of readPem(input, name)) {
      if (!isCertificate(block)) continue;
      if (block.label === 'TRUSTED CERTIFICATE') throw openSslTrust(name, block.line);
      const { facts } = parseCertificateBlock(block, name);
      trusted.set(facts.sha256, facts);
    }
  } catch (error) {
    throw asTrustError(error);
  }
  if (trusted.size > 0) return [...trusted.values()];
  throw new RoteyError('ROTEY_TRUST_MALFORMED', `${name} holds no certificate.`, {
    retryable: input.length === 0,
    hint: 'Put the CA certificates of the server there as PEM, or leave it out to use those of the system.',
    context: { name },
  });
}

function asTrustError(error: unknown): unknown {
  if (!(error instanceof RoteyError)) return error;
  if (error.code !== 'ROTEY_PEM_MALFORMED' && error.code !== 'ROTEY_CERTIFICATE_MALFORMED') return error;
  return new RoteyError('ROTEY_TRUST_MALFORMED', error.message, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    context: error.context,
  });
}

/** Its settings may say what *not* to trust, and dropping those would widen the trust. */
function openSslTrust(name: string, line: number): RoteyError {
  return new RoteyError(
    'ROTEY_TRUST_MALFORMED',
    `${name}, line ${line}: a TRUSTED CERTIFICATE carries trust settings of OpenSSL, which other programs do not read.`,
    { hint: 'Convert it after checking them: `openssl x509 -in FILE -out NEW`.', context: { name, line } },
  );
}
