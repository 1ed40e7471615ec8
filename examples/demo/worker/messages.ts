/**
 * What the Worker's process tells the demo's, over Node's IPC channel.
 *
 * @module
 */
export type WorkerMessage =
  | { readonly type: 'candidate'; readonly serial: string }
  | { readonly type: 'rotated'; readonly serial: string; readonly newPair: boolean; readonly tookMs: number }
  | { readonly type: 'attemptFailed'; readonly serial: string; readonly verdict: string; readonly reason: string }
  | { readonly type: 'held'; readonly serial: string; readonly reason: string }
  | { readonly type: 'drained'; readonly serial: string; readonly tookMs: number; readonly callsCut: number }
  | { readonly type: 'expiring'; readonly serial: string; readonly level: string; readonly leftMs: number }
  | { readonly type: 'sourceProblem'; readonly reason: string }
  /** A workflow was built up again from its history. */
  | { readonly type: 'replayed'; readonly workflowType: string }
  /** An activity began again because an earlier attempt has failed. */
  | { readonly type: 'retried'; readonly activityType: string; readonly attempt: number }
  /** A warning or an error in the Worker's log. */
  | { readonly type: 'log'; readonly level: string; readonly message: string };

/** Called in the Worker's process. Without a parent nobody is told. */
export function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}
