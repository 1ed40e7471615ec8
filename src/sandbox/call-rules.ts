/** Which calls a rule is about. What is left out matches every call; the server's own calls are never touched. */
export interface CallFilter {
  /** Serial number of the client certificate: upper-case hex, an even number of digits. */
  readonly serial?: string | undefined;
  /** Without package and service: `PollWorkflowTaskQueue`. */
  readonly methods?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
}

/** Refuses calls, as the certificate filters of a Namespace do. */
export interface RefuseRule extends CallFilter {
  /** Default: `PERMISSION_DENIED`, as Temporal Cloud answers a certificate that no filter lets through. */
  readonly code?: string | undefined;
  /** Default: `Request unauthorized.` */
  readonly message?: string | undefined;
}

/** Holds calls at their start. They go on when the time is over or the rule is cleared, or end when the caller gives up. */
export interface DelayRule extends CallFilter {
  /** Milliseconds. Default: until the rule is cleared. */
  readonly forMs?: number | undefined;
}

/** A rule in force. Of several rules that match a call, the newest counts. */
export interface ActiveRule {
  /** Ends the rule, and lets go of the calls that it holds. Idempotent. */
  clear(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
