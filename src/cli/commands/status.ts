import type { Command } from 'commander';
import { RoteyError } from '../../errors.ts';
import { fetchStatus, type StatusDocument } from '../../observe/index.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { parseListenOption } from '../listen-option.ts';
import { formatStatus } from './status-text.ts';

interface StatusFlags {
  readonly healthAddress?: string;
  readonly socket?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Exit codes:
  0  all is well (there may be warnings)
  3  there is an error
  4  nobody answers

Examples:
  rotey status                                     127.0.0.1:9464
  rotey status --health-address 10.1.2.3:9464
  rotey status --socket /run/rotey/control.sock    without a health listener
  rotey status --json | jq '.rotations[].inUse.certificate.notAfter'
`;

/** `rotey status`: asks a running rotey, be it in a Worker or a process of its own. */
export function addStatusCommand(program: Command, context: CommandContext): void {
  program
    .command('status')
    .summary('show what a running rotey does')
    .description(
      'Shows which certificates a running rotey uses and until when, what it holds back and why, what comes next, and what went wrong last.',
    )
    .option('--health-address <host:port>', 'health listener to ask (default: 127.0.0.1:9464)', parseListenOption)
    .option('--socket <path>', 'control socket to ask instead')
    .option('--json', 'print the status document')
    .addHelpText('after', EXAMPLES)
    .action((flags: StatusFlags) => showStatus(flags, context));
}

async function showStatus({ healthAddress, socket, json }: StatusFlags, context: CommandContext): Promise<void> {
  if (healthAddress !== undefined && socket !== undefined) {
    throw new RoteyError('ROTEY_USAGE', 'Give either --health-address or --socket.');
  }
  const document = await fetchStatus({ healthAddress, controlSocket: socket, signal: context.signal });
  context.print(json === true ? JSON.stringify(document) : formatStatus(document, context.paint));
  if (hasError(document)) context.setExitCode(EXIT_CODES.foundProblem);
}

function hasError({ problems }: StatusDocument): boolean {
  return problems.some(({ severity }) => severity === 'error');
}
