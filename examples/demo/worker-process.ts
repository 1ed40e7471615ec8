import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerMessage } from './worker/messages.ts';

export interface WorkerProcessEvents {
  told: [message: WorkerMessage];
  /** A line on its stdout or stderr. */
  line: [text: string];
}

/** The Worker in a process of its own, as seen from outside. It never outlives this one. */
export class WorkerProcess extends EventEmitter<WorkerProcessEvents> {
  /** Resolves in words: `exit code 1`, `SIGKILL`. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  #stopping = false;
  #endedEarly = false;

  /** @param script a file in worker/ */
  constructor(script: URL, environment: Readonly<Record<string, string>>) {
    super();
    // A session of its own: Ctrl-C in the terminal is for the demo, which ends the Worker in order.
    this.#child = fork(script, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...environment },
    });
    // Both ends of the channel are in this folder, so what arrives is what `tell` takes.
    this.#child.on('message', (message) => void this.emit('told', message as WorkerMessage));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => void this.emit('line', line));
    }
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('close', (code, signal) => {
        this.#endedEarly = !this.#stopping;
        resolve(signal ?? `exit code ${code}`);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** It ended before it was told to: somebody would have to start it again. */
  get endedEarly(): boolean {
    return this.#endedEarly;
  }

  /** Asks it to stop, as Kubernetes does, and returns when it is gone: after {@link PATIENCE_MS} it is killed. */
  async stop(): Promise<string> {
    this.#stopping = true;
    this.#child.kill('SIGTERM');
    const patience = new AbortController();
    sleep(PATIENCE_MS, undefined, { signal: patience.signal }).then(
      () => this.kill(),
      () => undefined, // it has stopped
    );
    try {
      return await this.exited;
    } finally {
      patience.abort();
    }
  }

  kill(): void {
    this.#stopping = true;
    this.#child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** The Worker gives itself 5 s. */
const PATIENCE_MS = 10_000;
