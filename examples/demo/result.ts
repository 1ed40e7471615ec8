/** What `--json` writes. */
export interface DemoResult {
  /** How often the Worker went over to a new certificate. */
  readonly rotations: number;
  readonly workflowsCompleted: number;
  readonly workflowsFailed: number;
  /** Attempts of activities that failed or timed out, also when a retry made up for it. */
  readonly activitiesFailed: number;
  /** Calls of the Worker that failed at the frontend (see rpc-failures.ts), and connections that it did not let in. */
  readonly rpcFailures: number;
  /** How often the Worker's process ended before it was told to. */
  readonly workerRestarts: number;
  /** How often the Worker built up a workflow again from its history. */
  readonly replays: number;
  /** The Worker's certificates as the frontend saw them, in order; the demo's own client is left out. */
  readonly identities: readonly DemoIdentity[];
}

export interface DemoIdentity {
  readonly serial: string;
  /** ISO 8601. */
  readonly notAfter: string;
  /** By the server's clock, milliseconds since the Unix epoch. */
  readonly firstSeenMs: number;
  /** When the last call that came with it began or ended. */
  readonly lastSeenMs: number;
}

/** What failed, in words; empty when nothing did. */
export function failuresOf(result: DemoResult): readonly string[] {
  const { workflowsFailed, activitiesFailed, rpcFailures, workerRestarts, replays } = result;
  return [
    ...(workflowsFailed > 0 ? [`${workflowsFailed} workflows failed`] : []),
    ...(activitiesFailed > 0 ? [`${activitiesFailed} activities failed`] : []),
    ...(rpcFailures > 0 ? [`${rpcFailures} RPCs failed`] : []),
    ...(workerRestarts > 0 ? ['the Worker ended'] : []),
    ...(replays > 0 ? [`${replays} workflows were replayed`] : []),
  ];
}

/** What is missing for a demo to have shown something, in words; empty when nothing is. */
export function shortfallsOf({ rotations, identities }: DemoResult): readonly string[] {
  return [
    ...(rotations < ENOUGH_ROTATIONS ? [`there were ${rotations} rotations, fewer than ${ENOUGH_ROTATIONS}`] : []),
    ...(identities.length <= rotations ? [`the frontend saw only ${identities.length} certificates`] : []),
  ];
}

const ENOUGH_ROTATIONS = 3;
