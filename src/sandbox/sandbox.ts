import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import {
  type CertificateAuthority,
  createAuthority,
  type IssuedLeaf,
  issueLeaf,
  type LeafOptions,
} from '../pki/index.ts';
import { SafeEmitter } from '../safe-emitter.ts';
import type { ActiveRule, CallFilter, DelayRule, RefuseRule } from './call-rules.ts';
import type { Journal } from './journal.ts';
import { type Call, Observations, type Session } from './observations.ts';
import { createCredentials, type SandboxCredentials, type SandboxFiles, SERVER_NAME } from './sandbox-credentials.ts';
import {
  type ResolvedSandboxOptions,
  resolveSandboxOptions,
  type SandboxEvents,
  type SandboxOptions,
} from './sandbox-options.ts';
import { ServerLauncher } from './server-launcher.ts';
import type { ServerExit, ServerProcess } from './server-process.ts';
import { ensureTemporalServer } from './temporal-tools.ts';

/** What {@link Sandbox.issueClient} takes: everything is optional, `usage` is settled. */
export type ClientLeafOptions = Partial<Omit<LeafOptions, 'usage'>>;

/**
 * Starts a real Temporal Service with an mTLS frontend on this machine, and returns when every namespace is usable: in
 * less than a second once the server binary is there. The first time on a machine it is built (minutes; needs Go).
 *
 * The sandbox keeps the process alive until `stop()`, and never outlives it, whatever ends it. A directory that it made
 * itself stays behind when the process is killed.
 *
 * @throws {RoteyError} `ROTEY_TOOLCHAIN_…` when there is no binary and none can be built; `ROTEY_SANDBOX_FAILED` with
 * the last lines of the server's log in `context.log`. Nothing is left running then.
 * @throws the signal's reason when it was aborted.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const resolved = resolveSandboxOptions(options);
  const { env, signal, onProgress } = resolved;
  const binary = await ensureTemporalServer({ env, signal, onProgress });
  const directory = resolve(resolved.directory ?? (await mkdtemp(join(tmpdir(), 'rotey-sandbox-'))));
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const sandbox = new Sandbox(resolved, binary, directory, await createCredentials(directory));
    await sandbox.start();
    return sandbox;
  } catch (error) {
    if (resolved.directory === undefined) await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** A real Temporal Service with an mTLS frontend. Made by {@link startSandbox}. */
export class Sandbox {
  readonly events: SafeEmitter<SandboxEvents> = new SafeEmitter<SandboxEvents>();
  /** Absolute. */
  readonly directory: string;
  readonly namespaces: readonly string[];
  /** For TLS: in the server's certificate, besides `frontend`, `127.0.0.1` and `::1`. */
  readonly serverName: string = SERVER_NAME;
  /** What clients have to trust. */
  readonly serverCaPem: string;
  readonly files: SandboxFiles;
  /** Its leaves are accepted as clients, until {@link setClientCas} says otherwise. */
  readonly clientAuthority: CertificateAuthority;
  readonly #options: ResolvedSandboxOptions;
  readonly #credentials: SandboxCredentials;
  readonly #launcher: ServerLauncher;
  readonly #observations = new Observations();
  #server: ServerProcess | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #expectExit = false;

  /** @internal use {@link startSandbox} */
  constructor(options: ResolvedSandboxOptions, binary: string, directory: string, credentials: SandboxCredentials) {
    this.#options = options;
    this.#credentials = credentials;
    this.#launcher = new ServerLauncher(options, binary, directory, credentials.files);
    this.directory = directory;
    this.namespaces = options.namespaces;
    this.serverCaPem = credentials.serverCaPem;
    this.files = credentials.files;
    this.clientAuthority = credentials.clientAuthority;
  }

  /** `127.0.0.1:PORT`; stays the same over restarts. */
  get address(): string {
    return `127.0.0.1:${this.#launcher.port}`;
  }

  /** Of the server process; undefined while it is down. */
  get pid(): number | undefined {
    return this.#server?.isRunning ? this.#server.pid : undefined;
  }

  /**
   * Every call at the frontend: with which certificate, on which connection, how it ended. Not among them are calls that
   * the server turns away before its interceptors, such as those for an unknown namespace.
   */
  get calls(): Journal<Call> {
    return this.#observations.calls;
  }

  /** Every TLS session of a client, also those on which nothing was called. */
  get sessions(): Journal<Session> {
    return this.#observations.sessions;
  }

  /** How many connections closed before the client's certificate was accepted: refused, none given, or given up. */
  get failedHandshakes(): number {
    return this.#observations.failedHandshakes;
  }

  /** How many of the server's reports were lost because this process read too slowly. 0 unless it was blocked. */
  get droppedReports(): number {
    return this.#observations.droppedLines;
  }

  /**
   * A client certificate that the server accepts.
   *
   * @param options default: common name `client`, valid for 24 hours, else as {@link issueLeaf}.
   */
  async issueClient(options: ClientLeafOptions = {}): Promise<IssuedLeaf> {
    return await issueLeaf(this.clientAuthority, { commonName: 'client', ...options, usage: 'client' });
  }

