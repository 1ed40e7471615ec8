/**
 * What `/status`, the control socket and `rotey status` show: one JSON document for every kind of process. Nothing in it
 * is secret. Times are ISO 8601 in UTC; what is not known or not there is null, so that every key is always there.
 * docs/reference/status.md describes it, docs/reference/status.schema.json is its JSON Schema.
 *
 * @module
 */
import type { ErrorSummary } from '../errors.ts';
import type { ConsumerName } from './metric-table.ts';
import type { ProblemName } from './problems.ts';

export interface StatusDocument {
  /** Goes up when a key changes its meaning or goes away. New keys may come without that. */
  readonly schema: 1;
  /** Of rotey. */
  readonly version: string;
  readonly consumer: ConsumerName;
  readonly pid: number;
  /** When this document was made. */
  readonly at: string;
  /** What `/healthz` answers: the loops of all rotations run. Never depends on a server. */
  readonly healthy: boolean;
  /** What `/readyz` answers: every rotation has an identity that a server has accepted, and there is at least one. */
  readonly ready: boolean;
  /** What somebody should look at; the worst first. */
  readonly problems: readonly StatusProblem[];
  readonly sources: readonly SourceDocument[];
  readonly rotations: readonly RotationDocument[];
}

export interface StatusProblem {
  readonly severity: 'error' | 'warning';
  readonly what: ProblemName;
  /** Of the source or rotation that it is about. */
  readonly name: string;
  readonly address: string | null;
  readonly message: string;
  readonly hint: string | null;
}

export interface CertificateDocument {
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hex. */
  readonly serial: string;
  /** SHA-1, lower-case hex: what Temporal Cloud calls the fingerprint. */
  readonly fingerprint: string;
  readonly sha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

export interface ErrorDocument {
  readonly code: ErrorSummary['code'];
  readonly message: string;
  readonly hint: string | null;
}

/** Where pairs come from. */
export interface SourceDocument {
  readonly name: string;
  /** What is watched, for people. */
  readonly description: string;
  readonly noticedBy: 'events' | 'polling' | 'caller';
  /** The last good pair that was read. */
  readonly onDisk: CertificateDocument | null;
  readonly lastReadAt: string | null;
  readonly lastGoodAt: string | null;
  readonly lastChangeAt: string | null;
  readonly problem: (ErrorDocument & { readonly since: string }) | null;
}

/** One source of pairs with one server. */
export interface RotationDocument {
  /** Of the source too. */
  readonly name: string;
  /** `host:port` of the server. */
  readonly address: string;
  /** What uses it: a process may have Workers and Clients. */
  readonly consumer: ConsumerName;
  readonly mode: 'rotate' | 'observe';
  /** The kill switch is on. */
  readonly frozen: boolean;
  readonly state: 'starting' | 'serving' | 'proving' | 'holding' | 'closing' | 'closed';
  readonly stateSince: string;
  /** Without the time that the machine slept. */
  readonly stateAgeSeconds: number;
  /** How long ago the loop last ran, in seconds; null once it is closed. */
  readonly heartbeatAgeSeconds: number | null;
  readonly inUse: {
    readonly generation: number;
    readonly certificate: CertificateDocument;
    readonly since: string;
    /** A third, a tenth, nothing is left of the lifetime. */
    readonly expiry: 'ok' | 'warning' | 'critical' | 'expired';
  } | null;
  /**
   * Why no further session could be opened with the certificate in use, when that was last tried: the server has changed
   * its mind, or cannot be reached. Null when it could.
   */
  readonly inUseFailure:
    | (ErrorDocument & { readonly verdict: 'refused' | 'unobtainable'; readonly since: string })
    | null;
  /** A pair that was read and is not in use. */
  readonly candidate: {
    readonly certificate: CertificateDocument;
    readonly seenAt: string;
    /** Failed attempts in a row. */
    readonly failures: number;
    /** Why it is not in use; null while it is tried for the first time. */
    readonly held: 'refused' | 'unobtainable' | 'not-yet-valid' | 'expired' | 'frozen' | 'rehearsed' | null;
    readonly lastError: ErrorDocument | null;
  } | null;
  /** The attempt that is under way. */
  readonly attempt: {
    readonly certificate: CertificateDocument;
    readonly cause: 'new-pair' | 'expiry-near' | 'requested' | 'worker-started' | 'proof-due';
    readonly since: string;
    /** It was given up, and has not ended yet. */
    readonly aborted: boolean;
  } | null;
  readonly lastAttemptAt: string | null;
  readonly lastSuccessAt: string | null;
  /** The last failure, kept until an attempt succeeds. */
  readonly lastError: (ErrorDocument & { readonly at: string }) | null;
  readonly consecutiveFailures: number;
  /** What happens next by itself: an attempt, or a look at the clock. */
  readonly nextAction: { readonly what: 'attempt' | 'look'; readonly at: string } | null;
  /** Old sessions that finish their calls. */
  readonly draining: readonly {
    readonly generation: number;
    readonly certificate: CertificateDocument;
    readonly since: string;
    /** When calls that still run are cut. */
    readonly deadline: string;
  }[];
}
