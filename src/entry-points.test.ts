import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = new URL('../', import.meta.url);

/** Imports the module whose URL is its argument, and prints which packages that loaded. */
const PROGRAM = `
import { createRequire, register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const HOOKS = \`
let port;
export function initialize(given) { port = given; }
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  port.postMessage({ from: context.parentURL, url: resolved.url });
  return resolved;
}\`;
const { port1, port2 } = new MessageChannel();
register('data:text/javascript,' + encodeURIComponent(HOOKS), { data: port2, transferList: [port2] });
const { cache } = createRequire(import.meta.url);
const before = new Set(Object.keys(cache));

await import(process.argv[1]);

const imports = [];
for (let got = receiveMessageOnPort(port1); got !== undefined; got = receiveMessageOnPort(port1)) imports.push(got.message);
const required = Object.keys(cache).filter((file) => !before.has(file));
console.log(JSON.stringify({ imports, required }));
port1.close();
`;

interface Loaded {
  /** Packages that files of rotey have imported. */
  readonly byRotey: readonly string[];
  /** Those, and what they in turn have loaded. */
  readonly all: readonly string[];
}

/** Loads a module, named from the root of the project, in a process of its own. */
async function load(module: string): Promise<Loaded> {
  const url = new URL(module, ROOT).href;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM, url],
    { cwd: fileURLToPath(ROOT), maxBuffer: 16 * 1024 * 1024 },
  );
  const told: unknown = JSON.parse(stdout);
  const { imports, required } = told as { imports: { from?: string; url: string }[]; required: string[] };
  const ours = new URL('src/', ROOT).href;
  assert.ok(imports.length > 0, `${module} was seen`);
  return {
    byRotey: packagesOf(imports.filter(({ from }) => from?.startsWith(ours)).map((one) => one.url)),
    all: packagesOf([...imports.map((one) => one.url), ...required]),
  };
}

function packagesOf(places: readonly string[]): readonly string[] {
  const names = places.flatMap((place) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(place)?.[1] ?? []);
  return [...new Set(names)].sort();
}

async function entryPoints(): Promise<ReadonlyMap<string, string>> {
  const { exports }: { exports: Record<string, string | { default: string }> } = JSON.parse(
    await readFile(new URL('package.json', ROOT), 'utf8'),
  );
  const modules = Object.entries(exports).flatMap(([name, target]) =>
    typeof target === 'string' ? [] : [[name, target.default] as const],
  );
  return new Map(modules.map(([name, file]) => [name, file.replace('./dist/', './src/').replace(/\.js$/, '.ts')]));
}

/** What comes with rotey or stands beside it is loaded by what needs it (docs/decisions/010-…), never by an import. */
describe('an entry point', async () => {
  for (const [name, module] of await entryPoints()) {
    it(`${name} loads no package`, async () => assert.deepEqual((await load(module)).all, []));
  }

  it('is watched: what the command line loads shows', async () => {
    assert.deepEqual((await load('src/cli/program.ts')).byRotey, ['commander']);
  });
});
