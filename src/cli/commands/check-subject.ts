import type { CheckSubject, PemInput } from '../../check/index.ts';
import type { ConnectionSettings, PemSource, Setting } from '../../config/index.ts';

/** The settings of a connection as what is to be checked. The only place where their secrets are revealed. */
export function checkSubjectOf(settings: ConnectionSettings): CheckSubject {
  const { address, namespace, serverName, certificate, key, keyPassphrase, serverCa, apiKey, metadata } = settings;
  return {
    address: address.value,
    namespace: namespace.value,
    serverName: serverName?.value,
    certificate: pemInput(certificate),
    key: pemInput(key),
    passphrase: keyPassphrase?.value.reveal(),
    trust: pemInput(serverCa),
    apiKey: apiKey?.value.reveal(),
    metadata: metadata?.value,
    httpConnectProxy: proxyOf(settings.httpProxy?.value, settings.httpProxyCredentials?.value.reveal()),
  };
}

function pemInput(setting: Setting<PemSource> | undefined): PemInput | undefined {
  if (setting === undefined) return undefined;
  const { value, origin } = setting;
  return 'path' in value ? { path: value.path } : { pem: value.pem.reveal(), name: origin.name };
}

/** @param credentials `user:password` */
export function proxyOf(
  targetHost: string | undefined,
  credentials: string | undefined,
): CheckSubject['httpConnectProxy'] {
  if (targetHost === undefined) return undefined;
  if (credentials === undefined) return { targetHost };
  const colon = credentials.indexOf(':');
  const [username, password] =
    colon < 0 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  return { targetHost, basicAuth: { username, password } };
}
