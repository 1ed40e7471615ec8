/**
 * The Temporal server's configuration for the sandbox. Pure: values in, a document out (JSON, which is YAML).
 *
 * @module
 */

/** What differs from sandbox to sandbox. Paths are absolute, durations in milliseconds. */
export interface ServerSettings {
  readonly ports: { readonly [service in ServiceName]: number };
  readonly files: {
    readonly serverCertificate: string;
    readonly serverKey: string;
    readonly serverCa: string;
    readonly acceptedClientCas: string;
    readonly systemCertificate: string;
    readonly systemKey: string;
    readonly dynamicConfig: string;
  };
  readonly requireClientCertificate: boolean;
  readonly caRefreshMs: number;
  /** The file of the database; undefined keeps everything in memory. */
  readonly databaseFile: string | undefined;
  /** The frontend's name in its certificate. */
  readonly serverName: string;
}

export type ServiceName = 'frontend' | 'history' | 'matching' | 'worker';

/** How long connections live. Milliseconds. */
export interface ConnectionLimits {
  readonly maxConnectionAgeMs: number;
  readonly maxConnectionAgeGraceMs: number;
  readonly maxConnectionIdleMs: number;
}

/** The static configuration: modelled on the server's own config/development-sqlite.yaml. */
export function serverConfig(settings: ServerSettings): object {
  const { ports, serverName } = settings;
  const archivalOff = { state: 'disabled', enableRead: false };
  return {
    log: { level: 'warn', stdout: false },
    persistence: {
      defaultStore: 'sqlite',
      visibilityStore: 'sqlite',
      numHistoryShards: 1,
      datastores: { sqlite: { sql: sqlite(settings.databaseFile) } },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      tls: tls(settings),
    },
    services: {
      frontend: service(ports.frontend),
      history: service(ports.history),
      matching: service(ports.matching),
      worker: service(ports.worker),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: serverName,
          rpcAddress: `127.0.0.1:${ports.frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: archivalOff, visibility: archivalOff },
    namespaceDefaults: { archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } } },
    dynamicConfigClient: { filepath: settings.files.dynamicConfig, pollInterval: '10s' },
  };
}

/** The dynamic configuration. */
export function dynamicConfig(limits: ConnectionLimits): object {
  const always = (value: unknown) => [{ value, constraints: {} }];
  return {
    'frontend.keepAliveMaxConnectionAge': always(goDuration(limits.maxConnectionAgeMs)),
    'frontend.keepAliveMaxConnectionAgeGrace': always(goDuration(limits.maxConnectionAgeGraceMs)),
    'frontend.keepAliveMaxConnectionIdle': always(goDuration(limits.maxConnectionIdleMs)),
  };
}

function tls({ files, requireClientCertificate, caRefreshMs, serverName }: ServerSettings): object {
  const client = { serverName, rootCaFiles: [files.serverCa] };
  return {
    refreshInterval: goDuration(caRefreshMs),
    frontend: {
      server: {
        certFile: files.serverCertificate,
        keyFile: files.serverKey,
        requireClientAuth: requireClientCertificate,
        clientCaFiles: [files.acceptedClientCas],
      },
      client,
    },
    // The server's own worker is a client of its frontend.
    systemWorker: { certFile: files.systemCertificate, keyFile: files.systemKey, client },
  };
}

/**
 * One connection without an end: the database in memory would go with it (the server's example renews connections every
 * hour, and forgets everything).
 */
function sqlite(file: string | undefined): object {
  const common = {
    pluginName: 'sqlite',
    connectAddr: 'localhost',
    connectProtocol: 'tcp',
    maxConns: 1,
    maxIdleConns: 1,
  };
  return file === undefined
    ? { ...common, databaseName: 'default', connectAttributes: { mode: 'memory', cache: 'private' } }
    : { ...common, databaseName: file, connectAttributes: { mode: 'rwc', setup: 'true', journal_mode: 'wal' } };
}

/** No HTTP port, no membership port: neither is needed by services that live in one process. */
function service(grpcPort: number): object {
  return { rpc: { grpcPort, bindOnLocalHost: true } };
}

function goDuration(ms: number): string {
  return `${Math.round(ms)}ms`;
}
