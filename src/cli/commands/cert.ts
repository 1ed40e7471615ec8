import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addCertInspectCommand } from './cert-inspect.ts';

/** `rotey cert`: what is done with certificates as files. */
export function addCertCommand(program: Command, context: CommandContext): void {
  const cert = program
    .command('cert')
    .summary('look at certificates')
    .description('What is done with certificates and keys as files.')
    .helpCommand(false);
  addCertInspectCommand(cert, context);
}
