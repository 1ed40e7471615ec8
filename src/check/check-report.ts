import type { Finding } from '../identity/index.ts';
import type { CallReport } from '../probe/index.ts';
import type { CheckStepName } from './cause.ts';
import type { CauseCode } from './causes.ts';

/** What a check found: the document that `rotey check --json` prints. Holds no secret. Times are ISO 8601, UTC. */
export interface CheckReport {
  /** Changes when a field changes its meaning or goes; new fields may come at any time. */
  readonly schema: 1;
  readonly checkedAt: string;
  /** `unreachable`: the server could not be asked, so that nothing is known about the certificate. */
  readonly result: 'good' | 'problem' | 'unreachable';
  readonly target: CheckedTarget;
  /** Present once the pair was read. */
  readonly identity?: CheckedIdentity;
  /** In their order, up to the first that failed. */
  readonly steps: readonly CheckStep[];
  readonly findings: readonly Finding[];
  /** Present unless the result is good. */
  readonly cause?: FoundCause;
  /** What is known of the server, as far as the check got. */
  readonly server: CheckedServer;
  readonly calls: readonly CallReport[];
}

export interface CheckedTarget {
  readonly address: string;
  readonly namespace: string;
  readonly serverName: string;
  /** `host:port` of an HTTP proxy on the way. */
  readonly httpProxy?: string;
  readonly trust: 'system' | 'bundle';
  readonly credentials: readonly ('certificate' | 'api-key')[];
}

export interface CheckedIdentity {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sans: readonly string[];
  /** The subjects of what is presented, the leaf first. */
  readonly chain: readonly string[];
}

export interface CheckStep {
  readonly name: CheckStepName;
  readonly result: 'ok' | 'warning' | 'failed';
  /** Milliseconds with one decimal. */
  readonly ms: number;
  /** For people. */
  readonly detail: string;
}

export interface FoundCause {
  readonly code: CauseCode;
  readonly step: CheckStepName;
  readonly title: string;
  /** What was seen, with values and limits. */
  readonly message: string;
  /** Two or more possibilities where a client cannot know; empty where the title is the cause. */
  readonly perhaps: readonly string[];
  readonly remedy: string;
}

export interface CheckedServer {
  /** Of the Temporal server. */
  readonly version?: string;
  readonly protocol?: string;
  readonly cipher?: string;
  readonly alpn?: string;
  /** The subject of the CA here that vouches for the server. */
  readonly trustedBy?: string;
  readonly certificate?: CheckedServerCertificate;
  /** The subjects of what the server presents, the leaf first; absent where that cannot be seen. */
  readonly chain?: readonly string[];
  /** Whether it asks for a client certificate; absent where that cannot be seen. */
  readonly asksForCertificate?: boolean;
  /** The CAs that it asks for; empty when it names none. */
  readonly acceptedAuthorities?: readonly string[];
}

export interface CheckedServerCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly sha256: string;
  readonly sans: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
}
