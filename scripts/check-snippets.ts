/**
 * Compiles every TypeScript example of the documentation as its reader would: each block is a module of its own in a
 * project that has rotey and the SDK among its packages. What a fragment leaves out is declared in {@link PRELUDE}.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What the text around a fragment has introduced. A block that says it itself hides these. */
const PRELUDE = `
declare const rotation: import('rotey/worker').CertificateRotation;
declare const rotateCertificates: typeof import('rotey/worker').rotateCertificates;
declare const NativeConnection: typeof import('@temporalio/worker').NativeConnection;
declare const Worker: typeof import('@temporalio/worker').Worker;
declare const address: string, namespace: string, taskQueue: string, workflowsPath: string;
declare const activities: object;
declare const register: import('prom-client').Registry;
`;

export interface Snippet {
  readonly file: string;
  /** Of its first line of code. */
  readonly line: number;
  readonly code: string;
}

/** The blocks of a page that are marked `ts`. */
export function snippetsOf(file: string, page: string): readonly Snippet[] {
  return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    file,
    line: page.slice(0, match.index).split('\n').length + 1,
    code: match[1] ?? '',
  }));
}

/** What the compiler has against them, each with the place in the page; empty when all is well. */
export async function compile(snippets: readonly Snippet[]): Promise<readonly string[]> {
  const project = await mkdtemp(join(tmpdir(), 'rotey-snippets-'));
  try {
    await writeProject(project, snippets);
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', project, '--pretty', 'false']).catch(
      (error: { stdout: string }) => error,
    );
    return stdout.split('\n').flatMap((line) => inPage(line, snippets));
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

async function writeProject(project: string, snippets: readonly Snippet[]): Promise<void> {
  const packages = join(project, 'node_modules');
  await mkdir(packages);
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (name !== '.bin') await symlink(join(ROOT, 'node_modules', name), join(packages, name));
  }
  await symlink(ROOT, join(packages, 'rotey'));
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: ['node'] },
    ...{ target: 'ES2022', lib: ['ES2023'], module: 'NodeNext', moduleDetection: 'force' },
  };
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  await writeFile(join(project, 'prelude.d.ts'), PRELUDE);
  for (const [index, { code }] of snippets.entries()) await writeFile(join(project, `snippet-${index}.ts`), code);
}

/** `snippet-3.ts(2,7): error …` as a place in the page that it comes from. */
function inPage(line: string, snippets: readonly Snippet[]): readonly string[] {
  const [, index, at, column, message] = /snippet-(\d+)\.ts\((\d+),(\d+)\): (.*)$/.exec(line) ?? [];
  const snippet = snippets[Number(index)];
  if (snippet === undefined) return line.includes('error') ? [line] : [];
  return [`${snippet.file}:${snippet.line + Number(at) - 1}:${column} ${message}`];
}

async function main(): Promise<void> {
  const guides = (await readdir(join(ROOT, 'docs', 'guides'))).map((name) => `docs/guides/${name}`);
  const examples = (await readdir(join(ROOT, 'examples'))).map((name) => `examples/${name}/README.md`);
  const pages = ['README.md', ...guides, ...examples];
  const snippets: Snippet[] = [];
  for (const page of pages) snippets.push(...snippetsOf(page, await readFile(join(ROOT, page), 'utf8')));
  const problems = await compile(snippets);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`${snippets.length} examples in ${pages.length} pages compile.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
