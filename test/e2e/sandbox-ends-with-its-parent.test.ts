import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from './support/eventually.ts';
import { processExists } from './support/process-exists.ts';
import { requireToolchain } from './support/require-toolchain.ts';

const skip = await requireToolchain();
const PROGRAM = fileURLToPath(new URL('./support/hold-sandbox.ts', import.meta.url));

test('the server ends when its parent is killed', { skip }, async (t) => {
  const { parent, server } = await holdSandbox(t);
  parent.kill('SIGKILL');
  await eventually('the server has ended', () => !processExists(server));
});

test('a suspended server ends when its parent is killed', {
  skip: skip || (process.platform !== 'linux' && 'only Linux wakes a suspended child'),
}, async (t) => {
  const { parent, server } = await holdSandbox(t);
  process.kill(server, 'SIGSTOP');
  parent.kill('SIGKILL');
  await eventually('the server has ended', () => !processExists(server));
});

/** A program that holds a sandbox, and the process id of its server. */
async function holdSandbox(t: TestContext): Promise<{ parent: Program; server: number }> {
  const parent = spawn(process.execPath, ['--import', 'tsx', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => parent.kill('SIGKILL'));
  for await (const line of createInterface(parent.stdout)) {
    const { pid, directory }: { pid: number; directory: string } = JSON.parse(line);
    t.after(() => rm(directory, { recursive: true, force: true })); // who is killed cannot tidy up
    assert.ok(processExists(pid));
    return { parent, server: pid };
  }
  throw new Error('The program ended without a sandbox.');
}

type Program = ChildProcessByStdio<null, Readable, null>;
