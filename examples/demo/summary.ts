import type { Outcome } from './demo.ts';
import { problemsOf } from './result.ts';
import { short, type Timeline } from './timeline.ts';

/** The numbers, then the certificates as the frontend saw them, then what it comes to. */
export function printSummary(timeline: Timeline, { result, workerPid }: Outcome, withoutRotey: boolean): void {
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
  timeline.heading(withoutRotey ? verdictWithoutRotey(timeline, result) : verdict(result));
}

function verdict(result: Outcome['result']): string {
  const problems = problemsOf(result);
  if (problems.length > 0) return `Not as it should be: ${problems.join('; ')}.`;
  return 'The Worker has changed its certificate again and again. Nothing restarted, nothing was replayed, nothing failed.';
}

function verdictWithoutRotey(timeline: Timeline, result: Outcome['result']): string {
  const [first] = result.identities;
  const problems = problemsOf(result).filter(
    (problem) => !problem.includes('rotations') && !problem.includes('saw only'),
  );
  if (first === undefined || problems.length === 0)
    return 'Nothing failed yet: the certificate has to expire first (30 s), then the connection has to be closed (20 s).';
  return [
    `The Worker read ${short(first.serial)} once. It expired at ${timeline.since(Date.parse(first.notAfter))}; the open connection lived on`,
    'until the server closed it because of its age, and the next one was refused. Newer certificates were in the',
    `files all the time. Since then: ${problems.join('; ')}.`,
    'A restart would read the files again, and replay every workflow from its history. `npm run demo` shows the other way.',
  ].join('\n');
}
