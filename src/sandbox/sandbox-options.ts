import type { ServerExit } from './server-process.ts';

/** All durations in milliseconds. */
export interface SandboxOptions {
  /**
   * Where certificates, configuration and database are put; created when it is not there, and kept. Default: a new
   * directory among the temporary ones, removed by `stop()`.
   */
  readonly directory?: string | undefined;
  /**
   * Keep workflows in a file in the directory, so that they outlive the server. Default: false; everything is in memory
   * and gone with the server, also after `kill()` and `start()`.
   */
  readonly persistent?: boolean | undefined;
  /** The frontend's port on 127.0.0.1. Default: a free one. */
  readonly port?: number | undefined;
  /** Registered and usable from the first moment on. Default: `['default']`. */
  readonly namespaces?: readonly string[] | undefined;
  /** CAs, as PEM, whose clients are accepted besides those of the sandbox's own client CA. Default: none. */
  readonly clientCaPems?: readonly string[] | undefined;
  /**
   * Ask clients for a certificate, and refuse those without one. Default: true. Without, the server does not ask, so
   * calls and sessions are reported without serial.
   */
  readonly requireClientCertificate?: boolean | undefined;
  /** After this time the server asks clients to open a new connection (GOAWAY). Default: 5 min, as Temporal Cloud. */
  readonly maxConnectionAgeMs?: number | undefined;
  /** What calls have left after that before the server closes the connection. Default: 70 s, a long poll. */
  readonly maxConnectionAgeGraceMs?: number | undefined;
  /** After this time without a call the server closes a connection. Default: 2 min, the server's own default. */
  readonly maxConnectionIdleMs?: number | undefined;
  /** How often the server reads its certificates and CAs again. Default: 250: `setClientCas` waits for it. */
  readonly caRefreshMs?: number | undefined;
  /** How long a start may take, once the binary is there. Default: 60,000; usually it takes less than 1,000. */
  readonly startTimeoutMs?: number | undefined;
  /** Ends the start, the build included, and later the sandbox: the server is killed, the directory removed. */
  readonly signal?: AbortSignal | undefined;
  /** Lines for people while the server binary is built; none when there is nothing to build. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Lines of the server's log: warnings and errors, JSON. */
  readonly onServerLog?: ((line: string) => void) | undefined;
  /** Where tools and cache are looked for (`PATH`, `ROTEY_…`, `HOME` …). Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** What a sandbox tells its listeners. */
export interface SandboxEvents {
  /** The server process has ended; `expected` when `stop()`, `kill()` or the signal ended it. Repeats with restarts. */
  exited: [exit: ServerExit & { readonly expected: boolean }];
}

/** {@link SandboxOptions} with everything decided that needs no look at the machine. */
export interface ResolvedSandboxOptions extends SandboxOptions {
  readonly persistent: boolean;
  readonly namespaces: readonly string[];
  readonly clientCaPems: readonly string[];
  readonly requireClientCertificate: boolean;
  readonly maxConnectionAgeMs: number;
  readonly maxConnectionAgeGraceMs: number;
  readonly maxConnectionIdleMs: number;
  readonly caRefreshMs: number;
  readonly startTimeoutMs: number;
}

/** @throws {RangeError} for a duration that is not positive, a port outside 1–65535, or a namespace without a name. */
export function resolveSandboxOptions(options: SandboxOptions): ResolvedSandboxOptions {
  const { port, namespaces = ['default'] } = options;
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new RangeError(`port must be between 1 and 65535, not ${port}.`);
  }
  if (namespaces.some((name) => name.trim() === '')) throw new RangeError('A namespace needs a name.');
  return Object.freeze({
    ...options,
    namespaces,
    persistent: options.persistent ?? false,
    clientCaPems: options.clientCaPems ?? [],
    requireClientCertificate: options.requireClientCertificate ?? true,
    maxConnectionAgeMs: positive('maxConnectionAgeMs', options.maxConnectionAgeMs ?? 5 * 60_000),
    maxConnectionAgeGraceMs: positive('maxConnectionAgeGraceMs', options.maxConnectionAgeGraceMs ?? 70_000),
    maxConnectionIdleMs: positive('maxConnectionIdleMs', options.maxConnectionIdleMs ?? 2 * 60_000),
    caRefreshMs: positive('caRefreshMs', options.caRefreshMs ?? 250),
    startTimeoutMs: positive('startTimeoutMs', options.startTimeoutMs ?? 60_000),
  });
}

function positive(name: string, ms: number): number {
  if (Number.isFinite(ms) && ms >= 1) return ms;
  throw new RangeError(`${name} must be at least 1 millisecond, not ${ms}.`);
}
