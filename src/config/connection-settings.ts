import { RoteyError } from '../errors.ts';
import { configFilePath } from './config-file-path.ts';
import {
  type ConnectionFlags,
  type ConnectionLayer,
  type ConnectionValues,
  environmentLayer,
  flagLayer,
  type PemSource,
  profileLayer,
} from './connection-layers.ts';
import { readConfigFile } from './read-text-file.ts';
import type { Secret } from './secret.ts';
import type { Setting, SettingOrigin } from './setting.ts';
import { readProfile } from './temporal-toml.ts';

/** How to reach a Temporal frontend, and as whom. Every setting says where it comes from. Frozen. */
export interface ConnectionSettings {
  readonly address: Setting<string>;
  readonly namespace: Setting<string>;
  /** Undefined when the connection is to be made without a client certificate. */
  readonly certificate: Setting<PemSource> | undefined;
  /** Undefined when the key stands in the same file or text as the certificate. */
  readonly key: Setting<PemSource> | undefined;
  readonly keyPassphrase: Setting<Secret> | undefined;
  /** Undefined: the system's roots. */
  readonly serverCa: Setting<PemSource> | undefined;
  readonly serverName: Setting<string> | undefined;
  readonly apiKey: Setting<Secret> | undefined;
  readonly httpProxy: Setting<string> | undefined;
  readonly httpProxyCredentials: Setting<Secret> | undefined;
  readonly metadata: Setting<Readonly<Record<string, string>>> | undefined;
  /** Which profile of temporal.toml took part; undefined when none did. */
  readonly profile: ProfileChoice | undefined;
  /** What was set and is not used, one line each. */
  readonly warnings: readonly string[];
}

export interface ProfileChoice {
  readonly file: string;
  readonly name: string;
}

export interface ResolveOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags?: ConnectionFlags | undefined;
  /** What rotey's own configuration file says, where the command has one. */
  readonly configuration?: ConnectionLayer | undefined;
  /** Default: that of this process. */
  readonly platform?: NodeJS.Platform | undefined;
  /** Stops waiting for files: the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds every setting of a connection in the first place that says something about it: flag, environment, rotey's
 * configuration file, profile of temporal.toml, default.
 *
 * @throws {RoteyError} `ROTEY_CONFIG_INVALID`: a file of settings that was named cannot be read or is wrong, a profile that
 * was named does not exist, a key without a certificate, path and data of the same thing, credentials in the proxy's URL, an
 * API key or a header that cannot be sent.
 */
export async function resolveConnection({
  env,
  flags = {},
  configuration = {},
  platform = process.platform,
  signal,
}: ResolveOptions): Promise<ConnectionSettings> {
  const profile = await loadProfile(env, flags, { platform, signal });
  const layers = [await flagLayer(flags, signal), environmentLayer(env), configuration, profile.layer];
  const first = <K extends keyof ConnectionValues>(name: K): Setting<ConnectionValues[K]> | undefined =>
    layers.find((layer) => layer[name] !== undefined)?.[name];
  const address = first('address') ?? fallback('localhost:7233', 'as the temporal CLI');
  const settings = Object.freeze({
    address,
    namespace: first('namespace') ?? defaultNamespace(address.value),
    certificate: first('certificate'),
    key: first('key'),
    keyPassphrase: first('keyPassphrase'),
    serverCa: first('serverCa'),
    serverName: first('serverName'),
    apiKey: first('apiKey'),
    httpProxy: first('httpProxy'),
    httpProxyCredentials: first('httpProxyCredentials'),
    metadata: first('metadata'),
    profile: profile.choice,
    warnings: Object.freeze([
      ...profile.warnings,
      ...unsafe(first('tlsDisabled'), 'asks for a connection without TLS; rotey always uses TLS'),
      ...unsafe(first('hostVerificationDisabled'), 'asks not to verify the server; rotey always verifies it'),
    ]),
  });
  refuseContradictions(settings);
  refuseUnsendable(settings);
  return settings;
}

interface LoadedProfile {
  readonly layer: ConnectionLayer;
  readonly choice: ProfileChoice | undefined;
  readonly warnings: readonly string[];
}

const NO_PROFILE: LoadedProfile = { layer: {}, choice: undefined, warnings: [] };

/** The name of the profile when nothing names one, as everywhere in Temporal. */
const DEFAULT_PROFILE = 'default';

