/**
 * Writes the pages in docs/reference that are made from tables in the source. With `--check` compares them instead, says
 * which are not up to date, and exits with 1 if there is one.
 *
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { CHECK_REPORT_SCHEMA } from '../src/check/index.ts';
import { watchJsonSchema } from '../src/config/index.ts';
import { renderCausesTable } from './check-causes-table.ts';
import { renderErrorsTable } from './errors-table.ts';
import { renderFindingsTable } from './findings-table.ts';
import { renderMetricsTable } from './metrics-table.ts';
import { renderStatusPage } from './status-page.ts';
import { statusJsonSchema } from './status-schema.ts';

/** File name in docs/reference → what belongs in it. */
const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'check-causes.md': renderCausesTable,
  'check-report.schema.json': () => json(CHECK_REPORT_SCHEMA),
  'errors.md': renderErrorsTable,
  'findings.md': renderFindingsTable,
  'metrics.md': renderMetricsTable,
  'status.md': renderStatusPage,
  'status.schema.json': () => json(statusJsonSchema()),
  'watch-config.schema.json': async () => json(await watchJsonSchema()),
};

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

async function compare(name: string, file: URL, text: string): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present === text) return;
  const state = present === undefined ? 'missing' : 'out of date';
  console.error(`docs/reference/${name} is ${state}: run \`npm run docs\`.`);
  process.exitCode = 1;
}

const isCheck = process.argv.includes('--check');
for (const [name, render] of Object.entries(PAGES)) {
  const file = new URL(`../docs/reference/${name}`, import.meta.url);
  const text = await render();
  if (isCheck) await compare(name, file, text);
  else await writeFile(file, text);
}
