/**
 * Follows every relative link of the documentation: it must lead to a file of the repository, and to a heading in it where
 * it names one. Exits with 1 and one line for each that does not.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The links of a page that lead nowhere. `read` answers undefined for what does not exist. */
export async function brokenLinks(
  page: string,
  read: (file: string) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const text = withoutCode((await read(page)) ?? '');
  const broken: string[] = [];
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue; // the world outside
    const [path = '', heading] = target.split('#');
    const file = path === '' ? page : posix.join(posix.dirname(page), path);
    const there = await read(file);
    if (there === undefined || (heading !== undefined && !headingsOf(there).has(heading))) broken.push(target);
  }
  return broken;
}

function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');
}

/** As GitHub makes them: lower case, spaces to hyphens, punctuation gone. */
function headingsOf(text: string): ReadonlySet<string> {
  const headings = text.matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

async function main(): Promise<void> {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  });
  const files = new Set(stdout.split('\n').filter(Boolean));
  const folders = new Set([...files].flatMap((file) => ancestors(file)));
  const read = async (file: string): Promise<string | undefined> => {
    if (folders.has(file.replace(/\/$/, ''))) return '';
    return files.has(file) ? await readFile(`${ROOT}${file}`, 'utf8') : undefined;
  };
  const pages = [...files].filter((file) => file.endsWith('.md'));
  for (const page of pages) {
    for (const target of await brokenLinks(page, read)) {
      console.error(`${page}: the link to ${target} leads nowhere`);
      process.exitCode = 1;
    }
  }
  if (process.exitCode === undefined) console.log(`The links of ${pages.length} pages lead somewhere.`);
}

function ancestors(file: string): readonly string[] {
  const folder = posix.dirname(file);
  return folder === '.' ? [] : [folder, ...ancestors(folder)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
