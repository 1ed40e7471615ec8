import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { RoteyError } from '../../errors.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import type { CommandContext } from '../command-context.ts';
import { parsePositiveDuration } from '../duration-option.ts';
import { collect } from '../text-option.ts';
import { runTemporalCli } from './sandbox-cli.ts';
import { type SandboxHandout, writeHandout } from './sandbox-handout.ts';

interface SandboxFlags {
  readonly port?: number;
  readonly namespace?: readonly string[];
  readonly connectionAge: number;
  readonly clientCa?: readonly string[];
  readonly dir?: string;
  readonly persistent?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Runs until Ctrl-C (exit code 0). The first time on a machine the server is built
from source, which takes about 5 minutes and needs Go; ROTEY_TEMPORAL_SERVER
names a binary that exists already.

Examples:
  rotey sandbox                                 a free port, all in memory
  rotey sandbox --port 7233 --namespace orders
  rotey sandbox --connection-age 30s            have clients reconnect often
  rotey sandbox --dir ./sandbox --persistent    keep workflows and files
  rotey sandbox --json > sandbox.json &         for scripts
`;

/** `rotey sandbox` and what belongs to it. */
export function addSandboxCommand(program: Command, context: CommandContext): void {
  const sandbox = program
    .command('sandbox')
    .summary('run a local Temporal Service with an mTLS frontend')
    .description(
      'Runs a real Temporal Service on this machine whose frontend requires client certificates, and makes one.',
    )
    .option('--port <number>', 'port of the frontend on 127.0.0.1 (default: a free one)', parsePort)
    .option('--namespace <name>', 'a namespace to register; may be repeated (default: default)', collect)
    .addOption(
      new Option('--connection-age <duration>', 'after this time the server asks clients to reconnect')
        .argParser(parsePositiveDuration)
        .default(300_000, '5m, as Temporal Cloud'),
    )
    .option('--client-ca <file>', 'a further CA whose clients are accepted; may be repeated', collect)
    .option('--dir <directory>', 'where certificates are put, and kept (default: a temporary directory)')
    .option('--persistent', 'keep workflows in a file in --dir')
    .option('--json', 'print one line of JSON when it is ready')
    .addHelpText('after', EXAMPLES)
    .action((flags: SandboxFlags) => runSandbox(flags, context));
  sandbox
    .command('cli')
    .summary('run the temporal CLI, which is built if there is none')
    .description(
      'Runs the temporal CLI with these arguments. Export the TEMPORAL_… variables that `rotey sandbox` prints.',
    )
    .argument('[args...]', 'for the CLI, for example: workflow list')
    .passThroughOptions()
    .allowUnknownOption()
    .action((args: readonly string[]) => runTemporalCli(args, context));
}

async function runSandbox(flags: SandboxFlags, context: CommandContext): Promise<void> {
  if (flags.persistent && flags.dir === undefined) {
    throw new RoteyError('ROTEY_USAGE', '--persistent needs --dir: a temporary directory is removed at the end.');
  }
  const clientCaPems = await Promise.all((flags.clientCa ?? []).map(readCa));
  const starting = new AbortController();
  const interrupt = () => starting.abort(context.signal.reason);
  context.signal.addEventListener('abort', interrupt);
  if (context.signal.aborted) interrupt();
  const sandbox = await startSandbox({
    port: flags.port,
    namespaces: flags.namespace ?? ['default'],
    maxConnectionAgeMs: flags.connectionAge,
    clientCaPems,
    directory: flags.dir,
    persistent: flags.persistent,
    env: context.env,
    signal: starting.signal,
    onProgress: context.note,
  });
  context.signal.removeEventListener('abort', interrupt); // from here on an interrupt is an orderly end
  const ended = untilEnd(sandbox, context.signal); // from the beginning: the server may end while files are written
  ended.catch(() => undefined); // it is told below
  try {
    const handout = await writeHandout(sandbox);
    context.print(flags.json ? JSON.stringify(handout) : describe(handout, context));
    await ended;
  } finally {
    await sandbox.stop();
  }
}

/** Resolves when the user has had enough; rejects when the server ends by itself. */
function untilEnd(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    sandbox.events.on('exited', ({ code, signal: killedBy, expected }) => {
      if (expected) return;
      const how = killedBy ?? `exit code ${code}`;
      reject(new RoteyError('ROTEY_SANDBOX_FAILED', `The Temporal server has ended by itself (${how}).`));
    });
  });
}

function describe(
  { address, namespaces, directory, certPath, keyPath, serverCaPath, env }: SandboxHandout,
  { paint }: CommandContext,
): string {
  const flags = `--address ${address} --tls-cert-path ${quote(certPath)} --tls-key-path ${quote(keyPath)} --tls-ca-path ${quote(serverCaPath)}`;
  return [
    `${paint('green', 'Temporal Service with mTLS is ready.')} Stop it with Ctrl-C.`,
    '',
    `  Address      ${paint('bold', address)}`,
    `  Namespaces   ${namespaces.join(', ')}`,
    `  Certificate  ${certPath}`,
    `  Key          ${keyPath}`,
    `  Server CA    ${serverCaPath}`,
    `  Directory    ${directory}`,
    '',
    'Try it:',
    `  temporal ${flags} --namespace ${quote(namespaces[0] ?? 'default')} workflow list`,
    '',
    'Or for a whole shell (`rotey sandbox cli` stands in where there is no temporal CLI):',
    ...Object.entries(env).map(([name, value]) => `  export ${name}=${quote(value)}`),
    '  temporal workflow list',
  ].join('\n');
}

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new RoteyError('ROTEY_FILE_UNREADABLE', `Cannot read ${path}.`, { cause, hint: 'Correct --client-ca.' });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 1 to 65535.');
}
