import { open } from 'node:fs/promises';
import { release } from 'node:os';
import { type Command, Option } from 'commander';
import { type CheckReport, type CheckStep, makeSupportReport, runCheck } from '../../check/index.ts';
import {
  type ConnectionFlags,
  type ConnectionSettings,
  describeSettings,
  resolveConnection,
} from '../../config/index.ts';
import { formatDuration } from '../../duration.ts';
import { RoteyError } from '../../errors.ts';
import { escapeControls } from '../../identity/index.ts';
import type { CommandContext } from '../command-context.ts';
import { addConnectionFlags, CONNECTION_HELP, connectionFlagsOf } from '../connection-flags.ts';
import { parsePositiveDuration } from '../duration-option.ts';
import { EXIT_CODES } from '../exit-code.ts';
import {
  formatFailedSteps,
  formatHeading,
  formatResult,
  formatSettings,
  formatStep,
  formatVerdict,
} from './check-print.ts';
import { checkSubjectOf } from './check-subject.ts';
import { watchChecks } from './check-watch.ts';

interface CheckFlags extends ConnectionFlags {
  readonly timeout: number;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly watch?: boolean;
  readonly interval: number;
  readonly report?: string;
}

const HELP = `${CONNECTION_HELP}
Exit codes:
  0  the server accepts the certificate for the Namespace
  3  it does not, or something is wrong
  4  the server cannot be reached
docs/reference/check-causes.md lists every cause that is told apart.

Examples:
  rotey check --address orders.a1b2c.tmprl.cloud:7233 \\
    --tls-cert-path tls.crt --tls-key-path tls.key
  rotey check --profile prod -v         settings, and where each comes from
  rotey check --watch --interval 30s    tells what changes, until Ctrl-C
  rotey check --json | jq .cause
  rotey check --report report.json      a file for support, without secrets
`;

/** `rotey check` */
export function addCheckCommand(program: Command, version: string, context: CommandContext): void {
  const command = program
    .command('check')
    .summary('say why a connection to Temporal fails, or that it works')
    .description(
      'Follows a connection as a Worker would make it, from the files to the Namespace, and names what is wrong.',
    );
  addConnectionFlags(command)
    .addOption(durationOption('--timeout <duration>', 'for one look at the server', 10_000, '10s'))
    .option('--watch', 'check again and again, and print what changes')
    .addOption(durationOption('--interval <duration>', 'pause between two checks of --watch', 10_000, '10s'))
    .option('--json', 'print the report as one line of JSON (docs/reference/check-report.schema.json)')
    .option('--report <file>', 'write the report, the settings and the environment to a file of mode 0600')
    .option('-v, --verbose', 'print every setting with its origin, and all findings')
    .addHelpText('after', HELP)
    .action((flags: CheckFlags) => new CheckCommand(flags, version, context).run());
}

function durationOption(flags: string, description: string, ms: number, text: string): Option {
  return new Option(flags, description).argParser(parsePositiveDuration).default(ms, text);
}

const RESULT_CODES = {
  good: EXIT_CODES.good,
  problem: EXIT_CODES.foundProblem,
  unreachable: EXIT_CODES.unreachable,
} as const satisfies Readonly<Record<CheckReport['result'], number>>;

class CheckCommand {
  readonly #flags: CheckFlags;
  readonly #version: string;
  readonly #context: CommandContext;

  constructor(flags: CheckFlags, version: string, context: CommandContext) {
    this.#flags = flags;
    this.#version = version;
    this.#context = context;
  }

  async run(): Promise<void> {
    const { env, note, print, paint, signal, setExitCode } = this.#context;
    const { json, verbose, watch, interval } = this.#flags;
    const settings = await resolveConnection({ env, flags: connectionFlagsOf(this.#flags), signal });
    for (const warning of settings.warnings) note(escapeControls(`warning: ${warning}`));
    if (!json) {
      if (verbose) print(formatSettings(describeSettings(settings), paint));
      print(formatHeading(settings, paint));
    }
    if (!watch) {
      const report = await this.#check(settings, true);
      await this.#tell(report, settings);
      setExitCode(RESULT_CODES[report.result]);
      return;
    }
    if (!json) note(`Checking again every ${formatDuration(interval)}; only changes are printed. Ctrl-C ends it.`);
    let first = true;
    const check = (): Promise<CheckReport> => this.#check(settings, first);
    const last = await watchChecks(
      check,
      async (report) => {
        await this.#tell(report, settings, !first);
        first = false;
      },
      { intervalMs: interval, signal },
    );
    if (last === undefined) throw signal.reason;
    setExitCode(RESULT_CODES[last.result]);
  }

  async #check(settings: ConnectionSettings, showSteps: boolean): Promise<CheckReport> {
    const { signal, print, paint } = this.#context;
    const { timeout: timeoutMs, json } = this.#flags;
    let failed = false;
    const onStep = (step: CheckStep): void => {
      failed ||= step.result === 'failed'; // shown at the end, when it is known why
      if (showSteps && !json && !failed && isWorthALine(step)) print(formatStep(step, paint));
    };
    return await runCheck(checkSubjectOf(settings), {
      ...{ signal, timeoutMs, onStep },
      userAgent: `rotey/${this.#version}`,
    });
  }

  /** @param again whether the steps of this check were not shown, because it is not the first. */
  async #tell(report: CheckReport, settings: ConnectionSettings, again = false): Promise<void> {
    const { print, paint } = this.#context;
    if (this.#flags.json) print(JSON.stringify({ ...report, settings: describeSettings(settings) }));
    else if (again) print(`\n${paint('dim', report.checkedAt)}\n${formatVerdict(report, paint)}`);
    else {
      const failed = formatFailedSteps(report, paint);
      if (failed !== '') print(failed);
      print(formatResult(report, paint, { verbose: this.#flags.verbose === true }));
    }
    if (this.#flags.report !== undefined) await this.#write(this.#flags.report, report, settings);
  }

  async #write(file: string, report: CheckReport, settings: ConnectionSettings): Promise<void> {
    const { env, note } = this.#context;
    const { node, openssl } = process.versions;
    const document = makeSupportReport(report, {
      writtenBy: `rotey ${this.#version}`,
      versions: { node, openssl, platform: process.platform, arch: process.arch, release: release() },
      settings: describeSettings(settings).map((setting) => ({ ...setting })),
      warnings: settings.warnings,
      env,
    });
    await writePrivate(file, `${JSON.stringify(document, undefined, 2)}\n`);
    note(`The report is in ${file}. It holds addresses, paths and names, and no secret.`);
  }
}

/** An address that could be read is no news. */
function isWorthALine({ name, result }: CheckStep): boolean {
  return name !== 'address' || result !== 'ok';
}

/** Only for the user's eyes, also where the file was there before with other permissions. */
async function writePrivate(file: string, text: string): Promise<void> {
  try {
    const handle = await open(file, 'w', 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : 'UNKNOWN';
    const hint = 'Name a file in a folder that you may write to.';
    throw new RoteyError('ROTEY_USAGE', `--report: ${file} cannot be written (${errno}).`, { cause, hint });
  }
}
