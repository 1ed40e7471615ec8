/**
 * Keeps the house in order: which folder of src/ may import which, which files may touch the outside world, and that
 * time comes from `clock.ts`. Exits with 1 and one line for each violation.
 *
 * It looks at lines, not at syntax trees: the code is formatted, so an import begins its line and a `*` or `//` begins
 * a comment. A table that everybody can read is worth more here than a parser.
 *
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const BASE = ['errors', 'clock', 'safe-emitter'] as const;

/** What each folder (or file directly in src/) may import of the others. Whoever is not in the table may not exist. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  'error-catalog': ['errors'],
  clock: [],
  'safe-emitter': ['errors'],
  environment: [],
  duration: [],
  'unless-aborted': [],
  observe: BASE,
  asn1: ['errors'],
  identity: ['errors', 'clock', 'asn1'],
  source: [...BASE, 'identity'],
  probe: ['errors', 'clock', 'identity'],
  rotation: [...BASE, 'observe', 'identity', 'source'],
  pki: ['errors', 'clock', 'asn1', 'identity'],
  config: ['errors', 'environment', 'duration', 'unless-aborted', 'identity'],
  inspect: ['errors', 'clock', 'unless-aborted', 'asn1', 'identity', 'source', 'probe'],
  check: [...BASE, 'unless-aborted', 'identity', 'source', 'probe'],
  watch: [...BASE, 'unless-aborted', 'observe', 'identity', 'source', 'probe', 'rotation'],
  worker: [...BASE, 'environment', 'observe', 'identity', 'source', 'probe', 'rotation'],
  sandbox: [...BASE, 'identity', 'pki'],
  cli: [
    ...[...BASE, 'environment', 'duration', 'observe', 'identity', 'source', 'probe', 'rotation', 'pki'],
    ...['config', 'inspect', 'check', 'watch', 'worker', 'sandbox'],
  ],
  index: [...BASE, 'identity', 'source', 'rotation'],
};

/** Packages, and who may import them. `@scope/*` stands for all of a scope. Everything else is forbidden in src/. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@temporalio/*': ['worker/'],
  commander: ['cli/'],
  pino: ['cli/'],
  'prom-client': ['observe/'],
  'smol-toml': ['config/'],
  yaml: ['config/', 'inspect/'],
  zod: ['config/', 'observe/'],
};

/** Node's modules that reach outside of the process or know the time, and the only folders and files that may use them. */
export const EDGES: Readonly<Record<string, readonly string[]>> = {
  'node:fs': [
    'source/',
    'pki/',
    'config/',
    'sandbox/',
    'cli/',
    'observe/control-socket.ts',
    'inspect/read-input.ts',
    'inspect/list-directory.ts',
  ],
  'node:net': ['probe/', 'observe/', 'sandbox/', 'pki/subject-alternative-names.ts'], // the last asks `isIP`, no more
  'node:dns': ['probe/'],
  'node:tls': ['probe/', 'inspect/public-roots.ts'], // the last reads Node's own list of CAs, no more
  'node:http': ['probe/', 'observe/'],
  'node:http2': ['probe/'],
  'node:https': [],
  'node:dgram': [],
  'node:child_process': ['sandbox/', 'cli/'],
  'node:worker_threads': [],
  'node:timers': ['clock.ts'],
  'node:perf_hooks': ['clock.ts'],
};

interface Ban {
  readonly what: string;
  readonly pattern: RegExp;
  readonly allowedIn: readonly string[];
}

