import type { Connection, ConnectionOptions, ConnectionPlugin } from '@temporalio/client';
import type { NativeConnection, NativeConnectionOptions, NativeConnectionPlugin, Worker } from '@temporalio/worker';
import { systemClock } from '../clock.ts';
import type { WorkerEnvironment } from '../environment.ts';
import { RoteyError, summarizeError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { StatusDocument } from '../observe/index.ts';
import type { RotateNowResult, RotationStatus } from '../rotation/index.ts';
import { SafeEmitter } from '../safe-emitter.ts';
import type { PairSource, SourceStatus } from '../source/index.ts';
import type { ConnectionClass } from './client-connector.ts';
import { assertRotatable } from './client-options.ts';
import { assertNoCertificate, withEnvironment, withIdentity } from './connect-options.ts';
import { type AboutConnection, type CertificateRotationEvents, forwardEvents } from './connection-events.ts';
import { logEvents, type RotationLogger } from './log-events.ts';
import type { Managed, ManagedContext } from './managed.ts';
import { ManagedClientConnection } from './managed-client-connection.ts';
import { ManagedConnection } from './managed-connection.ts';
import type { Observability } from './observability.ts';
import type { RotateCertificatesOptions } from './rotate-certificates.ts';
import { workerSdk } from './worker-sdk.ts';

/** What {@link CertificateRotation.status} says. */
export interface CertificateRotationStatus {
  readonly source: SourceStatus;
  /**
   * One for each connection that is open and rotates: a NativeConnection that a Worker or Client was made from, a
   * Connection that a call was made on.
   */
  readonly connections: readonly (RotationStatus & AboutConnection)[];
}

/** What a {@link CertificateRotation} is made of, besides its options. */
export interface CertificateRotationParts {
  readonly source: PairSource;
  readonly environment: WorkerEnvironment;
  readonly observability: Observability;
  /** `Connection` of @temporalio/client; undefined where that is not installed. */
  readonly client: ConnectionClass | undefined;
}

/** Rotates the certificate of the connections that it is a plugin of. Made by `rotateCertificates`. */
export class CertificateRotation
  extends SafeEmitter<CertificateRotationEvents>
  implements NativeConnectionPlugin, ConnectionPlugin, AsyncDisposable
{
  readonly name = 'rotey';
  readonly #source: PairSource;
  readonly #ownsSource: boolean;
  readonly #environment: WorkerEnvironment;
  readonly #context: ManagedContext;
  readonly #client: ConnectionClass | undefined;
  readonly #managed = new Set<Managed>();
  readonly #observability: Observability;
  readonly #unobserve = new Map<Managed, () => void>();
  readonly #detachSignal: () => void;
  readonly #onAbort = (): void => void this.close({ graceMs: 0 });
  /**
   * Of the Runtime that the last connection was made with. Asking for the Runtime makes one where there is none: before
   * the first connection a later `Runtime.install` would fail, and after the last one it would live on, signal handlers
   * and all.
   */
  #runtimeLogger: RotationLogger | undefined;
  #frozen: boolean;
  #isClosed = false;
  readonly #onProblem = (error: RoteyError): void => void this.emit('sourceProblem', summarizeError(error));
  readonly #onRecovered = (): void => void this.emit('sourceRecovered');

  /** @internal use `rotateCertificates` */
  constructor(
    options: RotateCertificatesOptions,
    { source, environment, observability, client }: CertificateRotationParts,
  ) {
    super();
    this.#client = client;
    this.#observability = observability;
    observability.command(this);
    observability.onBlocked((event) => this.emit('eventLoopBlocked', event));
    this.#source = source;
    this.#ownsSource = options.source === undefined;
    this.#environment = environment;
    this.#frozen = options.frozen ?? environment.frozen;
    const { namespace } = environment;
    this.#context = {
      source,
      namespaces: options.namespaces ?? (namespace === undefined ? [] : [namespace]),
      mode: options.mode ?? 'rotate',
      isFrozen: () => this.#frozen,
      proofTimeoutMs: options.proofTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      drainCapMs: options.drainCapMs,
      signal: options.signal,
      clock: systemClock,
      onManaged: (managed) => this.#add(managed),
      onClosed: (managed) => this.#remove(managed),
    };
    source.events.on('problem', this.#onProblem);
    source.events.on('recovered', this.#onRecovered);
    if (options.logger !== false) logEvents(this, () => options.logger || (this.#runtimeLogger ?? NO_LOGGER));
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#detachSignal = () => options.signal?.removeEventListener('abort', this.#onAbort);
    if (options.signal?.aborted) this.#onAbort();
  }

  /** The pair that a new connection would use. */
  get currentPair(): Pair {
    const pair = this.#source.current;
    if (pair === undefined) throw new RoteyError('ROTEY_NO_PAIR', 'There is no pair yet.');
    return pair;
  }

  /** The hook of `NativeConnection.connect`: puts the current pair into the options of a connection. */
  configureNativeConnection(options: NativeConnectionOptions): NativeConnectionOptions {
    const managed = this.#prepare(options);
    return managed.options;
  }

  /**
   * Connects, as `NativeConnection.connect({ …options, plugins: [rotation] })` does: for SDKs and programs without
   * plugins. Call {@link attach} for each Worker that does not get its plugins from the connection.
   */
  async connect(options: NativeConnectionOptions = {}): Promise<NativeConnection> {
    const { options: prepared, managed } = this.#prepare({ ...options, plugins: [...(options.plugins ?? []), this] });
    const { plugins = [], ...rest } = prepared;
    const connection = await workerSdk().NativeConnection.connect({
      ...rest,
      plugins: plugins.filter((plugin) => plugin !== this),
    });
    return managed.manage(connection);
  }

  /** The hook of `Connection.connect` and `Connection.lazy`: gives the connection a channel that can be switched. */
  configureConnection(options: ConnectionOptions): ConnectionOptions {
    return this.#prepareClient(options).options;
  }

  /** Connects, as `Connection.connect({ …options, plugins: [rotation] })` does: for programs without plugins. */
  async connectClient(options: ConnectionOptions = {}): Promise<Connection> {
    const {
      options: prepared,
      managed,
      sdk,
    } = this.#prepareClient({
      ...options,
      plugins: [...(options.plugins ?? []), this],
    });
    const { plugins = [], ...rest } = prepared;
    const connection = sdk.lazy({ ...rest, plugins: plugins.filter((plugin) => plugin !== this) });
    managed.meet(connection);
    try {
      await connection.ensureConnected();
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /**
   * Keeps a Worker on the newest identity, for SDKs whose Workers take no plugins from their connection. Call it before
   * `worker.run()`; it ends by itself with the Worker. Calling it for a Worker that is attached already does no harm.
   *
   * @throws {TypeError} when the Worker's connection was not made with this rotation
   */
  attach(worker: Worker): void {
    const { connection } = worker;
    const managed = [...this.#managed].find(
      (candidate): candidate is ManagedConnection =>
        candidate instanceof ManagedConnection && connection !== undefined && candidate.owns(connection),
    );
    if (managed === undefined) throw new TypeError('The connection of this Worker was not made with this rotation.');
    managed.attach(worker);
  }

  /** Reads the files and tries what is there at once, on every connection. */
  async rotateNow(): Promise<readonly RotateNowResult[]> {
    const rotations = [...this.#managed].flatMap(({ rotation }) => (rotation === undefined ? [] : [rotation]));
    if (rotations.length === 0) await this.#source.readNow();
    return await Promise.all(rotations.map((rotation) => rotation.rotateNow()));
  }

  /** Stay on the current identity, whatever comes, until {@link unfreeze}. */
  freeze(): void {
    this.#frozen = true;
    for (const { rotation } of this.#managed) rotation?.freeze();
  }

  unfreeze(): void {
    this.#frozen = false;
    for (const { rotation } of this.#managed) rotation?.unfreeze();
  }

  status(): CertificateRotationStatus {
    const connections = [...this.#managed].flatMap(({ address, kind, rotation }) =>
      rotation === undefined ? [] : [{ address, kind, ...rotation.status() }],
    );
    return { source: this.#source.status(), connections };
  }

  /** The status as one JSON document, as `/status` shows it: docs/reference/status.md. */
  statusDocument(): StatusDocument {
    return this.#observability.status();
  }

  /** `host:port` of the health listener; undefined without one. */
  get healthAddress(): string | undefined {
    return this.#observability.healthAddress;
  }

  /**
   * Stops watching and rotating; old connections may finish their calls for `graceMs` (default: the drain cap). The
   * connections that the user holds stay open and usable with the identity that they have then: closing them is, as
   * without rotey, the user's `connection.close()`. Idempotent.
   */
  async close({ graceMs }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#isClosed = true;
    this.#detachSignal();
    this.#source.events.off('problem', this.#onProblem);
    this.#source.events.off('recovered', this.#onRecovered);
    await Promise.all([...this.#managed].map((managed) => managed.stop(graceMs)));
    for (const unobserve of this.#unobserve.values()) unobserve();
    await this.#observability.close();
    if (this.#ownsSource) await this.#source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * The options for a connect, and the plugin that stands for this one connection in them. The plugins that come after
   * this one have not had their say yet; they are asked again at each connect.
   */
  #prepare(given: NativeConnectionOptions): { options: NativeConnectionOptions; managed: ManagedConnection } {
    assertNoCertificate(given);
    const base = withEnvironment(given, this.#environment);
    const plugins = base.plugins ?? [];
    const at = plugins.indexOf(this);
    const pair = this.currentPair;
    const managed = new ManagedConnection(this.#context, { ...base, plugins: plugins.slice(at + 1) }, pair);
    const own = at < 0 ? [...plugins, managed] : plugins.with(at, managed);
    return { managed, options: { ...withIdentity(base, pair), plugins: own } };
  }

  #prepareClient(given: ConnectionOptions): {
    options: ConnectionOptions;
    managed: ManagedClientConnection;
    sdk: ConnectionClass;
  } {
    assertRotatable(given);
    const sdk = this.#client;
    if (sdk === undefined) throw clientSdkMissing();
    const base = withEnvironment(given, this.#environment);
    const plugins = base.plugins ?? [];
    const at = plugins.indexOf(this);
    const own = { ...base, plugins: plugins.slice(at + 1) };
    const managed = new ManagedClientConnection(this.#context, sdk, own, () => this.currentPair);
    const all = at < 0 ? [...plugins, managed] : plugins.with(at, managed);
    return { managed, sdk, options: { ...managed.connectionOptions(), plugins: all } };
  }

  #add(managed: Managed): void {
    this.#managed.add(managed);
    const { address, kind, rotation } = managed;
    if (rotation === undefined) return;
    // The Runtime lives as long as the connection.
    if (kind === 'worker') this.#runtimeLogger = workerSdk().Runtime.instance().logger;
    // One that was made from a connection that outlived this rotation.
    if (this.#isClosed) void managed.stop(0);
    else this.#unobserve.set(managed, this.#observability.add({ address, consumer: kind }, rotation));
    forwardEvents(rotation.events, { address, kind }, this);
  }

  #remove(managed: Managed): void {
    this.#managed.delete(managed);
    this.#unobserve.get(managed)?.();
    this.#unobserve.delete(managed);
  }
}

const DEFAULT_TIMEOUT_MS = 10_000;
const ignore = (): void => undefined;
const NO_LOGGER: RotationLogger = { info: ignore, warn: ignore, error: ignore };

function clientSdkMissing(): RoteyError {
  return new RoteyError('ROTEY_SDK_UNSUPPORTED', '@temporalio/client cannot be loaded from where rotey is installed.', {
    hint: 'Add @temporalio/client to the dependencies of your package.',
  });
}
