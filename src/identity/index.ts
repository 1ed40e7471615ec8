/**
 * What a pair is: reading PEM and DER, matching a key to its certificate, the chain, validity, findings. Pure.
 * May import errors, clock and asn1. Must never know files, time or servers: bytes and the present moment are handed in.
 *
 * @module
 */
export type { CertificateFacts } from './certificate-facts.ts';
export type { Finding, FindingCode, Severity } from './findings.ts';
export { Pair, type PairOrigin } from './pair.ts';
