import type { RoteyError } from '../errors.ts';
import type { ProbeOutcome } from './report.ts';

/** How a step ended a probe: what it says of the certificate, and the error to report. Never leaves this folder. */
export class StepFailure extends Error {
  override readonly name: string = 'StepFailure';
  readonly outcome: Exclude<ProbeOutcome, 'accepted'>;
  readonly error: RoteyError;

  constructor(outcome: Exclude<ProbeOutcome, 'accepted'>, error: RoteyError) {
    super(error.message, { cause: error });
    this.outcome = outcome;
    this.error = error;
  }
}
