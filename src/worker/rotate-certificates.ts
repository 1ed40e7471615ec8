import {
  NativeConnection,
  type NativeConnectionOptions,
  type NativeConnectionPlugin,
  Runtime,
  type Worker,
} from '@temporalio/worker';
import { keepAliveFor } from '../clock.ts';
import { readEnvironment } from '../environment.ts';
import { RoteyError, summarizeError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { StatusDocument } from '../observe/index.ts';
import { noPair, type RotateNowResult, type RotationEvents, type RotationStatus } from '../rotation/index.ts';
import { SafeEmitter } from '../safe-emitter.ts';
import { type PairSource, type SourceStatus, watchFiles } from '../source/index.ts';
import { assertNoCertificate, withIdentity } from './connect-options.ts';
import { logEvents, type RotationLogger } from './log-events.ts';
import { ManagedConnection, type ManagedConnectionContext } from './managed-connection.ts';
import { type Observability, type ObservabilityOptions, openObservability } from './observability.ts';

export interface RotateCertificatesOptions extends ObservabilityOptions {
  /** The certificate file, leaf first or not. Default: `TEMPORAL_TLS_CLIENT_CERT_PATH`, then `TEMPORAL_TLS_CERT`. */
  readonly certPath?: string | undefined;
  /**
   * The key file. Default: `TEMPORAL_TLS_CLIENT_KEY_PATH`, then `TEMPORAL_TLS_KEY`; when `certPath` is given and this is
   * not, the key is in the certificate file.
   */
  readonly keyPath?: string | undefined;
  /**
   * CA bundle for the server's certificate; read again like the pair. Default: `TEMPORAL_TLS_SERVER_CA_CERT_PATH`, else
   * the system's roots. The `ca.crt` of a cert-manager volume is the CA of *your* certificate: name it here only if it
   * signed the server's as well.
   */
  readonly caPath?: string | undefined;
  /** For an encrypted key. */
  readonly passphrase?: string | undefined;
  /** Where pairs come from, instead of files. The caller closes it. */
  readonly source?: PairSource | undefined;
  /** Namespaces that a new certificate must be allowed to describe. Added to by each Worker. Default: `TEMPORAL_NAMESPACE`. */
  readonly namespaces?: readonly string[] | undefined;
  /** Wait until there is a usable pair, instead of failing. Default: false. */
  readonly waitForPair?: boolean | undefined;
  /** `observe`: new pairs are read and proven, none is used. Default: `rotate`. */
  readonly mode?: 'rotate' | 'observe' | undefined;
  /** The kill switch: stay on the first identity. Default: whether `ROTEY_FREEZE` is `1`. */
  readonly frozen?: boolean | undefined;
  /** For one probe, in milliseconds. Default: 10,000. */
  readonly proofTimeoutMs?: number | undefined;
  /** For the SDK's connect, in milliseconds. Default: 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long calls may keep an old connection open, in milliseconds. Default: 75,000. */
  readonly drainCapMs?: number | undefined;
  /** How often to look at the files without an event, in milliseconds. Default: 5,000. */
  readonly pollMs?: number | undefined;
  /** Where to tell what happens. Default: the Temporal Runtime's logger; false: nowhere. */
  readonly logger?: RotationLogger | false | undefined;
  /** Stops rotating at once; connections and Workers are left as they are. */
  readonly signal?: AbortSignal | undefined;
}

/** As `RotationEvents`; each event also says which connection it is about. */
export type CertificateRotationEvents = {
  [Name in keyof RotationEvents]: RotationEvents[Name] extends [infer Event]
    ? [event: Name extends 'sourceProblem' ? Event : Event & { readonly address: string }]
    : [];
} & {
  /** Nothing ran in this process for a second or more. Told when `metrics` or `health` is switched on. */
  eventLoopBlocked: [event: { readonly forMs: number }];
};

/** What {@link CertificateRotation.status} says. */
export interface CertificateRotationStatus {
  readonly source: SourceStatus;
  /** One for each connection that a Worker or Client was made from, and that is open. */
  readonly connections: readonly (RotationStatus & { readonly address: string })[];
}

const DEFAULT_TIMEOUT_MS = 10_000;
const ignore = (): void => undefined;
const NO_LOGGER: RotationLogger = { info: ignore, warn: ignore, error: ignore };

/**
 * Loads the pair and watches it. The answer is a plugin for `NativeConnection.connect`: every Worker and Client that is
 * made from that connection then stays connected with the newest certificate that the server has accepted.
 *
 * ```ts
 * const rotation = await rotateCertificates({ certPath: '/certs/tls.crt', keyPath: '/certs/tls.key' });
 * const connection = await NativeConnection.connect({ address, plugins: [rotation] });
 * ```
 *
 * Does not keep the process alive.
 *
 * @throws {RoteyError} why there is no usable pair (unless `waitForPair`); `ROTEY_CONFIG_INVALID` when no file is named
 */
export async function rotateCertificates(options: RotateCertificatesOptions = {}): Promise<CertificateRotation> {
  const environment = readEnvironment(process.env);
  const source = options.source ?? (await watchFiles(filesOf(options, environment)));
  let observability: Observability | undefined;
  try {
    observability = await openObservability(options, source);
    if (source.current === undefined) await firstPair(source, options);
    return new CertificateRotation(options, source, environment, observability);
  } catch (error) {
    await observability?.close();
    if (options.source === undefined) await source.close();
    throw error;
  }
}

/** Rotates the certificate of the connections that it is a plugin of. Made by {@link rotateCertificates}. */
export class CertificateRotation
  extends SafeEmitter<CertificateRotationEvents>
  implements NativeConnectionPlugin, AsyncDisposable
{
  readonly name = 'rotey';
  readonly #source: PairSource;
  readonly #ownsSource: boolean;
  readonly #environment: ReturnType<typeof readEnvironment>;
  readonly #context: ManagedConnectionContext;
  readonly #managed = new Set<ManagedConnection>();
  readonly #observability: Observability;
  readonly #unobserve = new Map<ManagedConnection, () => void>();
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

  /** @internal use {@link rotateCertificates} */
  constructor(
    options: RotateCertificatesOptions,
    source: PairSource,
    environment: ReturnType<typeof readEnvironment>,
    observability: Observability,
  ) {
    super();
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

  /** The hook of the SDK: puts the current pair into the options of a connection. */
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
    const connection = await NativeConnection.connect({
      ...rest,
      plugins: plugins.filter((plugin) => plugin !== this),
    });
    return managed.manage(connection);
  }

  /**
   * Keeps a Worker on the newest identity, for SDKs whose Workers take no plugins from their connection. Call it before
   * `worker.run()`; it ends by itself with the Worker. Calling it for a Worker that is attached already does no harm.
   *
   * @throws {TypeError} when the Worker's connection was not made with this rotation
   */
  attach(worker: Worker): void {
    const { connection } = worker;
    const managed = connection && [...this.#managed].find((candidate) => candidate.owns(connection));
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
    const connections = [...this.#managed].flatMap(({ address, rotation }) =>
      rotation === undefined ? [] : [{ address, ...rotation.status() }],
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
    const base = this.#withEnvironment(given);
    const plugins = base.plugins ?? [];
    const at = plugins.indexOf(this);
    const pair = this.currentPair;
    const managed = new ManagedConnection(this.#context, { ...base, plugins: plugins.slice(at + 1) }, pair);
    const own = at < 0 ? [...plugins, managed] : plugins.with(at, managed);
    return { managed, options: { ...withIdentity(base, pair), plugins: own } };
  }

  #withEnvironment(options: NativeConnectionOptions): NativeConnectionOptions {
    const { address, serverName } = this.#environment;
    const tls = typeof options.tls === 'object' && options.tls !== null ? options.tls : undefined;
    return {
      ...options,
      ...(options.address === undefined && address !== undefined ? { address } : {}),
      ...(options.tls === false || options.tls === null || serverName === undefined
        ? {}
        : { tls: { serverNameOverride: serverName, ...tls } }),
    };
  }

  #add(managed: ManagedConnection): void {
    this.#managed.add(managed);
    const { address, rotation } = managed;
    if (rotation === undefined) return;
    this.#runtimeLogger = Runtime.instance().logger; // it lives as long as the connection
    if (this.#isClosed)
      void managed.stop(0); // made from a connection that outlived this rotation
    else this.#unobserve.set(managed, this.#observability.add({ address }, rotation));
    const { events } = rotation;
    events.on('candidate', (event) => this.emit('candidate', { ...event, address }));
    events.on('held', (event) => this.emit('held', { ...event, address }));
    events.on('rotated', (event) => this.emit('rotated', { ...event, address }));
    events.on('rehearsed', (event) => this.emit('rehearsed', { ...event, address }));
    events.on('attemptFailed', (event) => this.emit('attemptFailed', { ...event, address }));
    events.on('drained', (event) => this.emit('drained', { ...event, address }));
    events.on('expiring', (event) => this.emit('expiring', { ...event, address }));
    events.on('clockJumped', (event) => this.emit('clockJumped', { ...event, address }));
  }

  #remove(managed: ManagedConnection): void {
    this.#managed.delete(managed);
    this.#unobserve.get(managed)?.();
    this.#unobserve.delete(managed);
  }
}

function filesOf(
  options: RotateCertificatesOptions,
  environment: ReturnType<typeof readEnvironment>,
): Parameters<typeof watchFiles>[0] {
  const certPath = options.certPath ?? environment.certPath;
  if (certPath === undefined) {
    throw new RoteyError('ROTEY_CONFIG_INVALID', 'No certificate file is named.', {
      hint: 'Give certPath and keyPath, or set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH.',
    });
  }
  // A key path from the environment belongs to the certificate path from there, not to one that was given in code.
  const keyPath = options.keyPath ?? (options.certPath === undefined ? environment.keyPath : undefined) ?? certPath;
  const { passphrase, pollMs } = options;
  return { certPath, keyPath, caPath: options.caPath ?? environment.caPath, passphrase, pollMs };
}

async function firstPair(source: PairSource, { waitForPair, signal }: RotateCertificatesOptions): Promise<void> {
  if (waitForPair !== true) {
    throw noPair(source);
  }
  signal?.throwIfAborted();
  let stopWaiting = (): void => undefined;
  const pair = new Promise<void>((resolve, reject) => {
    const onPair = (): void => resolve();
    const onAbort = (): void => reject(signal?.reason);
    source.events.once('pair', onPair);
    signal?.addEventListener('abort', onAbort, { once: true });
    stopWaiting = () => {
      source.events.off('pair', onPair);
      signal?.removeEventListener('abort', onAbort);
    };
  });
  await keepAliveFor(pair).finally(stopWaiting);
}
