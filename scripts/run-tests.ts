/**
 * Runs the tests with Node's own runner. `node --test` of Node 20 takes no patterns, so the files are collected here.
 *
 * ```
 * npm run test:unit                                files named *.test.ts in src/ and scripts/
 * npm run test:e2e                                 files named *.test.ts in test/e2e/ and test/interop/
 * npm run test:e2e -- --short                      without *.long.test.ts, and with ROTEY_TEST_SHORT=1 set
 * npm run test:unit -- backoff pem                 only files whose path contains one of the words
 * npm run test:unit -- --node /opt/node22/bin/node under another Node
 * ```
 *
 * On a terminal the results are written for people, elsewhere as TAP, which ends with the lines `# pass N` and `# fail N`
 * on every version of Node.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

export type TestKind = 'unit' | 'e2e';

export interface RunTestsOptions {
  /** The Node to run them under. Default: this one. */
  readonly node?: string | undefined;
  /** Leave out what takes minutes. */
  readonly short?: boolean | undefined;
  /** Only files whose path contains one of these. Default: all. */
  readonly only?: readonly string[] | undefined;
  readonly concurrency?: number | undefined;
}

interface Kind {
  readonly folders: readonly string[];
  readonly concurrency: number;
  /** For one file. A test that hangs must not use up the time of the whole run. */
  readonly fileTimeoutMs: number;
}

/** Each e2e file starts a server of its own, so two at a time are enough to keep a small machine busy. */
const KINDS: Readonly<Record<TestKind, Kind>> = {
  unit: { folders: ['src', 'scripts'], concurrency: 2, fileTimeoutMs: 3 * 60_000 },
  e2e: { folders: ['test/e2e', 'test/interop'], concurrency: 1, fileTimeoutMs: 15 * 60_000 },
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs them to their end and answers with the exit code of the runner. */
export async function runTests(kind: TestKind, options: RunTestsOptions = {}): Promise<number> {
  const { node = process.execPath, short = false, only = [] } = options;
  const { folders, fileTimeoutMs, concurrency } = KINDS[kind];
  const files = selectTests((await Promise.all(folders.map(testFiles))).flat(), { short, only });
  if (files.length === 0)
    throw new Error(`There are no ${kind} tests${only.length > 0 ? ` for ${only.join(', ')}` : ''}.`);
  const args = [
    ...['--import', 'tsx', '--test'],
    `--test-concurrency=${options.concurrency ?? concurrency}`,
    `--test-timeout=${fileTimeoutMs}`,
    `--test-reporter=${process.stdout.isTTY ? 'spec' : 'tap'}`,
    ...files,
  ];
  // Programs that tests start by the name `node` shall be the same Node.
  const path = [dirname(node), process.env['PATH']].filter(Boolean).join(delimiter);
  const env = { ...process.env, PATH: path, ...(short ? { ROTEY_TEST_SHORT: '1' } : {}) };
  const child = spawn(node, args, { cwd: ROOT, env, stdio: 'inherit' });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Which of the files are wanted, in a stable order. */
export function selectTests(
  files: readonly string[],
  { short, only }: { readonly short: boolean; readonly only: readonly string[] },
): readonly string[] {
  return files
    .filter((file) => !short || !file.endsWith('.long.test.ts'))
    .filter((file) => only.length === 0 || only.some((word) => file.includes(word)))
    .sort();
}

async function testFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(ROOT, folder), { recursive: true });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => join(folder, name));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { node: { type: 'string' }, short: { type: 'boolean' }, concurrency: { type: 'string' } },
  });
  const [kind, ...only] = positionals;
  if (kind !== 'unit' && kind !== 'e2e') throw new Error('Say which tests: `unit` or `e2e`.');
  const concurrency = values.concurrency === undefined ? undefined : Number(values.concurrency);
  process.exitCode = await runTests(kind, { node: values.node, short: values.short, only, concurrency });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
