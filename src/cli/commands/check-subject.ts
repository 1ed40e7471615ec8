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
    httpConnectProxy: proxyOf(settings),
  };
}

function pemInput(setting: Setting<PemSource> | undefined): PemInput | undefined {
  if (setting === undefined) return undefined;
  const { value, origin } = setting;
  return 'path' in value ? { path: value.path } : { pem: value.pem.reveal(), name: origin.name };
}

function proxyOf({ httpProxy, httpProxyCredentials }: ConnectionSettings): CheckSubject['httpConnectProxy'] {
  if (httpProxy === undefined) return undefined;
  const credentials = httpProxyCredentials?.value.reveal();
  if (credentials === undefined) return { targetHost: httpProxy.value };
  const colon = credentials.indexOf(':');
  const [username, password] =
    colon < 0 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  return { targetHost: httpProxy.value, basicAuth: { username, password } };
}
