/**
 * The process around the command line: arguments in, lines and an exit code out. With bin/rotey the only place that
 * touches signals, the console and the exit code.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { RoteyError } from '../errors.ts';
import type { CommandContext } from './command-context.ts';
import { endIfHeld, endProcess, endProcessNow } from './end-process.ts';
import { EXIT_CODES, exitCodeOf } from './exit-code.ts';
import { formatError } from './format-error.ts';
import { paintFor } from './paint.ts';
import { runProgram } from './program.ts';

const interrupt = new AbortController();
let interruptedBy: NodeJS.Signals = 'SIGINT';
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second time somebody means it. What we started ends with us.
    if (interrupt.signal.aborted) endProcessNow(name, EXIT_CODES.interrupted);
    interruptedBy = name;
    interrupt.abort(new RoteyError('ROTEY_INTERRUPTED', `Interrupted by ${name}.`));
  });
}
// A reader that has seen enough (`rotey … | head`) is no reason to fail, nor to call good what is not.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const { env } = process;
const context: CommandContext = {
  env,
  signal: interrupt.signal,
  get stdin() {
    return process.stdin; // made by Node when it is first asked for
  },
  print: (line) => console.log(line),
  note: (line) => console.error(line),
  paint: paintFor(process.stdout, env),
  notesGoToTerminal: process.stderr.isTTY === true,
  onHangup: (listener) => {
    process.on('SIGHUP', listener);
    return () => void process.off('SIGHUP', listener);
  },
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

try {
  await runProgram(process.argv.slice(2), version(), context);
} catch (error) {
  console.error(formatError(error, paintFor(process.stderr, env), env['ROTEY_DEBUG'] === '1'));
  process.exitCode = exitCodeOf(error);
}

// An interrupt is obeyed now: what cannot be cancelled (a look-up of the name service, a mount that does not answer) would
// otherwise hold the process for as long as it takes. Commands have cleaned up before they end.
if (interrupt.signal.aborted) await endProcess(interruptedBy);
else endIfHeld();

/** The same path from src/cli and from dist/cli. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
