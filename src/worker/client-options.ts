import type { ConnectionOptions } from '@temporalio/client';
import type { HttpConnectProxy, ProbeTarget } from '../probe/index.ts';
import { assertNoCertificate, invalid, textMetadata } from './connect-options.ts';

type ChannelArgs = NonNullable<ConnectionOptions['channelArgs']>;
/** `channelFactoryOverride` of grpc-js: makes the channel of a client. */
export type ChannelFactory = (address: string, credentials: object, options: unknown) => unknown;

/** @throws {RoteyError} `ROTEY_CONFIG_INVALID` when the options leave no room for a certificate that is rotated */
export function assertRotatable({ tls, credentials, channelArgs }: ConnectionOptions): void {
  assertNoCertificate(tls === undefined ? {} : { tls });
  if (credentials !== undefined) {
    throw invalid(
      '`credentials` are given, and a certificate to rotate as well',
      'Leave `credentials` out; `callCredentials` and `apiKey` may stay.',
    );
  }
  if (channelArgs?.['channelOverride'] !== undefined) {
    throw invalid('`channelOverride` is given, so its channel cannot be replaced', 'Give a `channelFactoryOverride`.');
  }
}

/** Like `options`, and the connection gets its channel from `factory`. */
export function withChannelFactory(options: ConnectionOptions, factory: ChannelFactory): ConnectionOptions {
  return { ...options, channelArgs: { ...options.channelArgs, channelFactoryOverride: factory } };
}

/**
 * The options of a session's own connection: like the user's, but nobody of theirs hears of the one call that is made
 * on it.
 *
 * @param apiKey in use now; undefined without one
 */
export function sessionOptions(options: ConnectionOptions, apiKey: (() => string) | undefined): ConnectionOptions {
  const { apiKey: _first, metadata, ...rest } = options;
  return {
    ...rest,
    interceptors: [],
    metadata: { ...metadata }, // the SDK adds to it
    ...(apiKey === undefined || metadata?.['Authorization'] !== undefined ? {} : { apiKey }),
  };
}

export function apiKeyFunction(apiKey: ConnectionOptions['apiKey']): (() => string) | undefined {
  return typeof apiKey === 'string' ? () => apiKey : apiKey;
}

/** The same server, the same way there, for the probe. `options` with an identity in them. */
export function clientProbeTarget(
  options: ConnectionOptions,
  namespaces: readonly string[],
  proxy: HttpConnectProxy | undefined,
): ProbeTarget {
  const { tls, metadata, apiKey, channelArgs = {} } = options;
  const { serverNameOverride, serverRootCACertificate } = typeof tls === 'object' && tls !== null ? tls : {};
  const key = apiKeyFunction(apiKey)?.();
  return {
    address: options.address ?? 'localhost:7233',
    namespaces,
    // The SDK puts the name that it was given over both channel arguments.
    serverName: serverNameOverride ?? text(channelArgs, 'grpc.ssl_target_name_override'),
    authority: serverNameOverride ?? text(channelArgs, 'grpc.default_authority'),
    trustPem: serverRootCACertificate === undefined ? undefined : Buffer.from(serverRootCACertificate).toString('utf8'),
    metadata: textMetadata(metadata),
    apiKey: key === '' ? undefined : key,
    httpConnectProxy: proxy,
  };
}

function text(channelArgs: ChannelArgs, name: string): string | undefined {
  const value: unknown = channelArgs[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
