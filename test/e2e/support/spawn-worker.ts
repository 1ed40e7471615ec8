import { type ChildProcess, spawn } from 'node:child_process';
import type { TestContext } from 'node:test';

/** A Worker in a process of its own. */
export interface SpawnedWorker {
  readonly process: ChildProcess;
  /** Rejects when it ends badly. */
  readonly failed: Promise<never>;
  log(): string;
}

/** Runs a TypeScript program with these variables in its environment; killed when the test has ended. */
export function spawnWorker(t: TestContext, program: string, env: Readonly<Record<string, string>>): SpawnedWorker {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('close', (code) => code !== 0 && reject(new Error(`The Worker has ended:\n${log}`)));
  });
  failed.catch(() => undefined); // whoever waits for it is told
  return { process: child, failed, log: () => log };
}
