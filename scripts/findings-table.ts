/** docs/reference/findings.md, from the table in src/identity/findings.ts. */
import { FINDING_CODES, FINDINGS, type Severity } from '../src/identity/index.ts';
import { row } from './markdown-row.ts';

export function renderFindingsTable(): string {
  return [
    '<!-- Made by scripts/findings-table.ts; do not edit. -->',
    '# Findings',
    '',
    'What rotey notices about a certificate, its key, its chain, its trust bundle and a bundle of client CAs. `server` rules',
    'are the default: what a server accepts is its own decision, so nothing is an error under them but what you asked for.',
    'With `cloud` rules, what Temporal Cloud documents that it refuses is an error. A dash means that it is not reported.',
    '`rotey cert inspect` takes an expired leaf for an error in any case.',
    '',
    row('Code', 'server', 'cloud', 'Meaning', 'What to do'),
    row('---', '---', '---', '---', '---'),
    ...FINDING_CODES.map((code) => {
      const { title, severity, remedy } = FINDINGS[code];
      return row(`\`${code}\``, show(severity.server), show(severity.cloud), title, remedy);
    }),
    '',
  ].join('\n');
}

function show(severity: Severity | undefined): string {
  return severity ?? '–';
}
