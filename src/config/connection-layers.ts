/**
 * What each place says about a connection: one layer for each, not yet weighed against the others.
 *
 * @module
 */
import { ENVIRONMENT_NAMES } from '../environment.ts';
import { RoteyError } from '../errors.ts';
import { readSecretFile } from './read-text-file.ts';
import { Secret } from './secret.ts';
import type { Setting, SettingOrigin } from './setting.ts';
import type { TemporalProfile, TemporalProfileTls } from './temporal-toml.ts';

/** PEM in a file that may change, or the text itself. */
export type PemSource = { readonly path: string } | { readonly pem: Secret };

/** The values of all settings of a connection, as far as something is said. */
export interface ConnectionValues {
  readonly address: string;
  readonly namespace: string;
  readonly certificate: PemSource;
  readonly key: PemSource;
  readonly keyPassphrase: Secret;
  /** CA bundle for the server's certificate. */
  readonly serverCa: PemSource;
  readonly serverName: string;
  readonly apiKey: Secret;
  /** `host:port` of an HTTP proxy that tunnels by CONNECT. */
  readonly httpProxy: string;
  /** `user:password` for it. */
  readonly httpProxyCredentials: Secret;
  /** Sent with every call. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The settings ask for a connection without TLS, which rotey never makes. */
  readonly tlsDisabled: boolean;
  /** The settings ask not to verify the server, which rotey always does. */
  readonly hostVerificationDisabled: boolean;
}

/** What one place says. */
export type ConnectionLayer = { readonly [K in keyof ConnectionValues]?: Setting<ConnectionValues[K]> | undefined };

/** As commander hands them over. Secrets are named by their files: the command line is readable by everybody. */
export interface ConnectionFlags {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly tlsCertPath?: string | undefined;
  readonly tlsKeyPath?: string | undefined;
  readonly tlsKeyPassphraseFile?: string | undefined;
  readonly tlsCaPath?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly apiKeyFile?: string | undefined;
  readonly httpProxy?: string | undefined;
  readonly profile?: string | undefined;
  readonly configFile?: string | undefined;
}

