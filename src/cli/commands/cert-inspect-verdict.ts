import type { Severity } from '../../identity/index.ts';
import type { InspectReport } from '../../inspect/index.ts';
import type { Paint } from '../paint.ts';

/** `2 errors, 1 warning.` */
export function formatVerdict({ inputs }: InspectReport, paint: Paint): string {
  const entries = inputs.flatMap((input) => input.entries);
  const findings = entries.flatMap((entry) => entry.findings);
  const unread = [...inputs, ...entries].filter(({ error }) => error !== undefined).length;
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    unread === 0 ? '' : paint('red', `${unread} not read`),
    count('error') === 0 ? '' : paint('red', plural(count('error'), 'error')),
    count('warning') === 0 ? '' : plural(count('warning'), 'warning'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? paint('green', 'No errors, no warnings.') : `${parts.join(', ')}.`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
