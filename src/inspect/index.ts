/**
 * Looking at certificates and keys wherever they are: files, directories, Secret manifests, servers; and saying what they are.
 * May import errors, clock, asn1, identity, source and probe. Must never know how a report is printed, or change anything.
 *
 * @module
 */

export type { InputKind } from './entry.ts';
export { type InspectOptions, inspectInputs } from './inspect.ts';
export type { DirectoryLayout } from './list-directory.ts';
export type { InspectInput } from './read-input.ts';
export type { ServerFacts } from './read-server.ts';
export type {
  CertificateLink,
  CertificatePosition,
  CertificateReport,
  EntryReport,
  EntryRole,
  FindingReport,
  InputReport,
  InspectReport,
  KeyKindReport,
  KeyReport,
  PrivateKeyMatch,
} from './report.ts';
