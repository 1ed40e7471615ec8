import type { NativeConnectionOptions } from '@temporalio/worker';
import type { WorkerEnvironment } from '../environment.ts';
import { RoteyError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { ProbeTarget } from '../probe/index.ts';

type TlsOptions = Extract<NativeConnectionOptions['tls'], object>;

/** What the options of both kinds of connections, NativeConnection and Connection, have in common. */
interface CommonOptions {
  readonly tls?: NativeConnectionOptions['tls'];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly apiKey?: unknown;
}

/**
 * The user's options with the identity put in. Everything else stays: metadata, proxy, apiKey, compression, and in
 * `tls` the server name and an explicit server CA, which comes before the pair's.
 *
 * @throws {RoteyError} `ROTEY_CONFIG_INVALID` when the options contradict a rotated certificate
 */
export function withIdentity<Options extends CommonOptions>(
  options: Options,
  pair: Pair,
): Omit<Options, 'tls'> & { readonly tls: TlsOptions } {
  const { tls } = options;
  if (tls === false || tls === null) throw invalid('`tls` is off, so no certificate can be used', 'Leave `tls` out.');
  const given = typeof tls === 'object' ? tls : {};
  const trust = given.serverRootCACertificate ?? (pair.trustPem === undefined ? undefined : Buffer.from(pair.trustPem));
  return {
    ...options,
    tls: {
      ...given,
      ...(trust === undefined ? {} : { serverRootCACertificate: trust }),
      clientCertPair: { crt: Buffer.from(pair.certificatePem), key: Buffer.from(pair.revealPrivateKey()) },
    },
  };
}

/** The options with the address and the server name of the environment, where they name none themselves. */
export function withEnvironment<Options extends CommonOptions & { readonly address?: string }>(
  options: Options,
  { address, serverName }: Pick<WorkerEnvironment, 'address' | 'serverName'>,
): Options {
  const tls = typeof options.tls === 'object' && options.tls !== null ? options.tls : undefined;
  return {
    ...options,
    ...(options.address === undefined && address !== undefined ? { address } : {}),
    ...(options.tls === false || options.tls === null || serverName === undefined
      ? {}
      : { tls: { serverNameOverride: serverName, ...tls } }),
  };
}

/** @throws {RoteyError} `ROTEY_CONFIG_INVALID` when the user's own options already hold a client certificate */
export function assertNoCertificate({ tls }: CommonOptions): void {
  if (typeof tls !== 'object' || tls === null || tls.clientCertPair === undefined) return;
  throw invalid(
    '`tls.clientCertPair` is given, and a certificate to rotate as well',
    'Leave `tls.clientCertPair` out: rotateCertificates puts the current one in.',
  );
}

/**
 * The options to connect again with. What was set on the connection since may be what the SDK refuses to connect with: an
 * API key beside an authorization header, of which it uses the header.
 */
export function withoutUnusedApiKey<Options extends CommonOptions>(
  options: Options,
): Omit<Options, 'apiKey'> | Options {
  const names = Object.keys(options.metadata ?? {});
  if (options.apiKey === undefined || !names.some((name) => name.toLowerCase() === 'authorization')) return options;
  const { apiKey: _unused, ...rest } = options;
  return rest;
}

/** The same server, the same way there, for the probe. `options` as {@link withIdentity} made them. */
export function probeTarget(options: NativeConnectionOptions, namespaces: readonly string[]): ProbeTarget {
  const { tls, proxy, metadata, apiKey } = options;
  const { serverNameOverride, serverRootCACertificate } = typeof tls === 'object' && tls !== null ? tls : {};
  return {
    address: options.address ?? 'localhost:7233',
    namespaces,
    serverName: serverNameOverride,
    trustPem: serverRootCACertificate === undefined ? undefined : Buffer.from(serverRootCACertificate).toString('utf8'),
    metadata: textMetadata(metadata),
    apiKey,
    httpConnectProxy: proxy === undefined ? undefined : { targetHost: proxy.targetHost, basicAuth: proxy.basicAuth },
  };
}

/** Binary metadata (`…-bin`) is left out: nothing that decides about access travels in it. */
export function textMetadata(metadata: CommonOptions['metadata']): Record<string, string> | undefined {
  if (metadata === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(metadata).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export function invalid(what: string, hint: string): RoteyError {
  return new RoteyError('ROTEY_CONFIG_INVALID', `The options of the connection: ${what}.`, { hint });
}
