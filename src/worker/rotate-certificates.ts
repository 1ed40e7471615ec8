import { keepAliveFor } from '../clock.ts';
import { readEnvironment, type WorkerEnvironment } from '../environment.ts';
import { RoteyError } from '../errors.ts';
import { noPair, requireDuration } from '../rotation/index.ts';
import { type PairSource, watchFiles } from '../source/index.ts';
import { CertificateRotation } from './certificate-rotation.ts';
import type { ConnectionClass } from './client-connector.ts';
import type { RotationLogger } from './log-events.ts';
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
  /**
   * Namespaces that a new certificate must be allowed to describe; each Worker and Client adds its own. Default:
   * `TEMPORAL_NAMESPACE`.
   */
  readonly namespaces?: readonly string[] | undefined;
  /** Wait until there is a usable pair, instead of failing. Default: false. */
  readonly waitForPair?: boolean | undefined;
  /** `observe`: new pairs are read and proven, none is used. Default: `rotate`. */
  readonly mode?: 'rotate' | 'observe' | undefined;
  /** The kill switch: stay on the first identity. Default: whether `ROTEY_FREEZE` is `1`. */
  readonly frozen?: boolean | undefined;
  /** For one probe, in milliseconds. Default: 10,000. */
  readonly proofTimeoutMs?: number | undefined;
  /** For the SDK's connect to a new connection, in milliseconds. Default: 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long calls may keep an old connection open, in milliseconds. Default: 75,000. */
  readonly drainCapMs?: number | undefined;
  /** How often to look at the files without an event, in milliseconds. Default: 5,000. */
  readonly pollMs?: number | undefined;
  /**
   * Where to tell what happens. Default: the Temporal Runtime's logger, from the first NativeConnection on; without one,
   * as with false: nowhere.
   */
  readonly logger?: RotationLogger | false | undefined;
  /** Stops rotating at once; connections and Workers are left as they are. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads the pair and watches it. The answer is a plugin for `NativeConnection.connect` and `Connection.connect`: every
 * Worker and Client that is made from such a connection then stays connected with the newest certificate that the server
 * has accepted.
 *
 * ```ts
 * const rotation = await rotateCertificates({ certPath: '/certs/tls.crt', keyPath: '/certs/tls.key' });
 * const connection = await NativeConnection.connect({ address, plugins: [rotation] }); // of a Worker
 * const starter = await Connection.connect({ address, plugins: [rotation] }); // of Clients alone
 * ```
 *
 * Does not keep the process alive.
 *
 * @throws {RoteyError} why there is no usable pair (unless `waitForPair`); `ROTEY_CONFIG_INVALID` when no file is named
 * @throws {RangeError} when a duration is none
 */
export async function rotateCertificates(options: RotateCertificatesOptions = {}): Promise<CertificateRotation> {
  const { proofTimeoutMs, connectTimeoutMs, drainCapMs } = options;
  if (proofTimeoutMs !== undefined) requireDuration('proofTimeoutMs', proofTimeoutMs, 1);
  if (connectTimeoutMs !== undefined) requireDuration('connectTimeoutMs', connectTimeoutMs, 1);
  if (drainCapMs !== undefined) requireDuration('drainCapMs', drainCapMs);
  const environment = readEnvironment(process.env);
  const source = options.source ?? (await watchFiles(filesOf(options, environment)));
  let observability: Observability | undefined;
  try {
    observability = await openObservability(options, source);
    if (source.current === undefined) await firstPair(source, options);
    const client = await loadConnectionClass();
    return new CertificateRotation(options, { source, environment, observability, client });
  } catch (error) {
    await observability?.close();
    if (options.source === undefined) await source.close();
    throw error;
  }
}

function filesOf(options: RotateCertificatesOptions, environment: WorkerEnvironment): Parameters<typeof watchFiles>[0] {
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

/** A Worker has it loaded, and who only connects Clients needs it next. Undefined where it is not installed. */
async function loadConnectionClass(): Promise<ConnectionClass | undefined> {
  try {
    return (await import('@temporalio/client')).Connection;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
