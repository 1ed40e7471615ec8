import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DemoResult } from '../../../examples/demo/result.ts';

const MAIN = fileURLToPath(new URL('../../../examples/demo/main.ts', import.meta.url));

export interface DemoRun {
  readonly exitCode: number | null;
  /** Everything that it printed. */
  readonly output: string;
  readonly result: DemoResult;
}

/** Runs the demo as `npm run demo` does, to its end. */
export async function runDemo(t: TestContext, args: readonly string[]): Promise<DemoRun> {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-demo-test-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const jsonFile = join(directory, 'result.json');
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, '--json', jsonFile, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    return { exitCode, output, result: JSON.parse(await readFile(jsonFile, 'utf8')) };
  } catch (error) {
    throw new Error(`The demo has left no result (exit code ${exitCode}):\n${output}`, { cause: error });
  }
}