/** @throws {RoteyError} `ROTEY_CONFIG_INVALID` when a file of a secret cannot be read. */
export async function flagLayer(flags: ConnectionFlags, signal?: AbortSignal): Promise<ConnectionLayer> {
  const { address, namespace, tlsCertPath, tlsKeyPath, tlsCaPath, tlsServerName, httpProxy } = flags;
  const flag = (name: string): SettingOrigin => ({ kind: 'flag', name });
  const secretIn = async (file: string | undefined, name: string): Promise<Setting<Secret> | undefined> =>
    file === undefined
      ? undefined
      : { value: new Secret(await readSecretFile(file, name, signal)), origin: flag(name) };
  return {
    address: given(address, flag('--address')),
    namespace: given(namespace, flag('--namespace')),
    certificate: pathSetting(tlsCertPath, flag('--tls-cert-path')),
    key: pathSetting(tlsKeyPath, flag('--tls-key-path')),
    keyPassphrase: await secretIn(flags.tlsKeyPassphraseFile, '--tls-key-passphrase-file'),
    serverCa: pathSetting(tlsCaPath, flag('--tls-ca-path')),
    serverName: given(tlsServerName, flag('--tls-server-name')),
    apiKey: await secretIn(flags.apiKeyFile, '--api-key-file'),
    httpProxy: given(httpProxy, flag('--http-proxy')),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {RoteyError} `ROTEY_CONFIG_INVALID` when path and data of the same thing are both set. */
export function environmentLayer(env: Environment): ConnectionLayer {
  const text = (...names: readonly string[]): Setting<string> | undefined => {
    const name = names.find((candidate) => env[candidate]);
    return name === undefined ? undefined : given(env[name], { kind: 'environment', name });
  };
  const secret = (name: string): Setting<Secret> | undefined => mapSetting(text(name), (value) => new Secret(value));
  const pem = (paths: readonly string[], data: string): Setting<PemSource> | undefined =>
    eitherPem(text(...paths), text(data));
  const says = (name: string, words: readonly string[]): Setting<boolean> | undefined =>
    mapSetting(text(name), (value) => words.includes(value.trim().toLowerCase()));
  const metadata = metadataOf(env);
  return {
    address: text(...ENVIRONMENT_NAMES.address),
    namespace: text(...ENVIRONMENT_NAMES.namespace),
    certificate: pem(ENVIRONMENT_NAMES.certPath, 'TEMPORAL_TLS_CLIENT_CERT_DATA'),
    key: pem(ENVIRONMENT_NAMES.keyPath, 'TEMPORAL_TLS_CLIENT_KEY_DATA'),
    keyPassphrase: secret('ROTEY_KEY_PASSPHRASE'),
    serverCa: pem(ENVIRONMENT_NAMES.caPath, 'TEMPORAL_TLS_SERVER_CA_CERT_DATA'),
    serverName: text(...ENVIRONMENT_NAMES.serverName),
    apiKey: secret('TEMPORAL_API_KEY'),
    httpProxyCredentials: secret('ROTEY_HTTP_PROXY_CREDENTIALS'),
    metadata,
    tlsDisabled: says('TEMPORAL_TLS', ['0', 'false']),
    hostVerificationDisabled: says('TEMPORAL_TLS_DISABLE_HOST_VERIFICATION', ['1', 'true']),
  };
}

/** @param file how the origin calls the file. */
export function profileLayer(profile: TemporalProfile, file: string, name: string): ConnectionLayer {
  const origin = (key: string): SettingOrigin => ({ kind: 'profile', name: `${file} profile.${name}.${key}` });
  const { tls = {} } = profile;
  const pem = (item: 'client_cert' | 'client_key' | 'server_ca_cert'): Setting<PemSource> | undefined => {
    const [path, data] = [`${item}_path`, `${item}_data`] as const satisfies readonly (keyof TemporalProfileTls)[];
    return eitherPem(given(tls[path], origin(`tls.${path}`)), given(tls[data], origin(`tls.${data}`)));
  };
  const metadata = Object.entries(profile.grpc_meta ?? {}).map(([key, value]) => [metadataName(key), value]);
  return {
    address: given(profile.address, origin('address')),
    namespace: given(profile.namespace, origin('namespace')),
    certificate: pem('client_cert'),
    key: pem('client_key'),
    serverCa: pem('server_ca_cert'),
    serverName: given(tls.server_name, origin('tls.server_name')),
    apiKey: mapSetting(given(profile.api_key, origin('api_key')), (value) => new Secret(value)),
    metadata: metadata.length === 0 ? undefined : { value: Object.fromEntries(metadata), origin: origin('grpc_meta') },
    tlsDisabled: tls.disabled === undefined ? undefined : { value: tls.disabled, origin: origin('tls.disabled') },
    hostVerificationDisabled:
      tls.disable_host_verification === undefined
        ? undefined
        : { value: tls.disable_host_verification, origin: origin('tls.disable_host_verification') },
  };
}

const METADATA_PREFIX = 'TEMPORAL_GRPC_META_';

function metadataOf(env: Environment): Setting<Readonly<Record<string, string>>> | undefined {
  const entries = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    name.startsWith(METADATA_PREFIX) && value ? [[metadataName(name.slice(METADATA_PREFIX.length)), value]] : [],
  );
  if (entries.length === 0) return undefined;
  return { value: Object.fromEntries(entries), origin: { kind: 'environment', name: `${METADATA_PREFIX}…` } };
}

/** Header names are lower case and have no underscores by custom; the SDKs write them so as well. */
function metadataName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** An empty text says nothing, as an empty variable. */
function given(value: string | undefined, origin: SettingOrigin): Setting<string> | undefined {
  return value ? { value, origin } : undefined;
}

function pathSetting(path: string | undefined, origin: SettingOrigin): Setting<PemSource> | undefined {
  return mapSetting(given(path, origin), (value) => ({ path: asPath(value, origin) }));
}

/** The contents in the place of the path are a common mistake, and would be told to everybody as a missing file. */
function asPath(value: string, { name }: SettingOrigin): string {
  if (!/-----BEGIN|[\r\n]/.test(value) && !/^[A-Za-z0-9+/=]{200,}$/.test(value)) return value;
  throw new RoteyError('ROTEY_CONFIG_INVALID', `${name} holds the contents of a file where its path is expected.`, {
    hint: 'Name the file, or use the variable or key of the same name that ends in _DATA.',
  });
}

function eitherPem(
  path: Setting<string> | undefined,
  data: Setting<string> | undefined,
): Setting<PemSource> | undefined {
  if (path === undefined) return mapSetting(data, (pem) => ({ pem: new Secret(pem) }));
  if (data === undefined) return pathSetting(path.value, path.origin);
  throw new RoteyError('ROTEY_CONFIG_INVALID', `${path.origin.name} and ${data.origin.name} are both set.`, {
    hint: 'Set one of them: the path of a file, or its contents.',
  });
}

function mapSetting<T, U>(setting: Setting<T> | undefined, map: (value: T) => U): Setting<U> | undefined {
  return setting === undefined ? undefined : { value: map(setting.value), origin: setting.origin };
}
