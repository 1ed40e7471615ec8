import { formatDuration } from '../../duration.ts';
import { summarizeError } from '../../errors.ts';
import { describeDuration, escapeControls } from '../../identity/index.ts';
import type { OnceResult, OnceVerdict, WatchSpec } from '../../watch/index.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { Paint } from '../paint.ts';

/** What `--check-config` prints: what would be watched, without a secret. */
export function formatSpecs(specs: readonly WatchSpec[]): string {
  const rows = specs.map(({ name, target, certPath, proveEveryMs }) => [
    name,
    target.address,
    (target.namespaces ?? []).join(',') || '-',
    certPath,
    proveEveryMs === 0 ? 'never' : formatDuration(proveEveryMs),
  ]);
  return columns([['NAME', 'ADDRESS', 'NAMESPACES', 'CERTIFICATE', 'PROVEN AGAIN'], ...rows]).join('\n');
}

/** What `--once` prints. */
export function formatOnce(results: readonly OnceResult[], nowMs: number, paint: Paint): string {
  const rows = results.map(({ name, pair, verdict, error }) => [
    name,
    pair?.serial ?? '-',
    pair === undefined ? '-' : until(pair.notAfterMs, nowMs),
    verdict,
    error === undefined ? '' : `${error.code}: ${error.message}`,
  ]);
  const [heading = '', ...lines] = columns([['NAME', 'SERIAL', 'UNTIL', 'VERDICT', 'REASON'], ...rows]);
  const coloured = lines.map((line, index) => {
    const colour = COLOURS[results[index]?.verdict ?? 'accepted'];
    return colour === undefined ? line : paint(colour, line);
  });
  return [heading, ...coloured].join('\n');
}

const COLOURS: Readonly<Partial<Record<OnceVerdict, 'red' | 'yellow'>>> = {
  ...{ denied: 'red', refused: 'red', unusable: 'red', unobtainable: 'yellow' },
};

/** The same for programs: one line. */
export function onceDocument(results: readonly OnceResult[]): object {
  return {
    schema: 1,
    results: results.map(({ name, address, verdict, pair, error }) => ({
      ...{ name, address, verdict },
      certificate: pair === undefined ? null : certificate(pair),
      error: error === undefined ? null : { ...summarizeError(error), hint: error.hint ?? null },
    })),
  };
}

/** A problem that was found counts more than a server that could not be asked. */
export function exitCodeOfOnce(results: readonly OnceResult[]): number {
  if (results.some(({ verdict }) => ['denied', 'refused', 'unusable'].includes(verdict)))
    return EXIT_CODES.foundProblem;
  return results.some(({ verdict }) => verdict === 'unobtainable') ? EXIT_CODES.unreachable : EXIT_CODES.good;
}

function certificate({ notBeforeMs, notAfterMs, ...facts }: NonNullable<OnceResult['pair']>): object {
  return { ...facts, notBefore: new Date(notBeforeMs).toISOString(), notAfter: new Date(notAfterMs).toISOString() };
}

function until(ms: number, nowMs: number): string {
  const left = ms - nowMs;
  const text = new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return left > 0 ? `${text} (in ${describeDuration(left)})` : `${text} (${describeDuration(-left)} ago)`;
}

/** Each column as wide as its widest cell; no blanks at the end of a line. */
function columns(cells: readonly (readonly string[])[]): string[] {
  const rows = cells.map((row) => row.map(escapeControls)); // a terminal obeys what stands in names and paths
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
