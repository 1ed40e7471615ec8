import { parseArgs } from 'node:util';

/** What the user asked for. */
export interface DemoOptions {
  readonly durationMs: number;
  /** Where to write the result as JSON. */
  readonly jsonFile: string | undefined;
  readonly withoutRotey: boolean;
  readonly help: boolean;
}

export const HELP = `Rotates the certificate of a running Temporal Worker on a real Temporal Service, and shows what happens.

Usage: npm run demo -- [options]

  --duration 90s    how long, 20s or more (also 2m, 500s …); in a short run certificates are renewed more often
  --json FILE       write the result as JSON
  --without-rotey   the same Worker, but its certificate is read once, at the start: it fails when that expires
  --help            this text

Exit code: 0 if nothing failed and the certificate rotated three times or more; 3 if not, which is what
--without-rotey is there to show; 2 wrong usage; 1 the demo itself could not run; 130 interrupted with Ctrl-C.

The first run on a machine builds the Temporal server, which needs Go and takes about 5 minutes.
`;

/** @throws {TypeError} with a message for the user. */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      duration: { type: 'string', default: '90s' },
      json: { type: 'string' },
      'without-rotey': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    durationMs: parseDuration(values.duration),
    jsonFile: values.json,
    withoutRotey: values['without-rotey'],
    help: values.help,
  };
}

function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text.trim()) ?? [];
  const ms = Number(amount) * (UNITS_MS.get(unit ?? '') ?? Number.NaN);
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  throw new TypeError(`--duration takes 20s to 60m, not "${text}".`);
}

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
]);
/** A certificate is renewed four times in it, so every five seconds: a Worker's long polls should see some of each. */
const SHORTEST_MS = 20_000;
const LONGEST_MS = 60 * 60_000;
