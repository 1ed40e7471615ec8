/**
 * Why a connection fails: follows it from the files to DescribeNamespace and names the cause, or the possible ones.
 * May import errors, clock, identity, source and probe. Must never know where settings come from, nor print anything.
 *
 * @module
 */
export type { CauseKind, CheckStepName } from './cause.ts';
export { CAUSE_CODES, CAUSES, type CauseCode } from './causes.ts';
export { type CheckOptions, runCheck } from './check.ts';
export type {
  CheckedIdentity,
  CheckedServer,
  CheckedServerCertificate,
  CheckedTarget,
  CheckReport,
  CheckStep,
  FoundCause,
} from './check-report.ts';
export { CHECK_REPORT_SCHEMA } from './report-schema.ts';
export type { CheckSubject, PemInput } from './subject.ts';
export { makeSupportReport, type SupportCircumstances, type SupportReport } from './support-report.ts';
