import type { ErrorSummary, RoteyErrorCode } from '../errors.ts';
import type { CertificateFacts, FindingCode, FindingRules, Severity } from '../identity/index.ts';
import type { InputKind } from './entry.ts';
import type { DirectoryLayout } from './list-directory.ts';
import type { ServerFacts } from './read-server.ts';

/** Changes when a field goes away or changes its meaning; new fields may come at any time. */
export const REPORT_SCHEMA = 1;

/**
 * What an inspection found; printed as it is by `rotey cert inspect --json`, and described by
 * docs/reference/cert-inspect.schema.json. Holds no key: of keys only what their certificates show too.
 */
export interface InspectReport {
  readonly schema: typeof REPORT_SCHEMA;
  /** ISO 8601, as are all times here. */
  readonly inspectedAt: string;
  readonly rules: FindingRules;
  /** The worst of all findings; `error` too when something could not be read. */
  readonly worst: Severity | 'none';
  readonly inputs: readonly InputReport[];
}

/** One of the things that were asked for. */
export interface InputReport {
  /** As it was asked for; `-` for stdin. */
  readonly input: string;
  readonly kind: InputKind;
  /** Of a directory. */
  readonly layout?: DirectoryLayout | undefined;
  /** Of a server. */
  readonly server?: ServerFacts | undefined;
  readonly entries: readonly EntryReport[];
  /** What lies beside and was not looked into, for example certificate requests. */
  readonly skipped: readonly { readonly where: string; readonly what: string }[];
  /** Why there is nothing to see. */
  readonly error?: ErrorSummary | undefined;
}

/** What a place was judged as. */
export type EntryRole = 'leaf' | 'ca-bundle' | 'server' | 'keys';

/** One place with certificates or keys: a file, an entry of a Secret, the chain of a server. */
export interface EntryReport {
  readonly where: string;
  readonly role: EntryRole;
  readonly certificates: readonly CertificateReport[];
  readonly keys: readonly KeyReport[];
  readonly findings: readonly FindingReport[];
  /** Why it could not be read. */
  readonly error?: ErrorSummary | undefined;
}

/** `ca`: of a bundle. `unrelated`: has signed nothing in the chain of a leaf beside it. */
export type CertificatePosition = 'leaf' | 'issuer' | 'root' | 'unrelated' | 'ca';

export interface CertificateReport
  extends Pick<CertificateFacts, 'subject' | 'issuer' | 'serial' | 'sha1' | 'sha256' | 'version' | 'selfSigned'> {
  readonly position: CertificatePosition;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly validity: 'valid' | 'expired' | 'not-yet-valid';
  /** Until notAfter; negative when that is past. */
  readonly secondsLeft: number;
  readonly key: KeyKindReport;
  readonly signatureAlgorithm: string;
  readonly sans: readonly string[];
  /** basicConstraints cA; null when the extension is absent, as are the following. */
  readonly ca: boolean | null;
  readonly pathLength: number | null;
  readonly keyUsage: readonly string[] | null;
  readonly extendedKeyUsage: readonly string[] | null;
  /** The issuers above it among everything that was inspected, nearest first, verified by signature. */
  readonly chain: readonly CertificateLink[];
  /**
   * How that chain ends: with a `root`; below a `public-root`, one that Node trusts by itself; or `incomplete`, where the
   * next issuer is not among what was inspected.
   */
  readonly chainEnd: 'root' | 'public-root' | 'incomplete';
  /** The name of the issuer that the chain ends below, unless it ends with a root. */
  readonly nextIssuer?: string | undefined;
  readonly privateKey: PrivateKeyMatch;
}

export interface KeyKindReport {
  readonly type: CertificateFacts['keyType'];
  readonly bits?: number | undefined;
  readonly curve?: string | undefined;
}

/** Another certificate of the report, and where it was found first. */
export interface CertificateLink {
  readonly subject: string;
  readonly sha256: string;
  readonly where: string;
}

/** Where the key of a certificate is; `unknown` when one that should be it could not be opened. */
export interface PrivateKeyMatch {
  readonly match: 'found' | 'unknown' | 'not-found';
  readonly where: readonly string[];
}

/** A private key. Nothing of it is shown. */
export interface KeyReport {
  readonly line: number;
  readonly encrypted: boolean;
  /** Undefined when it could not be opened. */
  readonly key?: KeyKindReport | undefined;
  /** The certificates that it belongs to. */
  readonly belongsTo: readonly CertificateLink[];
}

export interface FindingReport {
  readonly code: FindingCode | RoteyErrorCode;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
  /** SHA-256 of the certificate that it is about; undefined when it is about the entry or its keys. */
  readonly certificate?: string | undefined;
}
