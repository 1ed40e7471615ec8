import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../duration.ts';
import { RoteyError } from '../../errors.ts';
import type { InspectInput, InspectReport } from '../../inspect/index.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { collect, notEmpty } from '../text-option.ts';
import { formatTable } from './cert-inspect-table.ts';
import { formatReport } from './cert-inspect-text.ts';

interface InspectFlags {
  readonly server?: readonly string[];
  readonly tlsServerName?: string;
  readonly cloudRules?: boolean;
  readonly role?: 'leaf' | 'ca-bundle';
  readonly expiresWithin?: number;
  readonly failOn: 'error' | 'warning';
  readonly passphraseFile?: string;
  readonly table?: boolean;
  readonly json?: boolean;
}

const HELP = `
FILE is told by its contents: PEM with any number of certificates and keys, a
DER certificate or key, a Kubernetes Secret manifest (YAML or JSON), a directory
(a mounted Secret, a depot of certstrap, or any with such files), - for stdin,
or host:port of a server. An existing path wins over host:port; --server never
means a file. Keys and issuers are looked for in all of them together. A key is
never shown, only its kind and the certificate that it belongs to.

A server is asked for its certificates and for nothing else. No certificate of
yours is sent, and no trust is decided.

Exit codes:
  0    nothing worse than a warning
  3    an error was found (with --fail-on warning: or a warning), a leaf has
       expired, or something could not be read
  4    a server could not be reached, and nothing else was wrong

Environment:
  ROTEY_KEY_PASSPHRASE   passphrase of encrypted keys

Examples:
  rotey cert inspect tls.crt tls.key
  rotey cert inspect /var/run/secrets/temporal --expires-within 8h
  rotey cert inspect --cloud-rules ca-bundle.pem
  kubectl get secret worker-tls -o yaml | rotey cert inspect -
  rotey cert inspect frontend.example.com:7233
`;

/** `rotey cert inspect FILE…` */
export function addCertInspectCommand(cert: Command, context: CommandContext): void {
  cert
    .command('inspect')
    .summary('say what certificates are, whether their keys fit, and what is wrong')
    .description('Says what certificates and keys are, whether they belong together, and what is wrong with them.')
    .argument('[FILE...]', 'files, directories, - for stdin, or host:port')
    .option('--server <host:port>', 'a server to ask for its certificates; may be repeated', collect)
    .option('--tls-server-name <name>', 'the name to ask servers for (default: the host)', notEmpty)
    .option('--cloud-rules', "hold them against Temporal Cloud's rules")
    .addOption(
      new Option('--role <role>', 'what a FILE or stdin is (default: by its contents, CAs alone are a bundle)').choices(
        ['leaf', 'ca-bundle'],
      ),
    )
    .option(
      '--expires-within <duration>',
      'have a certificate that ends within this time be an error, for example 30d',
      parseTime,
    )
    .addOption(
      new Option('--fail-on <severity>', 'the finding from which on the exit code is 3')
        .choices(['error', 'warning'])
        .default('error'),
    )
    .option('--passphrase-file <file>', 'file with the passphrase of encrypted keys')
    .option('--table', 'print one line for each certificate')
    .option('--json', 'print one document of JSON')
    .addHelpText('after', HELP)
    .action((files: readonly string[], flags: InspectFlags) => runInspect(files, flags, context));
}

async function runInspect(files: readonly string[], flags: InspectFlags, context: CommandContext): Promise<void> {
  const inputs = [...files.map(inputOf), ...(flags.server ?? []).map((address) => ({ t: 'server', address }) as const)];
  if (inputs.length === 0) throw new RoteyError('ROTEY_USAGE', 'There is nothing to inspect: name a FILE or --server.');
  if (flags.json && flags.table) throw new RoteyError('ROTEY_USAGE', '--json and --table exclude each other.');
  const { inspectInputs } = await import('../../inspect/index.ts');
  const report = await inspectInputs(inputs, {
    rules: flags.cloudRules ? 'cloud' : 'server',
    role: flags.role,
    expiresWithinMs: flags.expiresWithin,
    passphrase: await readPassphrase(flags, context),
    stdin: context.stdin,
    serverName: flags.tlsServerName,
    signal: context.signal,
  });
  if (flags.json) context.print(JSON.stringify(report, undefined, 2));
  else if (flags.table) context.print(formatTable(report, context.paint));
  else context.print(formatReport(report, context.paint));
  context.setExitCode(exitCodeFor(report, flags.failOn));
}

function inputOf(text: string): InspectInput {
  return text === '-' ? { t: 'stdin' } : { t: 'argument', text };
}

/** A file, or the environment; never an argument, which everybody on the machine can read. */
async function readPassphrase(
  { passphraseFile }: InspectFlags,
  { env, signal }: CommandContext,
): Promise<string | undefined> {
  if (passphraseFile === undefined) return env['ROTEY_KEY_PASSPHRASE'] || undefined;
  const { readSecretFile } = await import('../../config/index.ts');
  return await readSecretFile(passphraseFile, '--passphrase-file', signal);
}

function exitCodeFor(report: InspectReport, failOn: InspectFlags['failOn']): number {
  const findings = report.inputs.flatMap(({ entries }) => entries.flatMap((entry) => entry.findings));
  const failing = findings.some(({ severity }) => severity === 'error' || severity === failOn);
  const unread = report.inputs.flatMap(({ error, entries }) => [error, ...entries.map((entry) => entry.error)]);
  const problems = unread.filter((error) => error !== undefined);
  if (failing || problems.some(({ code }) => !UNREACHABLE.test(code))) return EXIT_CODES.foundProblem;
  return problems.length > 0 ? EXIT_CODES.unreachable : EXIT_CODES.good;
}

const UNREACHABLE = /^ROTEY_(?:DNS_|CONNECT_|TLS_TIMEOUT$)/;

function parseTime(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
