import type { RoteyError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';

/** A pair that serves, or is about to: the same pair has another generation each time a session is made with it. */
export interface Identity {
  /** Counts the sessions of one rotation, from 1. Never goes back. */
  readonly generation: number;
  readonly pair: Pair;
}

/** A session that is in use, with the identity that it was opened with. */
export interface Serving<Session> {
  readonly identity: Identity;
  readonly session: Session;
}

/** What {@link Consumer.open} is asked for. */
export interface OpenRequest<Session> {
  readonly identity: Identity;
  /** What serves now; the candidate may do no worse. Undefined before the first session. */
  readonly current: Serving<Session> | undefined;
  /** `rehearsal`: the session is only proven, then retired without having served (observe mode). */
  readonly purpose: 'candidate' | 'remake' | 'rehearsal';
  /** Aborts when a newer candidate supersedes this one, the attempt takes too long, or the rotation ends. */
  readonly signal: AbortSignal;
}

/**
 * `accepted`: the session is live and the server has proven that it accepts the identity. `refused`: the server does
 * not want this identity. `unobtainable`: nothing could be learned about the identity (network, server down).
 */
export type OpenOutcome<Session> =
  | { readonly verdict: 'accepted'; readonly session: Session; readonly warnings?: readonly string[] }
  | { readonly verdict: 'refused' | 'unobtainable'; readonly error: RoteyError };

/** How a session ended. */
export interface Retirement {
  /** Calls that were still running when it was closed because its time was up. */
  readonly callsCut: number;
}

/**
 * What uses identities: a Worker's connections, the proxy's upstream, a process that only watches. One contract, so
 * that one state machine serves them all.
 */
export interface Consumer<Session> {
  /**
   * Opens a session with the identity and proves it with the server. Must stop as soon as the signal aborts, or settle
   * late and be done; a session that arrives after the abort is retired unused. A rejection counts as `unobtainable`.
   * Never called while an earlier call is unsettled.
   */
  open(request: OpenRequest<Session>): Promise<OpenOutcome<Session>>;
  /**
   * Sends all new work to `session`. `previous` stays open until it is retired. When it throws, `previous` must be
   * serving as before; `session` is then retired.
   */
  activate(session: Session, previous: Session | undefined): void;
  /**
   * Lets the session's calls finish, then closes it. When the signal aborts, closes it at once, whatever runs on it.
   * Called once for each session that {@link open} brought, served or not.
   */
  retire(session: Session, signal: AbortSignal): Promise<Retirement>;
}
