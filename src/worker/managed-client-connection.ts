import type { ClientOptions, ClientPlugin, Connection, ConnectionOptions } from '@temporalio/client';
import type { Pair } from '../identity/index.ts';
import type { Consumer, OpenOutcome, OpenRequest, Retirement, Rotation } from '../rotation/index.ts';
import { type ConnectionClass, connectClient } from './client-connector.ts';
import { apiKeyOf, handsOut } from './client-internals.ts';
import {
  apiKeyFunction,
  type ChannelFactory,
  clientProbeTarget,
  sessionOptions,
  withChannelFactory,
} from './client-options.ts';
import { ClientSession } from './client-session.ts';
import { withIdentity } from './connect-options.ts';
import { grpcProxy } from './grpc-proxy.ts';
import { beginRotation, type Managed, type ManagedContext, proveIdentity } from './managed.ts';
import { type ChannelOwner, SwitchableChannel } from './switchable-channel.ts';

/** Ends the rotation of a connection that nobody holds any more: one that could not connect is never closed. */
const forgotten = new FinalizationRegistry<ManagedClientConnection>((managed) => managed.close());

/**
 * One `Connection` of @temporalio/client that the user holds, and what stands behind it: a session for each identity and
 * a rotation. The connection gets a channel that passes each call on to the session in use; nothing else in it changes.
 *
 * The rotation begins with the first call. Until then nothing has been connected to, or the connect is still under way,
 * and a connection that was made long ago (`Connection.lazy`) begins with the pair that is the newest then.
 */
export class ManagedClientConnection implements ClientPlugin, Managed, ChannelOwner, Consumer<ClientSession> {
  readonly name = 'rotey';
  readonly kind = 'client';
  readonly #context: ManagedContext;
  readonly #sdk: ConnectionClass;
  readonly #currentPair: () => Pair;
  readonly #options: ConnectionOptions;
  readonly #sessions = new Set<ClientSession>();
  readonly #namespaces = new Set<string>();
  /** What the user holds is held weakly: see {@link forgotten}. */
  #channel: WeakRef<SwitchableChannel> | undefined;
  #front: WeakRef<Connection> | undefined;
  #active: ClientSession | undefined;
  #rotation: Rotation<ClientSession> | undefined;
  #isClosed = false;

  /**
   * @param options what the user asked for, without the certificate; connecting again starts from it
   * @param currentPair the pair that a connection that is made now would use
   */
  constructor(context: ManagedContext, sdk: ConnectionClass, options: ConnectionOptions, currentPair: () => Pair) {
    this.#context = context;
    this.#sdk = sdk;
    this.#options = options;
    this.#currentPair = currentPair;
  }

  get address(): string {
    return this.#options.address ?? 'localhost:7233';
  }

  /** Undefined until the first call. */
  get rotation(): Rotation<ClientSession> | undefined {
    return this.#rotation;
  }

  get session(): ClientSession {
    if (this.#active === undefined) throw new TypeError('the channel is made before it is used');
    return this.#active;
  }

  /** The options to make the user's connection with, once. */
  connectionOptions(): ConnectionOptions {
    const factory: ChannelFactory = (_address, credentials) => this.#makeChannel(credentials);
    return withChannelFactory(withIdentity(this.#options, this.#currentPair()), factory);
  }

  /** Gets to know the object that the user holds: an API key that is set on it later is used in proofs, too. */
  meet(connection: Connection): void {
    this.#front ??= new WeakRef(connection);
  }

  configureClient(options: Omit<ClientOptions, 'plugins'>): Omit<ClientOptions, 'plugins'> {
    const connection = options.connection as Connection | undefined;
    // Somebody may have given this plugin to a Client of another connection.
    if (connection === undefined || !handsOut(connection, this)) return options;
    this.meet(connection);
    this.#namespaces.add(options.namespace ?? 'default');
    return options;
  }

  beforeConnecting(): void {
    if (this.#rotation !== undefined || this.#isClosed) return;
    const unused = this.session;
    if (this.#currentPair().id === unused.pair.id) return;
    this.#switchTo(this.#firstSession());
    void this.#close(unused);
  }

  beforeCall(): void {
    this.beforeConnecting();
    if (this.#rotation !== undefined || this.#isClosed) return;
    this.#rotation = beginRotation(this.#context, this, { pair: this.session.pair, session: this.session });
    this.#context.onManaged(this);
  }

  /** The user's `close()`: as without rotey, calls in flight go on and later ones fail. */
  close(): void {
    this.#isClosed = true;
    for (const session of this.#sessions) void this.#close(session);
    void this.#rotation?.close({ graceMs: 0, keepCurrent: true });
    this.#context.onClosed(this);
  }

  async open(request: OpenRequest<ClientSession>): Promise<OpenOutcome<ClientSession>> {
    const { pair } = request.identity;
    const { namespaces, connectTimeoutMs: timeoutMs, clock } = this.#context;
    const options = sessionOptions(withIdentity(this.#options, pair), this.#apiKey());
    const target = clientProbeTarget(options, [...new Set([...namespaces, ...this.#namespaces])], this.#proxy());
    const proof = await proveIdentity(this.#context, target, request);
    if (proof.verdict !== 'accepted') return proof;
    const connection = await connectClient(this.#sdk, options, { timeoutMs, clock, signal: request.signal });
    const session = new ClientSession(connection, pair, proof.report);
    this.#sessions.add(session);
    return { verdict: 'accepted', session, warnings: proof.warnings };
  }

  activate(session: ClientSession): void {
    this.#switchTo(session);
  }

  async retire(session: ClientSession, signal: AbortSignal): Promise<Retirement> {
    try {
      return await session.retire(signal);
    } finally {
      this.#sessions.delete(session);
    }
  }

  /** Stops rotating. The user's connection stays as it is, with the session in use behind it. */
  async stop(graceMs: number | undefined): Promise<void> {
    await this.#rotation?.close({ keepCurrent: true, ...(graceMs === undefined ? {} : { graceMs }) });
  }

  #makeChannel(credentials: object): SwitchableChannel {
    const session = this.#firstSession();
    session.assertSameCopy(credentials);
    this.#active = session;
    const channel = new SwitchableChannel(this);
    this.#channel = new WeakRef(channel);
    forgotten.register(channel, this);
    return channel;
  }

  #firstSession(): ClientSession {
    const pair = this.#currentPair();
    const options = sessionOptions(withIdentity(this.#options, pair), this.#apiKey());
    const session = new ClientSession(this.#sdk.lazy(options), pair, undefined);
    this.#sessions.add(session);
    return session;
  }

  #switchTo(session: ClientSession): void {
    this.#active = session;
    this.#channel?.deref()?.switched();
  }

  async #close(session: ClientSession): Promise<void> {
    this.#sessions.delete(session);
    await session.close();
  }

  #apiKey(): (() => string) | undefined {
    const front = this.#front?.deref();
    return front === undefined ? apiKeyFunction(this.#options.apiKey) : apiKeyOf(front);
  }

  #proxy(): ReturnType<typeof grpcProxy> {
    return grpcProxy(this.session.channel.getTarget(), this.session.address, process.env);
  }
}