  /**
   * From now on accepts exactly the clients of these CAs, and returns when the server does so for new connections. Open
   * connections are not touched: a server looks at certificates only in the handshake. While the server is down, it
   * holds from the next start on.
   *
   * @param pems CA certificates, one or several in each.
   * @throws {RoteyError} `ROTEY_SANDBOX_FAILED` when clients need no certificate here, or the server does not accept the
   * contents.
   */
  async setClientCas(pems: readonly string[]): Promise<void> {
    if (!this.#options.requireClientCertificate) {
      throw new RoteyError('ROTEY_SANDBOX_FAILED', 'This sandbox accepts clients without a certificate.');
    }
    await this.#writeAcceptedCas(pems);
    if (!this.#server?.isRunning) return;
    const timeoutMs = this.#options.caRefreshMs + CA_REFRESH_SLACK_MS;
    const file = this.files.acceptedClientCas;
    await this.#server.command({ cmd: 'await-client-cas', file, timeoutMs }, timeoutMs + CA_REFRESH_SLACK_MS);
  }

  /** Refuses the calls that match, from now on. A restart of the server forgets all rules. */
  async refuse(rule: RefuseRule): Promise<ActiveRule> {
    return await this.#addRule('refuse', rule, { code: rule.code, message: rule.message });
  }

  /** Holds the calls that match, from now on. A restart of the server forgets all rules. */
  async delay(rule: DelayRule): Promise<ActiveRule> {
    return await this.#addRule('delay', rule, { ms: rule.forMs });
  }

  /** Ends all rules, and lets go of the calls that they hold. */
  async clear(): Promise<void> {
    if (this.#server?.isRunning) await this.#server.command({ cmd: 'clear' });
  }

  /** Freezes the server: the kernel goes on accepting connections, and nothing answers. */
  suspend(): void {
    this.#server?.suspend();
  }

  /** Undoes {@link suspend}. */
  resume(): void {
    this.#server?.resume();
  }

  /** Ends the server at once, as a crash would. The sandbox stays; {@link start} brings it back. Idempotent. */
  async kill(): Promise<void> {
    await this.#expectedExit();
    await this.#server?.kill();
  }

  /**
   * Starts the server again after {@link kill}, at the same address and with the same certificates. Does nothing while it
   * runs.
   *
   * @throws {RoteyError} `ROTEY_SANDBOX_FAILED`; may be called again.
   */
  async start(): Promise<void> {
    if (this.#stopping !== undefined) throw new RoteyError('ROTEY_SANDBOX_FAILED', 'The sandbox has been stopped.');
    if (this.#server?.isRunning) return;
    this.#starting ??= this.#startServer().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /** Stops the server, at most 8 s, and removes the directory unless it was given. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#end((server) => server.stop());
    await this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  readonly #abort = () => {
    this.#stopping ??= this.#end((server) => server.kill());
    this.#stopping.catch(() => undefined); // whoever calls stop() is told
  };

  async #end(how: (server: ServerProcess) => Promise<ServerExit>): Promise<void> {
    await this.#expectedExit();
    this.#options.signal?.removeEventListener('abort', this.#abort);
    if (this.#server !== undefined) await how(this.#server);
    if (this.#options.directory === undefined) await rm(this.directory, { recursive: true, force: true });
  }

  /** From now on an end is no surprise, nor is that of a server that is being started. */
  async #expectedExit(): Promise<void> {
    this.#expectExit = true;
    await this.#starting?.catch(() => undefined);
    this.#expectExit = true;
  }

  async #startServer(): Promise<void> {
    const { signal, clientCaPems } = this.#options;
    if (this.#server === undefined) {
      await this.#writeAcceptedCas([this.clientAuthority.certificatePem, ...clientCaPems]);
    }
    const server = await this.#launcher.launch((line) => this.#observations.take(line));
    this.#server = server;
    this.#expectExit = false;
    void server.exited.then((exit) => {
      this.#observations.serverGone(systemClock.now());
      this.events.emit('exited', { ...exit, expected: this.#expectExit });
    });
    signal?.addEventListener('abort', this.#abort);
    if (signal?.aborted) this.#abort();
  }

  /**
   * Whole or not at all: the server reads the file whenever it likes. To see whether it has changed, the server compares
   * the first certificate of the file only (v1.32.1, common/rpc/encryption/local_store_cert_provider.go, `parseCert`),
   * so the first one is a new one each time, an authority whose key nobody has.
   */
  async #writeAcceptedCas(pems: readonly string[]): Promise<void> {
    const path = this.files.acceptedClientCas;
    const id = randomUUID();
    const marker = await createAuthority({ commonName: `rotey sandbox: set of CAs ${id}` });
    const draft = `${path}.${id}`;
    await writeFile(draft, `${[marker.certificatePem, ...pems, this.#credentials.systemCaPem].join('\n')}\n`);
    await rename(draft, path);
  }

  async #addRule(cmd: 'refuse' | 'delay', filter: CallFilter, what: object): Promise<ActiveRule> {
    const server = this.#server;
    if (!server?.isRunning) throw new RoteyError('ROTEY_SANDBOX_FAILED', 'The server is down.', { retryable: true });
    const rule = randomUUID();
    const { serial, methods, namespace } = filter;
    await server.command({ cmd, rule, serial, methods, namespace, ...what });
    const clear = async () => {
      if (server.isRunning) await server.command({ cmd: 'clear', rule });
    };
    return { clear, [Symbol.asyncDispose]: clear };
  }
}

/** What reading files, and answering, may take beyond the interval. */
const CA_REFRESH_SLACK_MS = 5_000;
