import type { Metrics, RotationLabels, SetGauge } from '../observe/index.ts';
import type { SafeEmitter } from '../safe-emitter.ts';
import type { AttemptFailedEvent, RotationEvents } from './events.ts';
import type { ExpiryLevel } from './expiry.ts';
import { type HoldCause, heldBecause } from './held.ts';
import { setFlags } from './metric-flags.ts';
import { reportCertificate } from './report-certificate.ts';
import type { RotationState, RotationStatus } from './status.ts';

/** What is asked of a rotation to report it. */
export interface ReportedRotation {
  readonly events: Pick<SafeEmitter<RotationEvents>, 'on' | 'off'>;
  status(): RotationStatus;
}

const STATES: readonly RotationState[] = ['starting', 'serving', 'proving', 'holding', 'closing', 'closed'];
const LEVELS: readonly ExpiryLevel[] = ['ok', 'warning', 'critical', 'expired'];
const HELD: readonly HoldCause[] = ['refused', 'unobtainable', 'not-yet-valid', 'expired', 'frozen', 'rehearsed'];
const FAILING = ['refused', 'unobtainable'] as const;
const RESULTS = ['rotated', 'renewed', 'rehearsed', 'refused', 'unobtainable'] as const;

/**
 * Reports a rotation as long as it lives or until the answer is called. Report it before its first attempt ends
 * (`waitForFirst`, or a session that exists): counters know only what they were there for. Its source is reported by
 * `reportSource`, once, however many rotations it has.
 */
export function reportRotation(rotation: ReportedRotation, metrics: Metrics, labels: RotationLabels): () => void {
  startCounters(metrics, labels);
  const stopCounting = countEvents(rotation.events, metrics, labels);
  const stopCollecting = metrics.onCollect((set) => setGauges(set, rotation.status(), labels));
  return () => {
    stopCounting();
    stopCollecting();
  };
}

/** Series that exist from the beginning: an increase from nothing to 1 is none for Prometheus. */
function startCounters(metrics: Metrics, labels: RotationLabels): void {
  for (const result of RESULTS) {
    metrics.count('rotey_rotation_attempts_total', { ...labels, result, cause: 'new-pair' }, 0);
  }
  for (const result of ['finished', 'cut']) metrics.count('rotey_drains_total', { ...labels, result }, 0);
  metrics.count('rotey_calls_cut_total', labels, 0);
  metrics.count('rotey_clock_jumps_total', labels, 0);
}

function countEvents(events: ReportedRotation['events'], metrics: Metrics, labels: RotationLabels): () => void {
  const attempt = (result: (typeof RESULTS)[number], cause: string): void =>
    metrics.count('rotey_rotation_attempts_total', { ...labels, result, cause });
  const listeners: { readonly [Name in keyof RotationEvents]?: (...args: RotationEvents[Name]) => void } = {
    rotated({ newPair, cause, tookMs }) {
      attempt(newPair ? 'rotated' : 'renewed', cause);
      metrics.observe('rotey_rotation_duration_seconds', labels, tookMs / 1000);
    },
    rehearsed: ({ cause }) => attempt('rehearsed', cause),
    attemptFailed(event) {
      attempt(event.verdict, event.cause);
      metrics.count('rotey_proof_failures_total', { ...labels, ...failureLabels(event) });
    },
    drained({ tookMs, callsCut }) {
      metrics.count('rotey_drains_total', { ...labels, result: callsCut > 0 ? 'cut' : 'finished' });
      metrics.count('rotey_calls_cut_total', labels, callsCut);
      metrics.observe('rotey_drain_duration_seconds', labels, tookMs / 1000);
    },
    clockJumped: () => metrics.count('rotey_clock_jumps_total', labels),
  };
  const entries = Object.entries(listeners) as [keyof RotationEvents, () => void][]; // each beside its own event
  for (const [name, listener] of entries) events.on(name, listener);
  return () => {
    for (const [name, listener] of entries) events.off(name, listener);
  };
}

function failureLabels({ verdict, step, error }: AttemptFailedEvent): { verdict: string; step: string; code: string } {
  return { verdict, step, code: error.code };
}

function setGauges(set: SetGauge, status: RotationStatus, labels: RotationLabels): void {
  const { state, current, candidate, heartbeatAgeMs, lastAttemptAtMs, lastSuccessAtMs } = status;
  setFlags(STATES, state, (value, flag) => set('rotey_rotation_state', { ...labels, state: value }, flag));
  set('rotey_rotation_state_age_seconds', { ...labels, state }, status.stateAgeMs / 1000);
  if (heartbeatAgeMs !== undefined) set('rotey_rotation_heartbeat_age_seconds', labels, heartbeatAgeMs / 1000);
  if (lastAttemptAtMs !== undefined) {
    set('rotey_rotation_last_attempt_timestamp_seconds', labels, lastAttemptAtMs / 1000);
  }
  if (lastSuccessAtMs !== undefined) {
    set('rotey_rotation_last_success_timestamp_seconds', labels, lastSuccessAtMs / 1000);
  }
  set('rotey_rotation_consecutive_failures', labels, status.consecutiveFailures);
  set('rotey_rotation_frozen', labels, Number(status.frozen));
  set('rotey_rotation_observing', labels, Number(status.mode === 'observe'));
  set('rotey_draining_sessions', labels, status.draining.length);
  const held = heldBecause(status);
  setFlags(HELD, held, (reason, flag) => set('rotey_candidate_held', { ...labels, reason }, flag));
  set('rotey_candidate_age_seconds', labels, (candidate?.ageMs ?? 0) / 1000);
  if (candidate !== undefined) reportCertificate(set, candidate.pair, { ...labels, role: 'candidate' });
  if (current !== undefined) setCurrent(set, current, labels);
}

function setCurrent(set: SetGauge, current: NonNullable<RotationStatus['current']>, labels: RotationLabels): void {
  set('rotey_rotation_generation', labels, current.generation);
  setFlags(LEVELS, current.expiry, (level, flag) => set('rotey_certificate_expiry_level', { ...labels, level }, flag));
  setFlags(FAILING, current.failing?.verdict, (reason, flag) =>
    set('rotey_in_use_failing', { ...labels, reason }, flag),
  );
  reportCertificate(set, current.pair, { ...labels, role: 'in_use' });
}
