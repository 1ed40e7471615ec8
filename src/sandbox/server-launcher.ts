import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoteyError } from '../errors.ts';
import { freePorts, isPortFree } from './free-ports.ts';
import type { ServerLine } from './observations.ts';
import { type SandboxFiles, SERVER_NAME, SYSTEM_COMMON_NAME } from './sandbox-credentials.ts';
import type { ResolvedSandboxOptions } from './sandbox-options.ts';
import { dynamicConfig, serverConfig } from './server-config.ts';
import { ServerProcess } from './server-process.ts';

/** How often to try other ports. Losing one race for a port is rare, losing five means that something else is wrong. */
const PORT_ATTEMPTS = 5;

/** Starts the server of a sandbox, as often as wanted, with the same frontend port each time. */
export class ServerLauncher {
  readonly #options: ResolvedSandboxOptions;
  readonly #binary: string;
  readonly #directory: string;
  readonly #files: SandboxFiles;
  #port: number | undefined;

  constructor(options: ResolvedSandboxOptions, binary: string, directory: string, files: SandboxFiles) {
    this.#options = options;
    this.#binary = binary;
    this.#directory = directory;
    this.#files = files;
    this.#port = options.port;
  }

  /** The frontend's; undefined before the first start when none was asked for. */
  get port(): number | undefined {
    return this.#port;
  }

  /**
   * @throws {RoteyError} `ROTEY_SANDBOX_FAILED` when the port is taken, or the server does not start.
   * @throws the signal's reason when it was aborted.
   */
  async launch(onLine: (line: ServerLine) => void): Promise<ServerProcess> {
    for (let attemptsLeft = PORT_ATTEMPTS; ; attemptsLeft--) {
      const frontend = await this.#frontendPort();
      try {
        const server = await this.#start(frontend, onLine);
        this.#port = frontend;
        return server;
      } catch (error) {
        // Between finding a free port and using it, somebody else was faster.
        if (attemptsLeft <= 1 || !isPortTaken(error)) throw error;
      }
    }
  }

  async #start(frontend: number, onLine: (line: ServerLine) => void): Promise<ServerProcess> {
    const { namespaces, startTimeoutMs, signal, onServerLog } = this.#options;
    const config = await this.#writeConfig(frontend);
    return await ServerProcess.start({
      binary: this.#binary,
      args: [
        '-config',
        config,
        '-system-cn',
        SYSTEM_COMMON_NAME,
        ...namespaces.flatMap((name) => ['-namespace', name]),
      ],
      cwd: this.#directory,
      startTimeoutMs,
      signal,
      onLine,
      onLog: onServerLog,
    });
  }

  async #frontendPort(): Promise<number> {
    if (this.#port === undefined) {
      const [port = 0] = await freePorts(1);
      return port;
    }
    if (await isPortFree(this.#port)) return this.#port;
    throw new RoteyError('ROTEY_SANDBOX_FAILED', `Port ${this.#port} of 127.0.0.1 is taken.`, {
      hint: 'Choose another port, or let the sandbox choose one.',
      retryable: true,
      context: { port: this.#port },
    });
  }

  /** @returns the path of the configuration file. */
  async #writeConfig(frontend: number): Promise<string> {
    const others = (await freePorts(4)).filter((port) => port !== frontend);
    const [history = 0, matching = 0, worker = 0] = others;
    const files = { ...this.#files, dynamicConfig: join(this.#directory, 'dynamic-config.yaml') };
    const { requireClientCertificate, caRefreshMs, persistent } = this.#options;
    const config = serverConfig({
      ports: { frontend, history, matching, worker },
      files,
      requireClientCertificate,
      caRefreshMs,
      databaseFile: persistent ? join(this.#directory, 'temporal.sqlite') : undefined,
      serverName: SERVER_NAME,
    });
    const path = join(this.#directory, 'server-config.yaml');
    await writeFile(files.dynamicConfig, JSON.stringify(dynamicConfig(this.#options), null, 2));
    await writeFile(path, JSON.stringify(config, null, 2));
    return path;
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof RoteyError && /address already in use/.test(String(error.context['log']));
}
