/**
 * The state machine that brings a new identity into use: candidate, prove, hand over, drain, retire.
 * May import errors, clock, safe-emitter, observe, identity and source. Must never know Temporal, TLS or HTTP/2: what a
 * session is, how it is opened, proven and closed, is its consumer's business.
 *
 * @module
 */
export { noPair } from './attempt.ts';
export type { Consumer, Identity, OpenOutcome, OpenRequest, Retirement, Serving } from './consumer.ts';
export { describeRotation, describeSource } from './describe-status.ts';
export type {
  AttemptCause,
  AttemptFailedEvent,
  DrainedEvent,
  ExpiringEvent,
  HeldEvent,
  PairSummary,
  RehearsedEvent,
  RotatedEvent,
  RotationEvents,
} from './events.ts';
export { summarizePair } from './events.ts';
export type { ExpiryLevel } from './expiry.ts';
export { type HoldCause, heldBecause } from './held.ts';
export { Observation, type ObservationOptions, type RotationName } from './observation.ts';
export { type ReportedRotation, reportRotation } from './report-rotation.ts';
export { reportSource, SourceProblem } from './report-source.ts';
export { requireDuration } from './require-duration.ts';
export type { Rotation } from './rotation.ts';
export {
  type CloseOptions,
  DEFAULT_DRAIN_CAP_MS,
  type RotateNowResult,
  type RotationOptions,
} from './rotation-options.ts';
export { adoptRotation, startRotation } from './start-rotation.ts';
export type { RotationState, RotationStatus } from './status.ts';
