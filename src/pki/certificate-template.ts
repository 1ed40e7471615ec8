import type { KeyObject } from 'node:crypto';
import { der } from '../asn1/index.ts';
import type { CertificateFacts } from '../identity/index.ts';
import { parseCertificate } from '../identity/index.ts';
import { authorityKeyIdentifier, subjectKeyIdentifier } from './extensions.ts';
import { keyIdentifier, publicKeyInfo, signatureScheme, signWith } from './issuing-key.ts';
import type { Validity } from './validity.ts';

/** What a certificate will say, but for what follows from its signer. */
export interface CertificateTemplate {
  /** Big-endian, positive. */
  readonly serial: Uint8Array;
  readonly validity: Validity;
  /** DER of the subject's Name. */
  readonly subject: Uint8Array;
  readonly publicKey: KeyObject;
  /** Complete Extension elements; the key identifiers are added. */
  readonly extensions: readonly Uint8Array[];
}

/** Who signs. */
export interface CertificateSigner {
  /** DER of the Name, octet for octet as in the signer's own certificate. */
  readonly subject: Uint8Array;
  readonly privateKey: KeyObject;
  readonly keyIdentifier: Uint8Array;
}

/**
 * Writes an X.509 v3 certificate (RFC 5280 §4.1), signs it, and reads it back.
 *
 * @throws {RoteyError} `ROTEY_KEY_UNSUPPORTED` when certificates cannot be signed with the signer's key.
 */
export async function issueCertificate(
  template: CertificateTemplate,
  signer: CertificateSigner,
): Promise<CertificateFacts> {
  const { algorithmIdentifier } = signatureScheme(signer.privateKey);
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(VERSION_3)),
    der.unsignedInteger(template.serial),
    algorithmIdentifier,
    signer.subject,
    der.sequence(der.time(template.validity.notBeforeMs), der.time(template.validity.notAfterMs)),
    template.subject,
    publicKeyInfo(template.publicKey),
    der.explicit(3, der.sequence(...template.extensions, ...keyIdentifiers(template, signer))),
  );
  const signature = await signWith(signer.privateKey, toBeSigned);
  return parseCertificate(der.sequence(toBeSigned, algorithmIdentifier, der.bitString(signature))).facts;
}

/** RFC 5280 §4.2.1.1: in a self-signed certificate the issuer's identifier would say nothing and is left out. */
function keyIdentifiers({ subject, publicKey }: CertificateTemplate, signer: CertificateSigner): readonly Uint8Array[] {
  const own = keyIdentifier(publicKey);
  const selfSigned = isSame(own, signer.keyIdentifier) && isSame(subject, signer.subject);
  return [subjectKeyIdentifier(own), ...(selfSigned ? [] : [authorityKeyIdentifier(signer.keyIdentifier)])];
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/** Versions are counted from zero. */
const VERSION_3 = 2n;
