import { rootCertificates } from 'node:tls';
import { isIssuedBy, type ParsedCertificate, parseCertificate } from '../identity/index.ts';

/** The CAs that Node trusts by itself, which are those of Mozilla. Read when somebody asks for them. */
export class PublicRoots {
  #parsed: readonly ParsedCertificate[] | undefined;

  /** SHA-256 fingerprints, lower-case hex. */
  get fingerprints(): ReadonlySet<string> {
    return new Set(this.#roots.map(({ facts }) => facts.sha256));
  }

  /** The name of the one that issued a certificate. */
  issuerOf(certificate: ParsedCertificate): string | undefined {
    return this.#roots.find((root) => isIssuedBy(certificate, root))?.facts.subject;
  }

  get #roots(): readonly ParsedCertificate[] {
    this.#parsed ??= rootCertificates.map((pem) =>
      parseCertificate(Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ''), 'base64')),
    );
    return this.#parsed;
  }
}
