/**
 * The flags by which every command says how to reach a Temporal frontend: the same names as in the `temporal` CLI.
 *
 * @module
 */
import type { Command } from 'commander';
import type { ConnectionFlags } from '../config/index.ts';

/** Where the settings of a connection come from, for the help of a command. */
export const CONNECTION_HELP = `
Every setting is looked for in the flags, then in the environment
(TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
TEMPORAL_TLS_CLIENT_CERT_PATH or TEMPORAL_TLS_CERT,
TEMPORAL_TLS_CLIENT_KEY_PATH or TEMPORAL_TLS_KEY,
TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME,
ROTEY_KEY_PASSPHRASE, ROTEY_HTTP_PROXY_CREDENTIALS), then in a profile of
temporal.toml. Secrets are never taken from the command line.
`;

/** Adds the flags; what the user gave arrives as {@link ConnectionFlags} among the options of the action. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option('--address <host:port>', 'the Temporal frontend (default: localhost:7233)')
    .option('--namespace <name>', "the Namespace (default: a Cloud endpoint's own, else default)")
    .option('--tls-cert-path <file>', 'client certificate with its chain, PEM')
    .option('--tls-key-path <file>', 'its private key, PEM (default: in the certificate file)')
    .option('--tls-key-passphrase-file <file>', 'passphrase of an encrypted key')
    .option('--tls-ca-path <file>', "CA bundle for the server's certificate (default: the system's roots)")
    .option('--tls-server-name <name>', "name in the server's certificate, where the address is another")
    .option('--api-key-file <file>', 'API key')
    .option('--http-proxy <host:port>', 'HTTP proxy on the way, by CONNECT')
    .option('--profile <name>', 'profile of temporal.toml (default: $TEMPORAL_PROFILE, else default)')
    .option('--config-file <file>', 'temporal.toml (default: $TEMPORAL_CONFIG_FILE, else in your config folder)');
}

/** The connection flags among the options of a command. */
export function connectionFlagsOf(options: ConnectionFlags): ConnectionFlags {
  const { address, namespace, tlsCertPath, tlsKeyPath, tlsKeyPassphraseFile, tlsCaPath, tlsServerName } = options;
  const { apiKeyFile, httpProxy, profile, configFile } = options;
  return {
    ...{ address, namespace, tlsCertPath, tlsKeyPath, tlsKeyPassphraseFile, tlsCaPath, tlsServerName },
    ...{ apiKeyFile, httpProxy, profile, configFile },
  };
}
