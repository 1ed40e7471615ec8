/**
 * rotey without a Temporal SDK: what a pair is, where pairs come from, the state machine that brings them into use, and
 * the errors. `rotey/worker` joins them with the SDK; `rotey/pki` and `rotey/sandbox` are for issuing and for trying.
 * May import these four rooms only. Must never know @temporalio.
 *
 * @module
 */
export { type Clock, type SleepOptions, systemClock } from './clock.ts';
export {
  ERROR_CODES,
  type ErrorSummary,
  RoteyError,
  type RoteyErrorCode,
  type RoteyErrorOptions,
  summarizeError,
} from './errors.ts';
export {
  type CertificateFacts,
  FINDING_CODES,
  FINDINGS,
  type Finding,
  type FindingCode,
  type FindingKind,
  type FindingRules,
  type Pair,
  type PairMaterial,
  type PairOrigin,
  readCertificates,
  readPair,
  type Severity,
} from './identity/index.ts';
export {
  type AttemptCause,
  type AttemptFailedEvent,
  adoptRotation,
  type CloseOptions,
  type Consumer,
  type DrainedEvent,
  type ExpiringEvent,
  type ExpiryLevel,
  type HeldEvent,
  type Identity,
  type OpenOutcome,
  type OpenRequest,
  type PairSummary,
  type RehearsedEvent,
  type Retirement,
  type RotatedEvent,
  type RotateNowResult,
  type Rotation,
  type RotationEvents,
  type RotationOptions,
  type RotationState,
  type RotationStatus,
  type Serving,
  startRotation,
} from './rotation/index.ts';
export {
  type FileSourceOptions,
  MemorySource,
  type PairFiles,
  type PairSource,
  type PairSourceEvents,
  type SourceStatus,
  watchFiles,
} from './source/index.ts';
