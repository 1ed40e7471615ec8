/** docs/reference/check-causes.md, from the table in src/check. */
import { CAUSE_CODES, CAUSES, type CauseCode } from '../src/check/index.ts';
import { row } from './markdown-row.ts';

export function renderCausesTable(): string {
  return [
    '<!-- Made by scripts/check-causes-table.ts; do not edit. -->',
    '# Causes that `rotey check` tells apart',
    '',
    'In the order of the steps. A cause with several possibilities is a symptom: a client cannot see which of them it is, and',
    'the last column says how to find out. *Exit 4* means that the server could not be asked; all others are exit 3. Codes',
    'never change their meaning; those without `CHECK` are also [error codes](errors.md).',
    '',
    row('Code', 'Step', 'Exit', 'What it is', 'What to do'),
    row('---', '---', '---', '---', '---'),
    ...CAUSE_CODES.map(renderCause),
    '',
  ].join('\n');
}

function renderCause(code: CauseCode): string {
  const { step, result, title, perhaps, remedy } = CAUSES[code];
  const possibilities = perhaps.map((cause) => `<br>• ${cause}`).join('');
  const text = perhaps.length === 0 ? title : `${title} One of:${possibilities}`;
  return row(`\`${code}\``, step, result === 'unreachable' ? '4' : '3', escapeHtml(text), escapeHtml(remedy));
}

/** Placeholders such as `<namespace>` would be taken for tags; our own line breaks are meant as such. */
function escapeHtml(text: string): string {
  return text.replace(/<(?!br>)/g, '&lt;');
}
