import { contextPrimitiveTag, contextTag, type DerReader, OIDS, readDer, TAG } from '../asn1/index.ts';

/** What a certificate hands on to those that it issues. */
export interface IssuerFields {
  /** DER of its subject, octet for octet. */
  readonly subject: Uint8Array;
  /** Its subjectKeyIdentifier; undefined when the extension is absent. */
  readonly keyIdentifier: Uint8Array | undefined;
}

/**
 * Reads both from a certificate. They are copied into issued certificates and never made anew: another encoding of the
 * same name, or another way to derive the identifier, would not match in a verifier (RFC 5280 §4.1.2.4, §4.2.1.1).
 *
 * @throws {RoteyError} `ROTEY_DER_MALFORMED`.
 */
export function readIssuerFields(certificate: Uint8Array): IssuerFields {
  const tbs = readDer(certificate).sequence().sequence();
  tbs.enterOptional(contextTag(0));
  tbs.integer();
  for (const _ of ['signature', 'issuer', 'validity']) tbs.sequence();
  const subject = tbs.element(TAG.sequence).raw;
  tbs.sequence();
  tbs.optional(contextPrimitiveTag(1));
  tbs.optional(contextPrimitiveTag(2));
  return { subject, keyIdentifier: readKeyIdentifier(tbs.enterOptional(contextTag(3))?.sequence()) };
}

function readKeyIdentifier(extensions: DerReader | undefined): Uint8Array | undefined {
  while (extensions?.nextTag !== undefined) {
    const extension = extensions.sequence();
    if (extension.oid() !== OIDS.subjectKeyIdentifier) continue;
    extension.optional(TAG.boolean);
    return readDer(extension.octetString()).octetString();
  }
  return undefined;
}
