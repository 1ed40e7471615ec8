import { rootCertificates } from 'node:tls';
import { isIssuedBy, type ParsedCertificate, parseCertificate } from '../identity/index.ts';

let parsed: readonly ParsedCertificate[] | undefined;

/** The CAs that Node trusts by itself, which are those of Mozilla. Read when somebody first asks: it takes some 50 ms. */
function publicRoots(): readonly ParsedCertificate[] {
  parsed ??= rootCertificates.map((pem) =>
    parseCertificate(Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ''), 'base64')),
  );
  return parsed;
}

/** Their SHA-256 fingerprints, lower-case hex. */
export function publicRootFingerprints(): ReadonlySet<string> {
  return new Set(publicRoots().map(({ facts }) => facts.sha256));
}

/** Whether one of them issued a certificate. */
export function isIssuedByPublicRoot(certificate: ParsedCertificate): boolean {
  return publicRoots().some((root) => isIssuedBy(certificate, root));
}
