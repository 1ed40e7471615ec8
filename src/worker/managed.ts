import type { Clock } from '../clock.ts';
import type { Pair } from '../identity/index.ts';
import { type ProbeReport, type ProbeTarget, type Proof, proveCandidate } from '../probe/index.ts';
import { adoptRotation, type Consumer, type OpenOutcome, type OpenRequest, type Rotation } from '../rotation/index.ts';
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
  readonly clock: Clock;
  /** Called once, when the connection was taken over and its rotation began. */
  readonly onManaged: (managed: Managed) => void;
  /** Called when the user has closed the connection. */
  readonly onClosed: (managed: Managed) => void;
}

/** Begins the rotation of a connection that serves already. */
export function beginRotation<Session>(
  { source, mode, isFrozen, signal, drainCapMs, clock }: ManagedContext,
  consumer: Consumer<Session>,
  initial: { readonly pair: Pair; readonly session: Session },
): Rotation<Session> {
  return adoptRotation<Session>({ source, mode, frozen: isFrozen(), signal, drainCapMs, clock, consumer, initial });
}

type Refusal = Exclude<OpenOutcome<never>, { readonly verdict: 'accepted' }>;

/** Proves the identity of a request against the one in use, over a connection of the proof's own. */
export async function proveIdentity<Session extends { readonly baseline: ProbeReport | undefined }>(
  { proofTimeoutMs, clock }: ManagedContext,
  target: ProbeTarget,
  { identity, current, signal }: OpenRequest<Session>,
): Promise<(Proof & { readonly verdict: 'accepted' }) | Refusal> {
  const inUse = current && { pair: current.identity.pair, baseline: current.session.baseline };
  const proof = await proveCandidate(target, identity.pair, inUse, { signal, timeoutMs: proofTimeoutMs, clock });
  const { verdict } = proof;
  if (verdict === 'accepted') return { ...proof, verdict };
  const error = proof.error ?? proof.report.failure;
  if (error === undefined) throw new TypeError('a proof that failed says why');
  return { verdict, error };
}
