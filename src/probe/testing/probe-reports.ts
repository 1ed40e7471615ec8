/** What the tests of `probe` say about its reports. */
import assert from 'node:assert/strict';
import type { RoteyErrorCode } from '../../errors.ts';
import type { ProbeReport, ProbeStepName } from '../report.ts';

export function assertFailed(report: ProbeReport, outcome: string, code: RoteyErrorCode, step: ProbeStepName): void {
  assert.deepEqual(
    [report.outcome, report.failure?.code, report.failure?.context['step'], report.steps.at(-1)?.name],
    [outcome, code, step, step],
    report.failure?.message,
  );
  assert.equal(report.steps.at(-1)?.ok, false);
  assert.ok(report.failure?.hint, 'says what to do');
}

export function statuses(report: ProbeReport): string[] {
  return report.calls.map(({ method, status }) => `${method} ${status}`);
}
