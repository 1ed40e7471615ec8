import type { Clock } from '../clock.ts';
import type { Rotation } from '../rotation/index.ts';
import type { PairSource } from '../source/index.ts';

/** `worker`: a `NativeConnection`, of Workers and their Clients. `client`: a `Connection` of @temporalio/client. */
export type ConnectionKind = 'worker' | 'client';

/** A connection that the user holds and that rotates. */
export interface Managed {
  readonly kind: ConnectionKind;
  readonly address: string;
  /** Undefined until it has begun. */
  readonly rotation: Omit<Rotation<unknown>, 'current'> | undefined;
  /** Stops rotating, and leaves the user's connection as it is. */
  stop(graceMs: number | undefined): Promise<void>;
}

/** What all connections of one plugin have in common. */
export interface ManagedContext {
  readonly source: PairSource;
  readonly namespaces: readonly string[];
  readonly mode: 'rotate' | 'observe';
  /** Asked when the rotation of a connection begins, which may be long after the plugin was made. */
  readonly isFrozen: () => boolean;
  readonly proofTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly drainCapMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Called once, when the connection was taken over and its rotation began. */
  readonly onManaged: (managed: Managed) => void;
  /** Called when the user has closed the connection. */
  readonly onClosed: (managed: Managed) => void;
}
