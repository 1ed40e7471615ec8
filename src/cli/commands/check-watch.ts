import type { CheckReport } from '../../check/index.ts';
import { systemClock } from '../../clock.ts';

/**
 * Checks again and again until the signal aborts, and tells every report that differs from the one before, the first one
 * included. Resolves with the last report; undefined when the signal aborted before there was any.
 */
export async function watchChecks(
  check: () => Promise<CheckReport>,
  onChange: (report: CheckReport) => Promise<void>,
  { intervalMs, signal }: { readonly intervalMs: number; readonly signal: AbortSignal },
): Promise<CheckReport | undefined> {
  let last: CheckReport | undefined;
  let asked: string | undefined;
  try {
    for (;;) {
      const report = await check();
      const asks = authoritiesOf(report) ?? asked; // one that could not be looked at has not changed
      const asksOthers = asked !== undefined && asks !== asked;
      const changed = last === undefined || stateOf(last) !== stateOf(report) || asksOthers;
      [last, asked] = [report, asks];
      if (changed) await onChange(report);
      await systemClock.sleep(intervalMs, { signal, ref: true });
    }
  } catch (error) {
    if (signal.aborted) return last;
    throw error;
  }
}

/** In one order: servers behind one address may have the same CAs in different ones. */
function authoritiesOf({ server: { acceptedAuthorities } }: CheckReport): string | undefined {
  return acceptedAuthorities === undefined ? undefined : JSON.stringify([...acceptedAuthorities].sort());
}

/** What else makes a report another one: the result, the certificates of both sides, the server; not times and ports. */
function stateOf({ result, cause, identity, server, findings }: CheckReport): string {
  return JSON.stringify([
    ...[result, cause?.code, cause?.step, identity?.sha256, server.certificate?.sha256, server.version],
    findings.map(({ code }) => code),
  ]);
}
