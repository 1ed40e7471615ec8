import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Logger } from 'pino';
import { keepAliveFor, systemClock } from '../../clock.ts';
import {
  type ConnectionFlags,
  type ConnectionSettings,
  readSecretFile,
  readWatchConfig,
  resolveConnection,
} from '../../config/index.ts';
import { RoteyError } from '../../errors.ts';
import { DEFAULT_HEALTH_ADDRESS } from '../../observe/index.ts';
import { parseAddress } from '../../probe/index.ts';
import {
  oneReadAtATime,
  proveOnce,
  type ReadSecret,
  startWatchService,
  type WatchService,
  type WatchServiceOptions,
  type WatchSpec,
} from '../../watch/index.ts';
import type { CommandContext } from '../command-context.ts';
import { addConnectionFlags, CONNECTION_HELP, connectionFlagsOf } from '../connection-flags.ts';
import { parsePositiveDuration } from '../duration-option.ts';
import { parseListenOption } from '../listen-option.ts';
import { collect } from '../text-option.ts';
import { logWatch } from './watch-events.ts';
import { LOG_FORMATS, LOG_LEVELS, type LogOptions, openLog } from './watch-log.ts';
import { specOfEntry, specOfSettings } from './watch-specs.ts';
import { exitCodeOfOnce, formatOnce, formatSpecs, onceDocument } from './watch-table.ts';

interface WatchFlags extends ConnectionFlags {
  readonly config?: string;
  readonly proveEvery?: number;
  readonly timeout: number;
  readonly healthListen?: string;
  readonly health: boolean;
  readonly allowedHost?: readonly string[];
  readonly controlSocket?: string;
  readonly checkConfig?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly logLevel: LogOptions['level'];
  readonly logFormat?: LogOptions['format'];
}

const HELP = `${CONNECTION_HELP}With --config, everything is taken from that file, and nothing from flags,
environment or temporal.toml.

Runs until Ctrl-C or SIGTERM (exit code 0). SIGHUP reads the settings again;
those that are wrong are refused. Exit codes of --once: 0 all accepted, 3 a
problem was found, 4 a server could not be asked.

Examples:
  rotey watch --config watch.yaml
  rotey watch --config watch.yaml --check-config
  rotey watch --config watch.yaml --once      for cron and CI
  rotey watch --address ns.a1b2c.tmprl.cloud:7233 \\
    --tls-cert-path tls.crt --tls-key-path tls.key
  rotey status                                what it sees, on the same machine
`;

/** `rotey watch`: proves the certificates of processes that rotey does not touch. */
export function addWatchCommand(program: Command, version: string, context: CommandContext): void {
  const command = program
    .command('watch')
    .summary('prove certificates on disk with their servers, and tell what is wrong')
    .description(
      'Watches the certificates of any number of Workers, proves each new one with its server, proves those in use again ' +
        'from time to time, and exports metrics, status and logs. It changes nothing.',
    )
    .option('--config <file>', 'what to watch, YAML (docs/guides/watch.md)');
  addConnectionFlags(command)
    .addOption(
      new Option('--prove-every <duration>', 'how often to prove again, 0 for never (default: 5m)').argParser(
        parsePeriod,
      ),
    )
    .addOption(
      new Option('--timeout <duration>', 'for one look at a server')
        .argParser(parsePositiveDuration)
        .default(10_000, '10s'),
    )
    .option(
      '--health-listen <host:port>',
      `for probes and scrapes (default: ${DEFAULT_HEALTH_ADDRESS})`,
      parseListenOption,
    )
    .option('--no-health', 'no health listener, and no metrics')
    .option('--allowed-host <name>', 'a further name that requests may be addressed to; may be repeated', collect)
    .option('--control-socket <path>', 'Unix socket for `rotey status --socket` and the command reload')
    .option('--check-config', 'print what would be watched, and end')
    .option('--once', 'prove everything once, print a table, and end')
    .option('--json', 'with --once: print one line of JSON')
    .addOption(new Option('--log-level <level>', 'what to log on stderr').choices(LOG_LEVELS).default('info'))
    .addOption(new Option('--log-format <format>', 'default: text on a terminal, else json').choices(LOG_FORMATS))
    .addHelpText('after', HELP)
    .action((flags: WatchFlags) => new WatchCommand(flags, version, context).run());
}

class WatchCommand {
  readonly #flags: WatchFlags;
  readonly #context: CommandContext;
  readonly #userAgent: string;

  constructor(flags: WatchFlags, version: string, context: CommandContext) {
    this.#flags = flags;
    this.#context = context;
    this.#userAgent = `rotey/${version}`;
  }

