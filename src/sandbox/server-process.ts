/**
 * One run of the server binary: its start, its lines, its end.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import type { ServerLine } from './observations.ts';

export interface ServerProcessOptions {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly startTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLine: (line: ServerLine) => void;
  /** Called with each line of the server's log. */
  readonly onLog?: ((line: string) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** How a process ended. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How many lines of the server's log an error carries. */
const TAIL_LINES = 20;
/** The server gives itself 5 s to stop; then something is wrong. */
const STOP_TIMEOUT_MS = 8_000;
const REPLY_TIMEOUT_MS = 15_000;

/** A running server. It stops when this process ends, whatever ended it: it reads the end of its stdin. */
export class ServerProcess {
  readonly exited: Promise<ServerExit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #clock: Clock;
  readonly #onLine: (line: ServerLine) => void;
  readonly #log: string[] = [];
  readonly #waiting = new Map<number, (reply: ServerLine) => void>();
  readonly #ready = new AbortController();
  readonly #gone = new AbortController();
  #lastCommand = 0;

  /**
   * Starts the server and returns when it is ready. Nothing is left running when it fails.
   *
   * @throws {RoteyError} `ROTEY_SANDBOX_FAILED` with the last lines of the server's log in `context.log`.
   * @throws the signal's reason when it was aborted.
   */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    options.signal?.throwIfAborted();
    const server = new ServerProcess(options);
    try {
      await server.#untilReady(options);
      return server;
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  private constructor({ binary, args, cwd, onLine, onLog, clock = systemClock }: ServerProcessOptions) {
    this.#clock = clock;
    this.#onLine = onLine;
    // A session of its own: Ctrl-C in the terminal is for us, and we stop the server in order.
    this.#child = spawn(binary, args, { cwd, stdio: 'pipe', detached: true });
    this.#child.stdin.on('error', () => undefined); // it went away; `exited` says so
    createInterface(this.#child.stdout).on('line', (line) => this.#take(line));
    createInterface(this.#child.stderr).on('line', (line) => {
      this.#log.push(line);
      if (this.#log.length > TAIL_LINES) this.#log.shift();
      onLog?.(line);
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#log.push(error.message);
        resolve({ code: null, signal: null });
      });
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    });
    void this.exited.then(() => this.#gone.abort());
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return !this.#gone.signal.aborted;
  }

  /**
   * Sends a command and waits for its reply.
   *
   * @throws {RoteyError} `ROTEY_SANDBOX_FAILED` when the server refuses it, is gone, or does not answer in time
   * (suspended, for example).
   */
  async command(command: Readonly<Record<string, unknown>>, timeoutMs: number = REPLY_TIMEOUT_MS): Promise<ServerLine> {
    const id = ++this.#lastCommand;
    const done = new AbortController();
    try {
      const reply = new Promise<ServerLine>((resolve) => this.#waiting.set(id, resolve));
      if (this.isRunning) this.#child.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
      const answer = await Promise.race([reply, this.#missing(timeoutMs, done.signal)]);
      if (answer['ok'] === true) return answer;
      throw failed(`The server refuses the command ${command['cmd']}: ${answer['error']}.`, this.#log);
    } finally {
      this.#waiting.delete(id);
      done.abort();
    }
  }

  /** Stops the server in order, within 8 s; a server that does not stop is killed. Idempotent. */
  async stop(): Promise<ServerExit> {
    const done = new AbortController();
    this.#child.stdin.end();
    this.resume();
    this.#clock.sleep(STOP_TIMEOUT_MS, { signal: done.signal }).then(
      () => this.#signal('SIGKILL'),
      () => undefined, // it has stopped
    );
    try {
      return await this.exited;
    } finally {
      done.abort();
    }
  }

  /** Ends the server at once. Idempotent. */
  async kill(): Promise<ServerExit> {
    this.#signal('SIGKILL');
    return await this.exited;
  }

  /** Freezes the server: connections stay open and are accepted by the kernel, and nothing answers. */
  suspend(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(signal);
  }

  #take(text: string): void {
    let line: ServerLine;
    try {
      line = JSON.parse(text);
    } catch {
      return; // cut off by the end of the process
    }
    if (line['event'] === 'ready') this.#ready.abort();
    else if (line['event'] === 'reply') this.#waiting.get(Number(line['id']))?.(line);
    else this.#onLine(line);
  }

  async #untilReady({ startTimeoutMs, signal }: ServerProcessOptions): Promise<void> {
    const done = new AbortController();
    try {
      await Promise.race([
        aborted(this.#ready.signal, done.signal),
        this.#missing(startTimeoutMs, done.signal),
        ...(signal === undefined ? [] : [aborted(signal, done.signal)]),
      ]);
      signal?.throwIfAborted();
    } finally {
      done.abort();
    }
  }

  /** Rejects when the server has ended, or after the time. Settles one way or the other when `over` is aborted. */
  async #missing(timeoutMs: number, over: AbortSignal): Promise<never> {
    const until = AbortSignal.any([over, this.#gone.signal]);
    await this.#clock.sleep(timeoutMs, { signal: until, ref: true }).catch(() => undefined);
    if (this.isRunning) throw failed(`The Temporal server did not answer within ${timeoutMs} ms.`, this.#log);
    const { code, signal } = await this.exited;
    throw failed(`The Temporal server ended (${signal ?? `exit code ${code}`}): ${reason(this.#log)}`, this.#log);
  }
}

/** Resolves when `signal` aborts; rejects, and listens no more, when `over` does. */
async function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort', { signal: over });
}

function failed(message: string, log: readonly string[]): RoteyError {
  return new RoteyError('ROTEY_SANDBOX_FAILED', message, { context: { log: log.join('\n') } });
}

/** The message of the last line of the log, which is JSON but for Go's own panics and our own words. */
function reason(log: readonly string[]): string {
  const last = log.findLast((line) => /"level":"(?:error|fatal|panic)"|^temporal-server:/.test(line)) ?? log.at(-1);
  if (last === undefined) return 'it said nothing.';
  try {
    const { msg, error }: { msg?: unknown; error?: unknown } = JSON.parse(last);
    return [msg, error].filter((part) => typeof part === 'string').join(': ');
  } catch {
    return last;
  }
}
