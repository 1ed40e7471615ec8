/**
 * ASN.1 DER, the encoding of certificates and keys: a strict reader, a writer, and the identifiers of X.509.
 * May import errors. Must never know what a certificate means; that is identity's and pki's business.
 *
 * @module
 */
export { nameOfOid, OIDS, type OidName } from './oids.ts';
export { type DerElement, DerReader, decoded, MAX_DER_BYTES, MAX_DER_DEPTH, readDer } from './reader.ts';
export { contextPrimitiveTag, contextTag, TAG } from './tags.ts';
export { type BitString, decodeAscii } from './values.ts';
export * as der from './writer.ts';
