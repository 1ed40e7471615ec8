/**
 * Finding Go and running it. The only file of this folder that starts compilers.
 *
 * @module
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { RoteyError } from '../errors.ts';

const INSTALL_HINT =
  'Install Go from https://go.dev/dl/ and have `go` on the PATH, or name a binary that exists already in ROTEY_TEMPORAL_SERVER (ROTEY_TEMPORAL_CLI for the CLI).';

/** How many of the last lines an error carries: enough for a compiler's message, short enough to read. */
const TAIL_LINES = 20;

export interface RunGoOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Kills Go and all compilers that it has started. */
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string | undefined;
  /** Called with every line that Go prints: packages (`-v`), downloads, errors. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/**
 * Makes sure that `go` is there and new enough.
 *
 * @param minimum for example `1.26.8`: the `go` directive of what is to be built.
 * @throws {RoteyError} `ROTEY_TOOLCHAIN_MISSING` when there is no `go` on the PATH, or it does not say its version.
 * @throws {RoteyError} `ROTEY_TOOLCHAIN_TOO_OLD` when it is older. Go's own way out, downloading a newer toolchain, is
 * switched off (GOTOOLCHAIN=local): a build should not surprise anybody with 200 MB from the network.
 */
export async function requireGo(minimum: string, options: RunGoOptions): Promise<void> {
  const said: string[] = [];
  try {
    await runGo(['version'], { ...options, onLine: (line) => said.push(line) });
  } catch (error) {
    if (options.signal?.aborted || (error instanceof RoteyError && error.code === 'ROTEY_TOOLCHAIN_MISSING'))
      throw error;
    throw new RoteyError('ROTEY_TOOLCHAIN_MISSING', 'The `go` on the PATH does not work.', {
      cause: error,
      hint: INSTALL_HINT,
    });
  }
  const found = parseGoVersion(said.join(' '));
  if (found === undefined) {
    throw new RoteyError('ROTEY_TOOLCHAIN_MISSING', '`go version` does not say a version.', {
      hint: INSTALL_HINT,
      context: { said: said.join('\n') },
    });
  }
  if (isOlder(found, minimum)) {
    throw new RoteyError('ROTEY_TOOLCHAIN_TOO_OLD', `Go ${found} is too old: ${minimum} or newer is needed.`, {
      hint: INSTALL_HINT,
      context: { found, minimum },
    });
  }
}

/** The version in the output of `go version`, for example `1.26.8`; undefined when there is none. */
export function parseGoVersion(output: string): string | undefined {
  return /\bgo(\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
}

/** Whether a version of Go comes before another. A missing patch number counts as 0. */
export function isOlder(version: string, minimum: string): boolean {
  const [a, b] = [version, minimum].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * Runs `go` to its end, in a process group of its own so that an abort takes the compilers with it. Should this process
 * be killed, Go ends at the next line that it cannot print.
 *
 * @throws {RoteyError} `ROTEY_TOOLCHAIN_MISSING` when there is no `go`; `ROTEY_TOOLCHAIN_BUILD_FAILED` with the last
 * lines when it fails.
 * @throws the signal's reason when it was aborted; everything has ended by then.
 */
export async function runGo(args: readonly string[], { env, signal, cwd, onLine }: RunGoOptions): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn('go', args, {
    cwd,
    env: { ...env, GOTOOLCHAIN: 'local', GOWORK: 'off' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const tail: string[] = [];
  const keep = (line: string) => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    onLine?.(line);
  };
  const kill = () => killGroup(child.pid);
  signal?.addEventListener('abort', kill, { once: true });
  try {
    const ended = await end(child, keep);
    signal?.throwIfAborted();
    if (ended !== 0) throw buildFailed(args, ended, tail);
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

/** Resolves with the exit code or signal, after the last line. */
function end(child: ChildProcessByStdio<null, Readable, Readable>, onLine: (line: string) => void) {
  createInterface(child.stdout).on('line', onLine);
  createInterface(child.stderr).on('line', onLine);
  return new Promise<number | string>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(
        new RoteyError('ROTEY_TOOLCHAIN_MISSING', 'Go is not installed, or not on the PATH.', {
          cause,
          hint: INSTALL_HINT,
        }),
      ),
    );
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

function buildFailed(args: readonly string[], ended: number | string, tail: readonly string[]): RoteyError {
  const last = tail.at(-1);
  return new RoteyError(
    'ROTEY_TOOLCHAIN_BUILD_FAILED',
    `\`go ${args[0]}\` failed (${ended})${last === undefined ? '' : `: ${last}`}`,
    {
      hint: 'The first build downloads modules: check the network, or GOPROXY and GOFLAGS (`go env`).',
      context: { command: ['go', ...args].join(' '), lastLines: tail.join('\n') },
    },
  );
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
