import type { ClientOptions } from '@temporalio/client';
import type {
  NativeConnection,
  NativeConnectionOptions,
  Worker,
  WorkerOptions,
  WorkerPlugin,
} from '@temporalio/worker';
import { summarizeError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import {
  type Consumer,
  DEFAULT_DRAIN_CAP_MS,
  type OpenOutcome,
  type OpenRequest,
  type Retirement,
  type Rotation,
} from '../rotation/index.ts';
import { probeTarget, withIdentity, withoutUnusedApiKey } from './connect-options.ts';
import { beginRotation, type Managed, type ManagedContext, proveIdentity } from './managed.ts';
import { NativeConnector } from './native-connector.ts';
import {
  assertSupported,
  closeNative,
  hasPlugin,
  redirectNativeClient,
  referenceHoldersOf,
  shareContext,
  twinOf,
} from './sdk-internals.ts';
import { workerSdk } from './worker-sdk.ts';
import { WorkerSession } from './worker-session.ts';

/**
 * One `NativeConnection` that the user holds, and what stands behind it: a session for each identity, the Workers that
 * use it, and a rotation. It is the plugin that the connection hands to every Worker and Client that is made from it,
 * which is how it meets them.
 *
 * The user's object becomes a front: its services, `setMetadata`, `setApiKey` and `close` act on whatever session is in
 * use, and a Worker that is created from it gets that session.
 */
export class ManagedConnection implements WorkerPlugin, Managed, Consumer<WorkerSession> {
  readonly name = 'rotey';
  readonly kind = 'worker';
  readonly #context: ManagedContext;
  readonly #connector: NativeConnector;
  readonly #firstPair: Pair;
  readonly #workers = new Set<Worker>();
  readonly #sessions = new Set<WorkerSession>();
  #options: NativeConnectionOptions;
  #front: NativeConnection | undefined;
  #active: WorkerSession | undefined;
  #rotation: Rotation<WorkerSession> | undefined;
  #nativeClientIsHidden = false;
  #closing: Promise<void> | undefined;

  /**
   * @param options what the user asked for, without the certificate; connecting again starts from it
   * @param firstPair the pair that the user's own connect uses
   */
  constructor(context: ManagedContext, options: NativeConnectionOptions, firstPair: Pair) {
    this.#context = context;
    this.#connector = new NativeConnector(context.clock, context.connectTimeoutMs);
    this.#options = options;
    this.#firstPair = firstPair;
  }

  get address(): string {
    return this.#options.address ?? 'localhost:7233';
  }

  /** Undefined until the first Worker or Client was made from the connection. */
  get rotation(): Rotation<WorkerSession> | undefined {
    return this.#rotation;
  }

  /** Whether this is the user's object or one of the connections that replaced it. */
  owns(connection: NativeConnection): boolean {
    if (connection === this.#front) return true;
    return [...this.#sessions].some((session) => session.connection === connection);
  }

  configureWorker(options: WorkerOptions): WorkerOptions {
    // Somebody may have given this plugin to a Worker of another connection.
    if (options.connection === undefined || !hasPlugin(options.connection, this)) return options;
    // Creating a Worker takes a while; from the front it gets the session that is in use at the end of it.
    return { ...options, connection: this.manage(options.connection) };
  }

  configureClient(options: Omit<ClientOptions, 'plugins'>): Omit<ClientOptions, 'plugins'> {
    const connection = options.connection as NativeConnection | undefined;
    if (connection !== undefined && hasPlugin(connection, this)) this.manage(connection);
    return options;
  }

  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const detach = this.attach(worker);
    try {
      await next(worker);
    } finally {
      detach();
    }
  }

  /** Takes over the user's connection, the first time, and answers with the object that the user holds. */
  manage(connection: NativeConnection): NativeConnection {
    if (this.#front !== undefined) return this.#front;
    assertSupported(connection);
    const first = new WorkerSession(twinOf(connection), this.#firstPair, undefined, () => this.#session());
    this.#sessions.add(first);
    this.#active = first;
    this.#front = connection;
    redirectNativeClient(connection, () => (this.#nativeClientIsHidden ? undefined : this.#session().nativeClient));
    this.#putOver(connection);
    this.#rotation = beginRotation(this.#context, this, { pair: this.#firstPair, session: first });
    this.#context.onManaged(this);
    return connection;
  }

  /**
   * Keeps the Worker on the session in use until it has ended, or the answer is called.
   *
   * The core keeps the first connection of a Worker open for the Worker's whole life, so it is replaced once at the
   * start, with the same identity: the sessions of real rotations then close with their last call.
   */
  attach(worker: Worker): () => void {
    const detach = (): void => void this.#workers.delete(worker);
    if (this.#workers.has(worker) || this.#active === undefined) return detach;
    this.#workers.add(worker);
    this.#assign(worker, this.#active);
    if (!this.#workers.has(worker)) return detach;
    this.#rotation?.remake('worker-started');
    return detach;
  }

  async open(request: OpenRequest<WorkerSession>): Promise<OpenOutcome<WorkerSession>> {
    const options = withIdentity(withoutUnusedApiKey(this.#options), request.identity.pair);
    const proof = await proveIdentity(this.#context, probeTarget(options, this.#namespaces()), request);
    if (proof.verdict !== 'accepted') return proof;
    const connection = await this.#connector.connect(options, request.signal);
    if (this.#front !== undefined) shareContext(connection, this.#front);
    const session = new WorkerSession(connection, request.identity.pair, proof.report, () => this.#session());
    this.#sessions.add(session);
    return { verdict: 'accepted', session, warnings: proof.warnings };
  }

  activate(session: WorkerSession): void {
    // What was set on the user's connection while this one was being opened.
    const { metadata, apiKey } = this.#options;
    if (metadata !== undefined) ignore(session.connection.setMetadata(metadata));
    if (apiKey !== undefined) ignore(session.connection.setApiKey(apiKey));
    // The core registers a Worker that shuts down anew when it is moved, and then refuses to create another one for its
    // Task Queue. So it stays where it is while it can: see `retire`. One that must be moved goes after the running ones:
    // of two with the same Task Queue the core moves both, but never again the one that registers second.
    const workers = [...this.#workers];
    const leaving = workers.filter(isLeaving);
    for (const worker of workers) if (!leaving.includes(worker)) this.#assign(worker, session);
    for (const worker of leaving) if (!this.#mayStay(worker)) this.#assign(worker, session);
    this.#active = session;
  }

  /** Workers that shut down may end on the session that they have; those that take longer than it may live are moved. */
  async retire(session: WorkerSession, signal: AbortSignal): Promise<Retirement> {
    const left = (): readonly Worker[] =>
      [...this.#workers].filter((worker) => worker.connection === session.connection);
    try {
      while (!signal.aborted && left().some(isLeaving)) {
        await this.#context.clock.sleep(LOOK_FOR_ENDED_MS, { signal }).catch(() => undefined); // the SDK tells of no end
      }
      if (session !== this.#active) for (const worker of left()) this.#assign(worker, this.#session());
      return await session.retire(signal);
    } finally {
      this.#sessions.delete(session);
    }
  }

  /** Stops rotating. The user's connection stays as it is, with the session in use behind it. */
  async stop(graceMs: number | undefined): Promise<void> {
    await this.#rotation?.close({ keepCurrent: true, ...(graceMs === undefined ? {} : { graceMs }) });
  }

  #session(): WorkerSession {
    if (this.#active === undefined) throw illegalState('The connection is not managed yet');
    return this.#active;
  }

  /** Namespaces to ask for in a proof: those that were named, and those of the Workers. */
  #namespaces(): readonly string[] {
    return [...new Set([...this.#context.namespaces, ...[...this.#workers].map(({ options }) => options.namespace)])];
  }

  /** Whether the leaf of its session outlives the time that the session has to drain: until then it may reconnect. */
  #mayStay({ connection }: Worker): boolean {
    const session = [...this.#sessions].find((candidate) => candidate.connection === connection);
    const { drainCapMs = DEFAULT_DRAIN_CAP_MS } = this.#context;
    return session !== undefined && session.notAfterMs - this.#context.clock.now() > drainCapMs;
  }

  #assign(worker: Worker, session: WorkerSession): void {
    const { connection } = worker;
    const state = worker.getState();
    if (connection === undefined || !this.owns(connection) || state === 'STOPPED' || state === 'FAILED') {
      this.#workers.delete(worker); // it ended, or the user gave it another connection
      return;
    }
    // The setter does nothing when both connections have the same native client. A Worker that still has the user's
    // object may be on an older one than that object shows now.
    this.#nativeClientIsHidden = connection === this.#front;
    try {
      worker.connection = session.connection;
    } catch (error) {
      // Another Worker of the same Task Queue is registered on the connection. The core has moved this one before it
      // noticed, and refuses to move it from now on. That must not keep the others on an old certificate.
      this.#workers.delete(worker);
      const { message } = summarizeError(error);
      const { taskQueue } = worker.options;
      process.emitWarning(`A Worker of Task Queue ${taskQueue} cannot be rotated any more: ${message}`, 'RoteyWarning');
    } finally {
      this.#nativeClientIsHidden = false;
    }
  }

  #putOver(front: NativeConnection): void {
    const methods = {
      close: () => this.#close(front),
      setMetadata: async (metadata: NonNullable<NativeConnectionOptions['metadata']>): Promise<void> => {
        const copy = { ...metadata };
        await this.#set({ metadata: copy }, (connection) => connection.setMetadata(copy));
      },
      setApiKey: async (apiKey: string): Promise<void> => {
        await this.#set({ apiKey }, (connection) => connection.setApiKey(apiKey));
      },
    };
    for (const [name, value] of Object.entries(methods)) {
      Object.defineProperty(front, name, { configurable: true, writable: true, value });
    }
  }

  /**
   * Remembered at once, so that a session that is put in use in the next moment has it, and forgotten when the session
   * in use refuses it. The others only have calls to finish.
   */
  async #set(
    change: Pick<NativeConnectionOptions, 'metadata' | 'apiKey'>,
    apply: (connection: NativeConnection) => Promise<void>,
  ): Promise<void> {
    const active = this.#session();
    const before = this.#options;
    const after = { ...before, ...change };
    this.#options = after;
    for (const session of this.#sessions) if (session !== active) ignore(apply(session.connection));
    try {
      await apply(active.connection);
    } catch (error) {
      if (this.#options === after) this.#options = before;
      throw error;
    }
  }

  /** The user's `close()`: refused while Workers run, as without rotey; ends every connection that stands behind it. */
  async #close(front: NativeConnection): Promise<void> {
    if (this.#closing !== undefined) {
      await this.#closing.catch(() => undefined);
      return await closeNative(this.#session().connection); // the SDK's own error
    }
    const holders = [front, ...[...this.#sessions].map(({ connection }) => connection)];
    if (holders.some((connection) => referenceHoldersOf(connection).size > 0)) {
      throw illegalState('Cannot close connection while Workers hold a reference to it');
    }
    this.#closing = this.#finish(this.#session());
    await this.#closing;
  }

  async #finish(last: WorkerSession): Promise<void> {
    try {
      await this.#rotation?.close({ graceMs: 0, keepCurrent: true });
      await this.retire(last, AbortSignal.abort());
    } finally {
      this.#context.onClosed(this);
    }
  }
}

/** How often to look whether a Worker that shuts down has ended, in milliseconds. Only as long as one does. */
const LOOK_FOR_ENDED_MS = 500;

/** Whether it takes no new tasks and finishes those that it has. */
function isLeaving(worker: Worker): boolean {
  return ['STOPPING', 'DRAINING', 'DRAINED'].includes(worker.getState());
}

/** The SDK's setters act at once and only look asynchronous; a connection that is closed in this moment may refuse. */
function ignore(promise: Promise<void>): void {
  promise.catch((error: unknown) => void summarizeError(error));
}

/** The SDK's own error, as its own `close` throws. */
function illegalState(message: string): Error {
  const { IllegalStateError } = workerSdk();
  return new IllegalStateError(message);
}
