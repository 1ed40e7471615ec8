import { RoteyError } from '../errors.ts';

/** What the process ends with. Documented and stable: docs/reference/exit-codes.md. */
export const EXIT_CODES = Object.freeze({
  good: 0,
  internal: 1,
  usage: 2,
  foundProblem: 3,
  unreachable: 4,
  /** 128 + SIGINT, as shells do. */
  interrupted: 130,
});

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof RoteyError)) return EXIT_CODES.internal;
  if (error.code === 'ROTEY_USAGE' || error.code === 'ROTEY_CONFIG_INVALID') return EXIT_CODES.usage;
  if (error.code === 'ROTEY_INTERRUPTED') return EXIT_CODES.interrupted;
  if (/^ROTEY_(?:DNS|CONNECT|PROXY|STATUS)_/.test(error.code)) return EXIT_CODES.unreachable;
  return EXIT_CODES.internal;
}