  async run(): Promise<void> {
    const { checkConfig, once } = this.#flags;
    refuseContradictions(this.#flags);
    if (checkConfig) this.#context.print(formatSpecs(await this.#load(this.#warn)));
    else if (once) await this.#once();
    else await this.#watch();
  }

  /** @param warn told about settings that are not used */
  async #load(warn: (line: string) => void): Promise<readonly WatchSpec[]> {
    const { config, proveEvery } = this.#flags;
    const { signal } = this.#context;
    if (config !== undefined) {
      const entries = await readWatchConfig(config, { checkAddress: (address) => void parseAddress(address), signal });
      return entries.map(specOfEntry);
    }
    const flags = connectionFlagsOf(this.#flags);
    const settings = await resolveConnection({ env: this.#context.env, flags, signal });
    for (const warning of settings.warnings) warn(warning);
    checkAddress(settings);
    return [specOfSettings(settings, flags, proveEvery)];
  }

  async #once(): Promise<void> {
    const { signal, print, paint, setExitCode } = this.#context;
    const { json, timeout: timeoutMs } = this.#flags;
    const specs = await this.#load(this.#warn);
    const proving = proveOnce(specs, { signal, timeoutMs, readSecret, userAgent: this.#userAgent });
    const results = await keepAliveFor(proving);
    print(json ? JSON.stringify(onceDocument(results)) : formatOnce(results, systemClock.now(), paint));
    setExitCode(exitCodeOfOnce(results));
  }

  async #watch(): Promise<void> {
    const { signal, note, notesGoToTerminal, onHangup } = this.#context;
    const { logLevel: level, logFormat: format = notesGoToTerminal ? 'text' : 'json' } = this.#flags;
    const log = await openLog({ level, format, note });
    let service: WatchService | undefined;
    // From the beginning on: until somebody listens, the signal ends the process.
    const forget = onHangup?.(() => void service?.reload().catch(() => undefined)); // it has been told
    try {
      service = await startWatchService(this.#serviceOptions(log));
      signal.throwIfAborted(); // from here on an interrupt is an orderly end
      const { healthAddress, started } = service;
      log.info({ healthAddress, controlSocket: this.#flags.controlSocket }, 'Watching; nothing is changed');
      const watches = (): number | undefined => service?.status().rotations.length;
      const begun = started.then(() => log.info({ watches: watches() }, 'All files have been looked at'));
      const ended = aborted(signal);
      await keepAliveFor(Promise.race([ended, begun.then(() => ended)]));
      log.info(`Stopped: ${signal.reason instanceof Error ? signal.reason.message : 'asked to'}`);
    } finally {
      forget?.();
      await service?.close();
    }
  }

  #serviceOptions(log: Logger): WatchServiceOptions {
    const { timeout: timeoutMs, health, healthListen: listen, allowedHost: allowedHosts, controlSocket } = this.#flags;
    return {
      load: () => this.#load((line) => log.warn(line)),
      ...{ timeoutMs, readSecret, controlSocket, userAgent: this.#userAgent },
      health: health ? { listen, allowedHosts } : undefined,
      onWatch: (watch) => logWatch(watch, log),
      onReload: (result) => {
        if (!('code' in result)) return log.info(result, 'The settings were read again');
        const { message, ...facts } = result;
        log.error(facts, `The settings cannot be used; what is watched stays as it is. ${message}`);
      },
      onBlocked: (event) => log.warn(event, 'Nothing ran in this process for a while'),
    };
  }

  readonly #warn = (line: string): void => this.#context.note(`warning: ${line}`);
}

function checkAddress({ address }: ConnectionSettings): void {
  try {
    parseAddress(address.value);
  } catch (error) {
    if (!(error instanceof RoteyError)) throw error;
    const { message, hint = '' } = error;
    throw new RoteyError('ROTEY_CONFIG_INVALID', `${address.origin.name}: ${message}`, { cause: error, hint });
  }
}

const readSecret: ReadSecret = oneReadAtATime((file) => readSecretFile(file, 'apiKeyFile'));

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function refuseContradictions(flags: WatchFlags): void {
  const { config, proveEvery, once, checkConfig, json } = flags;
  const connection = Object.values(connectionFlagsOf(flags)).some((value) => value !== undefined);
  if (config !== undefined && (connection || proveEvery !== undefined)) {
    throw new RoteyError('ROTEY_USAGE', '--config says everything about the connections; give it or their flags.');
  }
  if (once && checkConfig) throw new RoteyError('ROTEY_USAGE', 'Give either --once or --check-config.');
  if (json && !once) throw new RoteyError('ROTEY_USAGE', '--json is for --once; logs are JSON with --log-format json.');
}

function parsePeriod(text: string): number {
  if (text === '0') return 0;
  const ms = parsePositiveDuration(text);
  if (ms >= 1000) return ms;
  throw new InvalidArgumentError('It must be 1s or longer, or 0 for never.');
}
