import type { Outcome } from './demo.ts';
import { type DemoResult, failuresOf, shortfallsOf } from './result.ts';
import { short, type Timeline } from './timeline.ts';

export interface Ending {
  readonly withoutRotey: boolean;
  readonly interrupted: boolean;
}

/** The numbers, then the certificates as the frontend saw them, then what it comes to. */
export function printSummary(timeline: Timeline, { result, workerPid }: Outcome, how: Ending): void {
  const { identities } = result;
  timeline.print('');
  timeline.heading('Summary');
  const row = (what: string, count: number, remark = '') =>
    timeline.print(`  ${what.padEnd(22)}${String(count).padStart(5)}${remark && `   ${remark}`}`);
  row('rotations', result.rotations, `${identities.length} certificates at the frontend`);
  row('workflows completed', result.workflowsCompleted);
  row('workflows failed', result.workflowsFailed);
  row('activities failed', result.activitiesFailed);
  row('RPCs failed', result.rpcFailures);
  row('Worker restarts', result.workerRestarts, result.workerRestarts === 0 ? `process ${workerPid} throughout` : '');
  row('replays', result.replays);
  timeline.print('');
  timeline.print('  certificate   valid until   first seen by the frontend   last seen');
  for (const { serial, notAfter, firstSeenMs, lastSeenMs } of identities) {
    const [until, first, last] = [Date.parse(notAfter), firstSeenMs, lastSeenMs].map((ms) => timeline.since(ms));
    timeline.print(`  ${short(serial).padEnd(14)}${until?.padEnd(14)}${first?.padEnd(29)}${last}`);
  }
  timeline.print('');
  for (const line of how.withoutRotey ? verdictWithoutRotey(timeline, result) : verdict(result, how.interrupted)) {
    timeline.heading(line);
  }
}

function verdict(result: DemoResult, interrupted: boolean): readonly string[] {
  const problems = [...failuresOf(result), ...(interrupted ? [] : shortfallsOf(result))];
  if (problems.length > 0) return [`Not as it should be: ${problems.join('; ')}.`];
  if (interrupted) return ['Interrupted. Until then nothing restarted, nothing was replayed, nothing failed.'];
  return [
    'The Worker has changed its certificate again and again.',
    'Nothing restarted, nothing was replayed, nothing failed.',
  ];
}

function verdictWithoutRotey(timeline: Timeline, result: DemoResult): readonly string[] {
  const [first] = result.identities;
  const failures = failuresOf(result);
  if (first === undefined || failures.length === 0) {
    return [
      'Nothing has failed yet: the certificate has to expire (30 s), then the server has to close the connection.',
    ];
  }
  return [
    `The Worker has read ${short(first.serial)} once. It expired at ${timeline.since(Date.parse(first.notAfter))}, and served on until the server`,
    'closed the connection because of its age. No new one was let in, while newer certificates lay in the files.',
    `That cost: ${failures.join('; ')}.`,
    'A restart would read the files again, and replay every workflow from its history. `npm run demo` does without.',
  ];
}
