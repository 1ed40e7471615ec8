/**
 * Being a certificate authority: creating CAs, issuing leaves that Temporal Cloud accepts, publishing pairs on disk.
 * May import errors, clock, asn1 and identity. Must never know Temporal, or who watches the published files.
 *
 * @module
 */
export { type AuthorityOptions, CertificateAuthority, createAuthority } from './certificate-authority.ts';
export type { SubjectOptions } from './distinguished-name.ts';
export type { LeafUsage } from './extensions.ts';
export type { KeyType } from './issuing-key.ts';
export { IssuedLeaf, issueLeaf, type LeafOptions } from './leaf.ts';
export { loadAuthority, type StoredAuthority } from './load-authority.ts';
export {
  type PairFiles,
  type PublishedNames,
  type PublishedPair,
  type PublishOptions,
  publishPair,
} from './publish.ts';
export type { IssuingRules } from './rules.ts';
export type { AlternativeNameOptions } from './subject-alternative-names.ts';
export type { ValidityOptions } from './validity.ts';
