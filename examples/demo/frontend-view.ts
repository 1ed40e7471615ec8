import { EventEmitter } from 'node:events';
import type { Call, Sandbox, Session } from 'rotey/sandbox';
import { WORKER_NAME } from './certificates.ts';
import { isFailure } from './rpc-failures.ts';

/** What the frontend saw of one certificate. Times in milliseconds since the Unix epoch, by the server's clock. */
export interface SeenIdentity {
  readonly serial: string;
  /** When its first connection was made. */
  readonly firstSeenMs: number;
  /** When its last call so far came or ended. */
  readonly lastSeenMs: number;
}

export interface FrontendEvents {
  /** The server has answered a call of this certificate that asks for nothing but whether it may. */
  proven: [serial: string, atMs: number, method: string];
  /** It came with a call that does the Worker's work. */
  inUse: [serial: string, atMs: number, method: string];
  /** A newer one is in use, and its last connection is closed. */
  gone: [serial: string, lastCallMs: number, method: string];
  /** A call failed. */
  failed: [call: Call];
}

interface Identity {
  readonly serial: string;
  readonly firstSeenMs: number;
  lastSeenMs: number;
  lastMethod: string;
  proven: boolean;
  inUse: boolean;
  gone: boolean;
  readonly openSessions: Set<number>;
}

/** The Worker as the frontend sees it: by the certificates on its connections, whatever the Worker says of itself. */
export class FrontendView extends EventEmitter<FrontendEvents> {
  readonly #sandbox: Sandbox;
  readonly #identities = new Map<string, Identity>();
  #newestInUse: Identity | undefined;
  #failedCalls = 0;
  #stopping = false;

  constructor(sandbox: Sandbox) {
    super();
    this.#sandbox = sandbox;
    sandbox.calls.events.on('started', (call) => this.#callStarted(call)).on('ended', (call) => this.#callEnded(call));
    sandbox.sessions.events
      .on('started', (session) => this.#sessionStarted(session))
      .on('ended', (session) => this.#sessionEnded(session));
  }

  /** In the order in which they came. */
  get identities(): readonly SeenIdentity[] {
    return [...this.#identities.values()].map(({ serial, firstSeenMs, lastSeenMs }) => ({
      serial,
      firstSeenMs,
      lastSeenMs,
    }));
  }

  /** How many of them did the Worker's work. */
  get identitiesInUse(): number {
    return [...this.#identities.values()].filter(({ inUse }) => inUse).length;
  }

  /** Connections that the server did not let in. Each was opened for a call, which failed with it. */
  get refusedConnections(): number {
    return this.#sandbox.failedHandshakes;
  }

  get rpcFailures(): number {
    return this.#failedCalls + this.refusedConnections;
  }

  /** From now on the Worker may give up its long polls. */
  workerStops(): void {
    this.#stopping = true;
  }

  #callStarted(call: Call): void {
    const identity = this.#identityOf(call);
    if (identity === undefined) return;
    seen(identity, call.startedAtMs, call.method);
    if (identity.inUse || PROOFS.has(call.method)) return;
    identity.inUse = true;
    this.#newestInUse = identity;
    this.emit('inUse', identity.serial, call.startedAtMs, call.method);
    for (const older of this.#identities.values()) this.#checkGone(older);
  }

  #callEnded(call: Call): void {
    const identity = this.#identityOf(call);
    if (identity === undefined) return;
    const { startedAtMs, endedAtMs = startedAtMs } = call;
    seen(identity, endedAtMs, call.method);
    if (isFailure(call, this.#stopping)) {
      this.#failedCalls += 1;
      this.emit('failed', call);
    } else if (!identity.proven && PROOFS.has(call.method)) {
      identity.proven = true;
      this.emit('proven', identity.serial, endedAtMs, call.method);
    }
  }

  #sessionStarted(session: Session): void {
    this.#identityOf(session)?.openSessions.add(session.id);
  }

  #sessionEnded(session: Session): void {
    const identity = this.#identityOf(session);
    if (identity === undefined) return;
    identity.openSessions.delete(session.id);
    this.#checkGone(identity);
  }

  #checkGone(identity: Identity): void {
    if (identity.gone || !identity.inUse || identity === this.#newestInUse || identity.openSessions.size > 0) return;
    identity.gone = true;
    this.emit('gone', identity.serial, identity.lastSeenMs, identity.lastMethod);
  }

  /** Undefined for the demo's own client. */
  #identityOf({ serial, commonName, startedAtMs }: Call | Session): Identity | undefined {
    if (serial === undefined || commonName !== WORKER_NAME) return undefined;
    const known = this.#identities.get(serial);
    if (known !== undefined) return known;
    const identity = {
      ...{ serial, firstSeenMs: startedAtMs, lastSeenMs: startedAtMs, lastMethod: '' },
      ...{ proven: false, inUse: false, gone: false },
      openSessions: new Set<number>(),
    };
    this.#identities.set(serial, identity);
    return identity;
  }
}

function seen(identity: Identity, atMs: number, method: string): void {
  if (atMs < identity.lastSeenMs) return;
  identity.lastSeenMs = atMs;
  identity.lastMethod = method;
}

/** What SDKs and rotey call before they trust a connection. */
const PROOFS: ReadonlySet<string> = new Set(['GetSystemInfo', 'DescribeNamespace', 'Check']);
