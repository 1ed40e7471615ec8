/**
 * The environment names that a Pod of the guide, `@temporalio/envconfig` and the `temporal` CLI use.
 *
 * @module
 */

/** What the environment says; undefined where it says nothing. An empty variable counts as not set. */
export interface WorkerEnvironment {
  readonly certPath: string | undefined;
  readonly keyPath: string | undefined;
  readonly caPath: string | undefined;
  readonly serverName: string | undefined;
  readonly address: string | undefined;
  readonly namespace: string | undefined;
  readonly frozen: boolean;
}

/** Which variables say the same thing, the first one that is set counts. */
export const ENVIRONMENT_NAMES = Object.freeze({
  address: ['TEMPORAL_ADDRESS'],
  namespace: ['TEMPORAL_NAMESPACE'],
  certPath: ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CERT'],
  keyPath: ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_KEY'],
  caPath: ['TEMPORAL_TLS_SERVER_CA_CERT_PATH'],
  serverName: ['TEMPORAL_TLS_SERVER_NAME'],
} as const satisfies Readonly<Record<string, readonly string[]>>);

/**
 * | variable | meaning |
 * |---|---|
 * | `TEMPORAL_TLS_CLIENT_CERT_PATH`, then `TEMPORAL_TLS_CERT` | certificate file |
 * | `TEMPORAL_TLS_CLIENT_KEY_PATH`, then `TEMPORAL_TLS_KEY` | key file |
 * | `TEMPORAL_TLS_SERVER_CA_CERT_PATH` | CA bundle for the server's certificate; default: the system's roots |
 * | `TEMPORAL_TLS_SERVER_NAME` | name to expect in the server's certificate |
 * | `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE` | the server, and the Namespace that a proof asks for |
 * | `ROTEY_FREEZE=1` | the kill switch: stay on the current identity |
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): WorkerEnvironment {
  const first = (names: readonly string[]): string | undefined => names.map((name) => env[name]).find(Boolean);
  return {
    certPath: first(ENVIRONMENT_NAMES.certPath),
    keyPath: first(ENVIRONMENT_NAMES.keyPath),
    caPath: first(ENVIRONMENT_NAMES.caPath),
    serverName: first(ENVIRONMENT_NAMES.serverName),
    address: first(ENVIRONMENT_NAMES.address),
    namespace: first(ENVIRONMENT_NAMES.namespace),
    frozen: env['ROTEY_FREEZE'] === '1',
  };
}
