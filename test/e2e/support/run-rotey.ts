import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

export type Rotey = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts the command line as a process of its own, which is killed when the test has ended. */
export function spawnRotey(t: TestContext, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Rotey {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { env, stdio: 'pipe' });
  child.stdin.on('error', () => undefined); // it may end before it has read all
  t.after(() => child.kill('SIGKILL'));
  return child;
}

export interface RoteyOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** Collects what it says until it has ended. */
export async function outcomeOf(rotey: Rotey): Promise<RoteyOutcome> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  rotey.stdout.setEncoding('utf8').on('data', (piece: string) => stdout.push(piece));
  rotey.stderr.setEncoding('utf8').on('data', (piece: string) => stderr.push(piece));
  const [exitCode] = await once(rotey, 'close');
  return { stdout: stdout.join(''), stderr: stderr.join(''), exitCode };
}
