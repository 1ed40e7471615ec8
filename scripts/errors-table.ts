/** docs/reference/errors.md, from the table in src/error-catalog.ts. */
import { ERROR_CATALOG } from '../src/error-catalog.ts';
import { ERROR_CODES } from '../src/errors.ts';
import { row } from './markdown-row.ts';

export function renderErrorsTable(): string {
  return [
    '<!-- Made by scripts/errors-table.ts; do not edit. -->',
    '# Errors',
    '',
    'Every failure that rotey can explain is a `RoteyError` with one of these codes. Codes never change their meaning. The',
    'error itself says more: paths, values and limits in `message` and `context`, the next step in `hint`, whether trying',
    'again may help in `retryable`, and what led to it in `cause`.',
    '',
    row('Code', 'Meaning', 'What to do'),
    row('---', '---', '---'),
    ...ERROR_CODES.map((code) => row(`\`${code}\``, ERROR_CATALOG[code].title, ERROR_CATALOG[code].remedy)),
    '',
  ].join('\n');
}
