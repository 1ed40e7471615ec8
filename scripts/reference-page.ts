/**
 * Pages in docs/reference that are made from tables in the source: written, or with `--check` compared.
 */
import { readFile, writeFile } from 'node:fs/promises';

/** Writes the page; with `--check` on the command line says whether it is up to date, and exits with 1 if it is not. */
export async function publishPage(name: string, text: string): Promise<void> {
  const file = new URL(`../docs/reference/${name}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    await writeFile(file, text);
    return;
  }
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present === text) return;
  console.error(
    `docs/reference/${name} is ${present === undefined ? 'missing' : 'out of date'}: run \`npm run docs\`.`,
  );
  process.exitCode = 1;
}

/** A row of a Markdown table. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