/** Globals that only some places may use. */
export const BANS: readonly Ban[] = [
  {
    what: 'timers and the present time belong to clock.ts',
    pattern:
      /(?<![.\w$#]|function )(?:setTimeout|setInterval|setImmediate)\(|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
    allowedIn: ['clock.ts'],
  },
  { what: 'printing belongs to cli/', pattern: /\bconsole\.|\bprocess\.std(?:out|err)\b/, allowedIn: ['cli/'] },
  {
    what: 'ending the process and its signals belong to cli/',
    pattern: /\bprocess\.(?:exit|abort|exitCode|on|once)\b/,
    allowedIn: ['cli/'],
  },
];

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly why: string;
}

/**
 * @param file relative to src/, with slashes
 */
export function findViolations(file: string, text: string): readonly Violation[] {
  const code = withoutComments(text);
  const layer = layerOf(file);
  if (LAYERS[layer] === undefined) {
    return [{ file, line: 1, why: `'${layer}' is not in the table of scripts/check-imports.ts` }];
  }
  const violations = importsOf(code).flatMap(({ specifier, line }) => {
    const why = importProblem(file, specifier);
    return why === undefined ? [] : [{ file, line, why }];
  });
  for (const [index, line] of code.split('\n').entries()) {
    for (const { what, pattern, allowedIn } of BANS) {
      if (pattern.test(line) && !isIn(file, allowedIn)) violations.push({ file, line: index + 1, why: what });
    }
  }
  return violations.sort((a, b) => a.line - b.line);
}

function importProblem(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relativeProblem(file, posix.join(posix.dirname(file), specifier));
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith('node:')) return `say 'node:${specifier}'`;
    const edge = EDGES[specifier.replace(/^(node:[^/]+)\/.*$/, '$1')];
    return edge === undefined || isIn(file, edge) ? undefined : onlyIn(specifier, edge);
  }
  const [name] = Object.keys(PACKAGES).filter((key) =>
    key.endsWith('/*') ? specifier.startsWith(key.slice(0, -1)) : specifier === key,
  );
  const allowed = name === undefined ? [] : (PACKAGES[name] ?? []);
  return isIn(file, allowed) ? undefined : onlyIn(specifier, allowed);
}

function relativeProblem(file: string, target: string): string | undefined {
  if (target.startsWith('..')) return `${target} is outside of src/`;
  if (isForTests(target)) return `${target} is for tests`;
  const [from, to] = [layerOf(file), layerOf(target)];
  if (from === to || LAYERS[from]?.includes(to)) return undefined;
  return `${from} must not import ${to} (${target})`;
}

/** Tests stand beside what they test, and what several of them share in a folder `testing` there. Neither ships. */
function isForTests(file: string): boolean {
  return file.endsWith('.test.ts') || file.split('/').includes('testing');
}

/** `identity` for `identity/pair.ts`, `errors` for `errors.ts`. */
function layerOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');
}

function isIn(file: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
}

function onlyIn(specifier: string, places: readonly string[]): string {
  return places.length === 0
    ? `nothing in src/ may import ${specifier}`
    : `${specifier} may be imported only in ${places.join(', ')}`;
}

/** Static imports, re-exports and dynamic imports with the line of their specifier. */
function importsOf(code: string): readonly { readonly specifier: string; readonly line: number }[] {
  const pattern = /^(?:import|export|\})[^;'"]*?['"]([^'"]+)['"];|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(pattern)].flatMap((match) => {
    const specifier = match[1] ?? match[2];
    if (specifier === undefined || (match[1] !== undefined && !/\bfrom ['"]|^import ['"]/.test(match[0]))) return [];
    return [{ specifier, line: code.slice(0, match.index + match[0].length).split('\n').length }];
  });
}

/** Empty lines instead of comments, so that the numbers of the lines stay. */
function withoutComments(text: string): string {
  let inBlock = false;
  return text
    .split('\n')
    .map((line) => {
      const begins = !inBlock && /^\s*\/\*/.test(line);
      if (begins || inBlock) {
        inBlock = !line.includes('*/');
        return '';
      }
      return line.replace(/(^|\s)\/\/ .*$/, '');
    })
    .join('\n');
}

async function main(): Promise<void> {
  const root = fileURLToPath(new URL('../src/', import.meta.url));
  const names = await readdir(root, { recursive: true });
  // Tests may use whatever helps: a lower room is tested with certificates from a higher one.
  const files = names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !isForTests(name))
    .sort();
  const found: Violation[] = [];
  for (const file of files) found.push(...findViolations(file, await readFile(join(root, file), 'utf8')));
  for (const { file, line, why } of found) console.error(`src/${file}:${line} ${why}`);
  if (found.length > 0) process.exitCode = 1;
  else console.log(`${files.length} files import in the allowed direction only.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
