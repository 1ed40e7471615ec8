import { escapeControls, type Severity } from '../identity/index.ts';
import { wrap } from './columns.ts';
import type { Paint } from './paint.ts';

/** What is said about a pair or certificate, and what to do about it, wherever it is printed. */
export function formatFinding(
  finding: { readonly code: string; readonly severity: Severity; readonly message: string; readonly remedy: string },
  paint: Paint,
): string[] {
  const { code, severity, message, remedy } = finding;
  return [
    `  ${paint(COLOURS[severity], `${severity} ${code}`)}`,
    ...wrap(escapeControls(message), '    '),
    ...wrap(remedy, '    > ', '      '),
  ];
}

const COLOURS = { error: 'red', warning: 'yellow', info: 'dim' } as const satisfies Readonly<Record<Severity, string>>;
