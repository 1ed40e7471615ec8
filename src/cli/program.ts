import { Command, CommanderError } from 'commander';
import { RoteyError } from '../errors.ts';
import { COLUMNS } from './columns.ts';
import type { CommandContext } from './command-context.ts';
import { addCertCommand } from './commands/cert.ts';
import { addCheckCommand } from './commands/check.ts';
import { addSandboxCommand } from './commands/sandbox.ts';
import { addStatusCommand } from './commands/status.ts';
import { addWatchCommand } from './commands/watch.ts';
import { EXIT_CODES } from './exit-code.ts';

const EXIT_CODE_HELP = `
Exit codes:
  0    good
  1    something failed
  2    wrong arguments
  3    a problem was found
  4    the server cannot be reached
  130  interrupted

Environment:
  ROTEY_DEBUG=1   print errors with their stack and causes
  NO_COLOR=1      no colours
`;

/**
 * Runs one command line.
 *
 * @param args without the node binary and the script.
 * @throws {RoteyError} `ROTEY_USAGE` for wrong arguments; whatever else the command throws.
 */
export async function runProgram(args: readonly string[], version: string, context: CommandContext): Promise<void> {
  try {
    await createProgram(version, context).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return; // --help, --version
    if (error.code === 'commander.help') return context.setExitCode(EXIT_CODES.usage); // no command: help was printed
    throw new RoteyError('ROTEY_USAGE', withoutValues(error.message), {
      hint: 'See `rotey --help`, or `rotey <command> --help`.',
    });
  }
}

/** Commander repeats an unknown `--api-key=…` as it stands, and nobody wants to find that in a log. */
function withoutValues(message: string): string {
  return message.replace(/^error: /, '').replace(/'(-[^'=]+)=[^']*'/g, "'$1=…'");
}

/** All commands, with their help. */
function createProgram(version: string, context: CommandContext): Command {
  const program = new Command('rotey')
    .description('Rotates the mTLS client certificates of Temporal Workers; nothing restarts, no call is lost.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', EXIT_CODE_HELP)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => COLUMNS,
      getErrHelpWidth: () => COLUMNS,
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.note(text.trimEnd()),
      outputError: () => undefined, // told once, by whoever runs the program
    });
  addCheckCommand(program, version, context);
  addCertCommand(program, context);
  addSandboxCommand(program, context);
  addStatusCommand(program, context);
  addWatchCommand(program, version, context);
  return program;
}
