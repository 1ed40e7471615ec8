/**
 * `npm run demo`: see README.md.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { runDemo } from './demo.ts';
import { type DemoOptions, HELP, parseOptions } from './options.ts';
import { failuresOf, shortfallsOf } from './result.ts';
import { printSummary } from './summary.ts';
import { Timeline } from './timeline.ts';

const EXIT = { good: 0, internal: 1, usage: 2, problem: 3, interrupted: 130 } as const;

async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return EXIT.usage;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return EXIT.good;
  }
  return await demonstrate(options);
}

async function demonstrate(options: DemoOptions): Promise<number> {
  const timeline = new Timeline();
  const stop = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    // A second time: at once. The server and the Worker notice that this process is gone, and end too.
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    timeline.say('demo', `${signal}: ending in order; once more to end at once`);
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const { durationMs, withoutRotey, jsonFile } = options;
    const how = withoutRotey ? 'read once' : 'rotated by rotey';
    timeline.heading(`A Temporal Worker whose certificates live 30 s, ${how}; ${durationMs / 1000} s of it.`);
    const outcome = await runDemo(options, timeline, stop.signal);
    printSummary(timeline, outcome, { withoutRotey, interrupted: stop.signal.aborted });
    if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(outcome.result, null, 2)}\n`);
    if (stop.signal.aborted) return EXIT.interrupted;
    const problems = [...failuresOf(outcome.result), ...shortfallsOf(outcome.result)];
    return problems.length === 0 ? EXIT.good : EXIT.problem;
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted;
    timeline.complain('demo', explain(error));
    return EXIT.internal;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** rotey's own errors say what to do about them. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = 'hint' in error && typeof error.hint === 'string' ? `\n${error.hint}` : '';
  return `${error.message}${hint}`;
}

process.exitCode = await main(process.argv.slice(2));
