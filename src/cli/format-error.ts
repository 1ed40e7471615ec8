import { inspect } from 'node:util';
import { RoteyError } from '../errors.ts';
import { escapeControls } from '../identity/index.ts';
import type { Paint } from './paint.ts';

/**
 * An error as one block for people: code and message, the last lines of whatever failed, what to do. No stack: that is
 * for bug reports (`debug`, which `ROTEY_DEBUG=1` switches on), and an error that is not ours says how to get one.
 */
export function formatError(error: unknown, paint: Paint, debug: boolean): string {
  if (debug) return inspect(error, { depth: 6 });
  if (!(error instanceof RoteyError)) {
    const message = error instanceof Error ? error.message : String(error);
    return `${paint('red', 'rotey failed unexpectedly:')} ${message}\n  This is a bug. Set ROTEY_DEBUG=1 for the details of a report.`;
  }
  const lines = [`${paint('red', error.code)}: ${withoutControls(error.message)}`, ...logLines(error)];
  if (error.hint !== undefined) lines.push(`  ${withoutControls(error.hint)}`);
  return lines.join('\n');
}

/** A message may name a path, or a word of a file, and a terminal obeys what stands there. */
function withoutControls(text: string): string {
  return text.split('\n').map(escapeControls).join('\n');
}

/** What a failed server or compiler said last. */
function logLines({ context }: RoteyError): string[] {
  const log = context['log'] ?? context['lastLines'];
  if (typeof log !== 'string' || log === '') return [];
  return log.split('\n').map((line) => `  | ${line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line}`);
}

/** The server logs stack traces into one line. */
const LONGEST_LINE = 400;