async function loadProfile(
  env: ResolveOptions['env'],
  flags: ConnectionFlags,
  { platform, signal }: { readonly platform: NodeJS.Platform; readonly signal: AbortSignal | undefined },
): Promise<LoadedProfile> {
  const named = flags.profile || env['TEMPORAL_PROFILE'] || undefined;
  const name = named ?? DEFAULT_PROFILE;
  const byFlag = flags.configFile || undefined;
  const place = byFlag === undefined ? configFilePath(env, platform) : { file: byFlag, named: true };
  const text =
    place === undefined ? undefined : await readConfigFile(place.file, { mustExist: byFlag !== undefined, signal });
  if (place === undefined || text === undefined) {
    if (named !== undefined) throw noSuchProfile(name, place?.file, []);
    // As in the SDKs, for which a variable that names no file is no error; but nobody means it.
    const warning = `The configuration file ${place?.file} does not exist (TEMPORAL_CONFIG_FILE).`;
    return place?.named ? { ...NO_PROFILE, warnings: [warning] } : NO_PROFILE;
  }
  const { profile, names, warnings } = await readProfile(text, { file: place.file, name });
  if (profile === undefined) {
    if (named !== undefined) throw noSuchProfile(name, place.file, names);
    return NO_PROFILE;
  }
  return { layer: profileLayer(profile, place.file, name), choice: { file: place.file, name }, warnings };
}

function noSuchProfile(name: string, file: string | undefined, names: readonly string[]): RoteyError {
  const where = file === undefined ? 'there is no configuration file' : `${file} does not have it`;
  return new RoteyError('ROTEY_CONFIG_INVALID', `There is no profile "${name}": ${where}.`, {
    hint: names.length === 0 ? 'Correct --profile or TEMPORAL_PROFILE.' : `It has: ${names.join(', ')}.`,
    context: { profile: name, file, profiles: names },
  });
}

/** A Namespace endpoint of Temporal Cloud begins with the full name of the Namespace; an endpoint of a region does not. */
function defaultNamespace(address: string): Setting<string> {
  const endpoint = /^(?:\w+:\/\/)?([a-z0-9-]+\.(?!region\.)[a-z0-9]+)\.tmprl\.cloud(?::\d+)?\/?$/i.exec(address)?.[1];
  return endpoint === undefined
    ? fallback('default', 'as the temporal CLI')
    : fallback(endpoint, 'the Namespace of this endpoint');
}

function fallback(value: string, name: string): Setting<string> {
  const origin: SettingOrigin = { kind: 'default', name };
  return { value, origin };
}

function unsafe(setting: Setting<boolean> | undefined, what: string): readonly string[] {
  return setting?.value ? [`${setting.origin.name} ${what}.`] : [];
}

function refuseContradictions({ address, certificate, key, httpProxy }: ConnectionSettings): void {
  if (address.value.includes('@')) {
    throw new RoteyError('ROTEY_CONFIG_INVALID', `${address.origin.name} takes no user name and password.`, {
      hint: 'Write host:port; credentials are a certificate or an API key, which have settings of their own.',
    });
  }
  if (key !== undefined && certificate === undefined) {
    throw new RoteyError('ROTEY_CONFIG_INVALID', `There is a key (${key.origin.name}) and no certificate.`, {
      hint: 'Name the certificate as well: --tls-cert-path or TEMPORAL_TLS_CLIENT_CERT_PATH.',
    });
  }
  if (httpProxy?.value.includes('@')) {
    throw new RoteyError('ROTEY_CONFIG_INVALID', `${httpProxy.origin.name} takes no user name and password.`, {
      hint: 'Set ROTEY_HTTP_PROXY_CREDENTIALS=user:password instead: a command line is readable by everybody.',
    });
  }
}

/** What HTTP carries in a header without changing it (RFC 9110 §5.5), and gRPC in metadata. */
const HEADER_NAME = /^[0-9a-z_.-]+$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;
const TOKEN = /^[\x21-\x7e]+$/;

/** Sent all the same, it would arrive as something else, and the server's answer would be told as the cause. */
function refuseUnsendable({ apiKey, metadata }: ConnectionSettings): void {
  if (apiKey !== undefined && !TOKEN.test(apiKey.value.reveal())) {
    throw new RoteyError(
      'ROTEY_CONFIG_INVALID',
      `${apiKey.origin.name} holds no API key: there are blanks, line ends or other characters in it.`,
      {
        hint: 'Write the key alone, in one line, without a line end in a variable and without "Bearer".',
      },
    );
  }
  for (const [name, value] of Object.entries(metadata?.value ?? {})) {
    if (HEADER_NAME.test(name) && HEADER_VALUE.test(value)) continue;
    throw new RoteyError(
      'ROTEY_CONFIG_INVALID',
      `${metadata?.origin.name}: the header ${JSON.stringify(name)} cannot be sent.`,
      {
        hint: 'Names are letters, digits, - _ and .; values are printable ASCII, without line ends.',
      },
    );
  }
}
