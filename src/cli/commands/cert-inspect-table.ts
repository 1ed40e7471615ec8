import { describeDuration, escapeControls } from '../../identity/index.ts';
import type { CertificateReport, EntryReport, FindingReport, InspectReport } from '../../inspect/index.ts';
import { COLUMNS } from '../columns.ts';
import type { Paint } from '../paint.ts';
import { formatVerdict } from './cert-inspect-verdict.ts';

interface Row {
  readonly left: string;
  readonly state: string;
  readonly subject: string;
  readonly where: string;
  readonly secondsLeft: number;
}

/** One line for each certificate, the one that ends first on top; then what could not be read. */
export function formatTable(report: InspectReport, paint: Paint): string {
  const entries = report.inputs.flatMap((input) => input.entries);
  const rows = entries
    .flatMap((entry) => entry.certificates.map((certificate) => rowOf(certificate, entry)))
    .sort((a, b) => a.secondsLeft - b.secondsLeft);
  const unread = [...report.inputs.map(({ input, error }) => ({ where: input, error })), ...entries].flatMap(
    ({ where, error }) => (error === undefined ? [] : [`${escapeControls(where)}: ${paint('red', error.code)}`]),
  );
  const table = rows.length === 0 ? [] : [paint('bold', lineOf(TITLES, rows)), ...rows.map((row) => lineOf(row, rows))];
  const parts = [table.join('\n'), unread.join('\n'), formatVerdict(report, paint)];
  return parts.filter((part) => part !== '').join('\n\n');
}

const TITLES: Row = { left: 'LEFT', state: 'STATE', subject: 'SUBJECT', where: 'WHERE', secondsLeft: 0 };

function rowOf(certificate: CertificateReport, { where, findings }: EntryReport): Row {
  const { validity, secondsLeft, subject, sha256 } = certificate;
  const mine = findings.filter((finding) => finding.certificate === sha256);
  return {
    left: validity === 'expired' ? 'expired' : describeDuration(secondsLeft * 1000),
    state: worstOf(mine),
    subject,
    where: escapeControls(where),
    secondsLeft,
  };
}

function worstOf(findings: readonly FindingReport[]): string {
  const found = new Set(findings.map(({ severity }) => severity));
  return found.has('error') ? 'error' : found.has('warning') ? 'warning' : 'good';
}

const GAP = '  ';
const MAX_SUBJECT = 32;

function lineOf(row: Row, rows: readonly Row[]): string {
  const width = (column: 'left' | 'state' | 'subject'): number =>
    Math.max(TITLES[column].length, ...rows.map((other) => other[column].length));
  const subjectWidth = Math.min(MAX_SUBJECT, width('subject'));
  const before = [
    row.left.padEnd(width('left')),
    row.state.padEnd(width('state')),
    cutEnd(row.subject, subjectWidth).padEnd(subjectWidth),
  ].join(GAP);
  return `${before}${GAP}${cutBegin(row.where, COLUMNS - before.length - GAP.length)}`;
}

function cutEnd(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Of a path the end tells more. */
function cutBegin(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}
