import assert from 'node:assert/strict';
import test from 'node:test';
import { findViolations, LAYERS } from './check-imports.ts';

const reasons = (file: string, text: string): readonly string[] => findViolations(file, text).map(({ why }) => why);

test('imports that go up the list are fine', () => {
  const text = `/**
 * import { x } from '../cli/index.ts';
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import {
  type Pair,
  readPair,
} from '../identity/index.ts';
import './own-file.ts';
export { type Other, other } from './other.ts';
const text = "it's from 'nowhere'"; // import from '../cli/index.ts'
export function setTimeoutMs(): void {}
socket.setTimeout(5);
`;
  assert.deepEqual(findViolations('source/file-source.ts', text), []);
});

test('an import in the wrong direction is found, with its line', () => {
  const text = "import { a } from './a.ts';\nimport {\n  type X,\n} from '../worker/index.ts';\n";
  assert.deepEqual(findViolations('rotation/plan.ts', text), [
    { file: 'rotation/plan.ts', line: 4, why: 'rotation must not import worker (worker/index.ts)' },
  ]);
});

for (const [what, text] of [
  ['a type import', "import type { X } from '../rotation/index.ts';"],
  ['a bare import', "import '../rotation/index.ts';"],
  ['a re-export', "export { type X } from '../rotation/index.ts';"],
  ['a re-export over several lines', "export {\n  type X,\n} from '../rotation/index.ts';"],
  ['a re-export of everything', "export * from '../rotation/index.ts';"],
  ['a dynamic import', "const x = await import('../rotation/index.ts');"],
  ['an import of a type in place', "let x: import('../rotation/index.ts').X;"],
]) {
  test(`${what} counts as an import`, () => {
    assert.deepEqual(reasons('identity/pair.ts', `${text}\n`), [
      'identity must not import rotation (rotation/index.ts)',
    ]);
  });
}

test('the rooms at the end of the list do not know each other', () => {
  const [worker, sandbox] = ["import { a } from '../worker/index.ts';\n", "import { b } from '../sandbox/index.ts';\n"];
  assert.equal(reasons('sandbox/sandbox.ts', worker).length, 1);
  assert.equal(reasons('worker/index.ts', sandbox).length, 1);
  assert.deepEqual(reasons('cli/main.ts', worker + sandbox), []);
});

test('the table has no cycle', () => {
  const seen = new Set<string>();
  const visit = (layer: string, path: readonly string[]): void => {
    assert.ok(!path.includes(layer), `cycle: ${[...path, layer].join(' → ')}`);
    if (seen.has(layer)) return;
    for (const next of LAYERS[layer] ?? []) visit(next, [...path, layer]);
    seen.add(layer);
  };
  for (const layer of Object.keys(LAYERS)) visit(layer, []);
});

test('a folder that nobody has placed is refused', () => {
  assert.deepEqual(reasons('utils/x.ts', ''), ["'utils' is not in the table of scripts/check-imports.ts"]);
});

test('src/ imports nothing that does not ship', () => {
  assert.deepEqual(reasons('pki/leaf.ts', "import { x } from '../../test/support/x.ts';\n"), [
    '../test/support/x.ts is outside of src/',
  ]);
  assert.deepEqual(reasons('pki/leaf.ts', "import { x } from './leaf.test.ts';\n"), ['pki/leaf.test.ts is for tests']);
  assert.deepEqual(reasons('pki/leaf.ts', "import { x } from '../probe/testing/servers.ts';\n"), [
    'probe/testing/servers.ts is for tests',
  ]);
});

test('packages belong to one room', () => {
  const text = "import { Worker } from '@temporalio/worker';\nimport { Command } from 'commander';\n";
  assert.deepEqual(reasons('worker/a.ts', text), ['commander may be imported only in cli/']);
  assert.deepEqual(reasons('cli/a.ts', text), ['@temporalio/worker may be imported only in worker/']);
  assert.deepEqual(reasons('pki/a.ts', "import * as pkijs from 'pkijs';\n"), ['nothing in src/ may import pkijs']);
});

test('the outside world is reached at the edges only', () => {
  const [reason] = reasons('identity/pair.ts', "import { readFile } from 'node:fs/promises';\n");
  assert.match(reason ?? '', /^node:fs\/promises may be imported only in source\/, /);
  assert.deepEqual(reasons('pki/leaf.ts', "import { isIP } from 'node:net';\n").length, 1);
  assert.deepEqual(reasons('pki/subject-alternative-names.ts', "import { isIP } from 'node:net';\n"), []);
  assert.deepEqual(reasons('source/a.ts', "import { readFile } from 'fs';\n"), ["say 'node:fs'"]);
});

for (const line of [
  'setTimeout(done, 5);',
  'const now = Date.now();',
  'const now = new Date();',
  'const t = performance.now();',
  "console.error('x');",
  "process.stdout.write('x');",
  'process.exit(1);',
  "process.on('SIGTERM', stop);",
]) {
  test(`${line} is found`, () => {
    assert.equal(findViolations('rotation/a.ts', `${line}\n`).length, 1);
    assert.deepEqual(findViolations('rotation/a.ts', `// ${line}\n/** ${line} */\n`), []);
  });
}
