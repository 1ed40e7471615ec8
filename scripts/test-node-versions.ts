/**
 * Runs the tests under several versions of Node, one after the other, and says at the end how each went.
 *
 * ```
 * npm run test:node-versions                                       unit tests on 20, 22, 24, 26; e2e on 20 and 24
 * npm run test:node-versions -- --unit 22,26 --e2e 24 --short      what you name; `--e2e none` leaves a kind out
 * ```
 *
 * A version that cannot be had is skipped with a line that says so; with `CI=true` that is a failure.
 *
 * @module
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { nodeBinary, nodePackage } from './node-binary.ts';
import { runTests, type TestKind } from './run-tests.ts';

interface Run {
  readonly kind: TestKind;
  readonly major: number;
}

type Outcome = 'passed' | 'failed' | 'skipped';

const { values } = parseArgs({
  options: {
    unit: { type: 'string', default: '20,22,24,26' },
    e2e: { type: 'string', default: '20,24' },
    short: { type: 'boolean', default: false },
  },
});

const runs = [...runsOf('unit', values.unit), ...runsOf('e2e', values.e2e)];
const lines: string[] = [];
for (const run of runs) {
  const startedAt = performance.now();
  const outcome = await runOne(run);
  lines.push(`${title(run)}: ${outcome} (${Math.round((performance.now() - startedAt) / 1000)} s)`);
  if (outcome === 'failed') process.exitCode = 1;
}
console.log(`\n${lines.join('\n')}`);

function runsOf(kind: TestKind, list: string): readonly Run[] {
  if (list === 'none') return [];
  return list.split(',').map((text) => {
    const major = Number(text);
    if (!Number.isInteger(major) || major < 20) throw new Error(`--${kind} ${list}: '${text}' is no version of Node.`);
    return { kind, major };
  });
}

async function runOne(run: Run): Promise<Outcome> {
  const name = nodePackage();
  if (name === undefined) {
    return skip(run, `npm has no package with Node for ${process.platform}-${process.arch}`);
  }
  let node: string;
  try {
    node = await nodeBinary(run.major, name);
  } catch (error) {
    return skip(run, error instanceof Error ? error.message : String(error));
  }
  console.log(`\n${title(run)}: ${node}`);
  return (await runTests(run.kind, { node, short: values.short })) === 0 ? 'passed' : 'failed';
}

function skip(run: Run, why: string): Outcome {
  console.log(`\n${title(run)}: skipped, because ${why}`);
  return process.env['CI'] === 'true' ? 'failed' : 'skipped';
}

function title({ kind, major }: Run): string {
  return `Node ${major}, ${kind} tests`;
}
