import type { ConnectionFlags, ConnectionSettings, PemSource, Setting, WatchEntry } from '../../config/index.ts';
import { RoteyError } from '../../errors.ts';
import { DEFAULT_PROVE_EVERY_MS, DEFAULT_WATCH_POLL_MS, type WatchSpec } from '../../watch/index.ts';
import { checkSubjectOf, proxyOf } from './check-subject.ts';

/** An entry of the configuration as what is to be watched. Reveals its secrets. */
export function specOfEntry(entry: WatchEntry): WatchSpec {
  const { name, certPath, keyPath, caPath, passphrase, apiKeyFile, address, serverName, namespaces } = entry;
  const { proxy, proxyCredentials, proveEveryMs, pollEveryMs } = entry;
  return {
    ...{ name, certPath, keyPath, caPath, apiKeyFile },
    passphrase: passphrase?.reveal(),
    target: {
      ...{ address, serverName, namespaces },
      httpConnectProxy: proxyOf(proxy, proxyCredentials?.reveal()),
    },
    proveEveryMs: proveEveryMs ?? DEFAULT_PROVE_EVERY_MS,
    pollMs: pollEveryMs ?? DEFAULT_WATCH_POLL_MS,
  };
}

/**
 * The settings of one connection as what is to be watched, under the name of its Namespace. Reveals their secrets.
 *
 * @throws {RoteyError} `ROTEY_CONFIG_INVALID` when there are no files to watch
 */
export function specOfSettings(
  settings: ConnectionSettings,
  { apiKeyFile }: ConnectionFlags,
  proveEveryMs: number = DEFAULT_PROVE_EVERY_MS,
): WatchSpec {
  const { certificate, key, serverCa, namespace } = settings;
  const certPath = pathOf(certificate);
  if (certPath === undefined) throw nothingToWatch(certificate);
  const keyPath = key === undefined ? certPath : pathOf(key);
  if (keyPath === undefined) throw nothingToWatch(key);
  const { address, serverName, metadata, apiKey, httpConnectProxy, passphrase, trust } = checkSubjectOf(settings);
  return {
    name: namespace.value,
    ...{ certPath, keyPath, passphrase },
    caPath: pathOf(serverCa),
    apiKeyFile: apiKeyFile || undefined,
    target: {
      ...{ address, serverName, metadata, httpConnectProxy },
      namespaces: [namespace.value],
      apiKey: apiKeyFile ? undefined : apiKey, // a file is read again for every proof
      trustPem: trust !== undefined && 'pem' in trust ? trust.pem : undefined,
    },
    proveEveryMs,
    pollMs: DEFAULT_WATCH_POLL_MS,
  };
}

function pathOf(setting: Setting<PemSource> | undefined): string | undefined {
  return setting !== undefined && 'path' in setting.value ? setting.value.path : undefined;
}

function nothingToWatch(setting: Setting<PemSource> | undefined): RoteyError {
  const why = setting === undefined ? 'no certificate is named' : `${setting.origin.name} holds contents and no path`;
  return new RoteyError('ROTEY_CONFIG_INVALID', `There are no files to watch: ${why}.`, {
    hint: 'Give --config, or --tls-cert-path and --tls-key-path, or the variables that `rotey watch --help` names.',
  });
}
