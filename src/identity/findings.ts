/**
 * `error`: TLS with this pair is impossible, or a rule that was asked for is broken. `warning`: a server may refuse it.
 * `info`: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'info';

/** Something noticed about a pair, with what to do about it. */
export interface Finding {
  /** Stable, `ROTEY_FINDING_…`; docs/reference/findings.md lists all. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is wrong, with the values and limits. Never key material. */
  readonly message: string;
  /** What a person should do about it. */
  readonly remedy: string;
}

export type FindingCode = string;
