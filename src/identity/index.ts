/**
 * What a pair is: reading PEM and DER, matching a key to its certificate, the chain, validity, findings. Pure.
 * May import errors, clock and asn1. Must never know files, time or servers: bytes and the present moment are handed in.
 *
 * @module
 */
export type { CertificateFacts } from './certificate-facts.ts';
export { describeCertificate, describeDuration, describeTime } from './describe.ts';
export { escapeControls } from './distinguished-name.ts';
export { EXPIRY_CRITICAL_SHARE, EXPIRY_WARNING_SHARE } from './expiry-shares.ts';
export {
  FINDING_CODES,
  FINDINGS,
  type Finding,
  type FindingCode,
  type FindingKind,
  type FindingRules,
  type Severity,
} from './findings.ts';
export { FoundKey } from './found-key.ts';
export { type InspectBundleOptions, inspectBundle } from './inspect-bundle.ts';
export { type InspectOptions, inspectPair } from './inspect-pair.ts';
export { type InspectPathOptions, inspectPath } from './inspect-path.ts';
export { nameText } from './name-text.ts';
export { isAuthority } from './observe-chain.ts';
export { type OrderedChain, orderChain } from './order-chain.ts';
export { type CertificatePath, Pair, type PairOrigin, type PairParts } from './pair.ts';
export { MAX_PEM_BYTES, type PemBlock, readPem } from './pem.ts';
export { bundleOf, type CaBundle, readBundle } from './read-bundle.ts';
export {
  hasIssued,
  isCertificate,
  isIssuedBy,
  type KeyFacts,
  type ParsedCertificate,
  parseCertificate,
  parseCertificateBlock,
  readCertificates,
} from './read-certificate.ts';
export { isPrivateKey } from './read-key.ts';
export { MAX_CHAIN_CERTIFICATES, type PairMaterial, readPair } from './read-pair.ts';
export { readTrust } from './read-trust.ts';
export { selectLeaf } from './select-leaf.ts';
export { isWholeKey } from './whole-key.ts';
