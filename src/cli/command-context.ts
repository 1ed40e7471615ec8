import type { Readable } from 'node:stream';
import type { Paint } from './paint.ts';

/** What a command gets from the process: nothing else of it may be touched. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by SIGINT and SIGTERM, with a `ROTEY_INTERRUPTED` as its reason. */
  readonly signal: AbortSignal;
  /** What is piped in; undefined where nothing can be (in tests of commands that read none). */
  readonly stdin?: Readable | undefined;
  /** Writes a line of the result to stdout. */
  readonly print: (line: string) => void;
  /** Writes a line about how things go to stderr. */
  readonly note: (line: string) => void;
  /** For what is printed on stdout. */
  readonly paint: Paint;
  /** Whether what is noted goes to a terminal. Default: false. */
  readonly notesGoToTerminal?: boolean;
  /** Calls back at each SIGHUP until the answer is called; before and after, that signal ends the process. */
  readonly onHangup?: (listener: () => void) => () => void;
  /** Ends the process with this code, unless the command fails. Default: 0. */
  readonly setExitCode: (code: number) => void;
}
