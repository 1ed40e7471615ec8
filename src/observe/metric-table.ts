/**
 * Every metric that rotey exports, in one table: docs/reference/metrics.md is made from it, and both kinds of exporters
 * register what stands here. Names, labels and units are part of the interface.
 *
 * @module
 */

export interface MetricDefinition {
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Besides the labels that are listed here a metric has none. */
  readonly labels: readonly string[];
  /** One sentence, without a full stop: `# HELP`. */
  readonly help: string;
  /** When its value changes, for the docs. */
  readonly changes: string;
  /** Upper bounds, for histograms. */
  readonly buckets?: readonly number[];
  /** A label takes new values for ever. Only exporters that forget a series which is not set any more can have it. */
  readonly labelsChange?: true;
  /**
   * What a series is worth that is not set any more, for exporters that never forget one. Undefined: its last value
   * does no harm, and the truth is that nothing newer is known.
   */
  readonly gone?: number;
}

/** What a process is: `worker` and `client` are the SDK plugin, the others commands of `rotey`. */
export type ConsumerName = 'worker' | 'client' | 'watch' | 'proxy' | 'agent';

/** What rotates with one source of pairs. */
export interface SourceLabels {
  readonly consumer: ConsumerName;
  /** What the user calls it. */
  readonly name: string;
}

/** One rotation: a source of pairs and a server. */
export interface RotationLabels extends SourceLabels {
  /** `host:port` of the server. */
  readonly address: string;
}

const PROCESS = ['consumer'] as const;
const SOURCE = [...PROCESS, 'name'] as const;
const ROTATION = [...SOURCE, 'address'] as const;

/** From a connection on the same machine to a retry with the longest backoff after several failures. */
const ROTATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
/** From calls that end at once to the drain cap and a little more: a long poll takes 60 to 70 s. */
const DRAIN_BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 70, 75, 90, 120];

/** 9999-12-31T23:59:59Z: a certificate without an end (RFC 5280 §4.1.2.5). */
const NO_END = 253_402_300_799;

export const METRICS = Object.freeze({
  rotey_build_info: gauge(
    [...PROCESS, 'version', 'node_version'],
    'Always 1; the versions of rotey and Node are in the labels',
    'never',
  ),
  rotey_certificate_info: gauge(
    [...ROTATION, 'role', 'serial', 'issuer', 'subject', 'fingerprint'],
    'Always 1; what certificate it is, for each role; fingerprint is the SHA-1 that Temporal Cloud shows',
    'with the certificate; the series of the one before is removed',
    { labelsChange: true },
  ),
  rotey_certificate_not_after_timestamp_seconds: gauge(
    [...ROTATION, 'role'],
    'When the certificate ends, in seconds since the epoch',
    'with the certificate; absent while there is none in this role',
    { gone: NO_END },
  ),
  rotey_certificate_not_before_timestamp_seconds: gauge(
    [...ROTATION, 'role'],
    'When the certificate begins to be valid, in seconds since the epoch',
    'with the certificate; absent while there is none in this role',
    { gone: undefined },
  ),
  rotey_certificate_expiry_level: gauge(
    [...ROTATION, 'level'],
    '1 for the level of the certificate in use, else 0: ok, warning (a third of the lifetime left), critical (a tenth), expired',
    'with time, and with the certificate in use',
  ),
  rotey_source_problem: gauge(
    [...SOURCE, 'code'],
    '1 while what the source reads is no usable pair; the last good one stays',
    'when contents have been unusable for a moment (code says why), and when they are usable again',
  ),
  rotey_source_problems_total: counter(
    [...SOURCE, 'code'],
    'How often what the source reads became unusable, or the reason changed',
    'with the event sourceProblem',
  ),
  rotey_source_noticed_by: gauge(
    [...SOURCE, 'by'],
    '1 for how changes are noticed, else 0: events (with polling behind them), polling alone, caller',
    'when watching becomes possible or impossible',
  ),
  rotey_source_last_read_timestamp_seconds: gauge(
    SOURCE,
    'When the last look at the source ended, whatever it found',
    'with each look',
    { gone: undefined },
  ),
  rotey_source_last_good_timestamp_seconds: gauge(SOURCE, 'When a usable pair was last seen', 'with each good look', {
    gone: undefined,
  }),
  rotey_source_last_change_timestamp_seconds: gauge(SOURCE, 'When the pair last changed', 'with each new pair', {
    gone: undefined,
  }),
  rotey_rotation_state: gauge(
    [...ROTATION, 'state'],
    '1 for the state of the rotation, else 0: starting, serving, proving, holding, closing, closed',
    'with each transition',
  ),
  rotey_rotation_state_age_seconds: gauge(
    [...ROTATION, 'state'],
    'How long the rotation has been in its state, without the time that the machine slept',
    'always',
  ),
  rotey_rotation_heartbeat_age_seconds: gauge(
    ROTATION,
    'How long ago the loop of the rotation last ran; it runs every 10 s or more often, so a minute means that it is stuck',
    'always; absent once the rotation is closed',
  ),
  rotey_rotation_generation: gauge(
    ROTATION,
    'Number of the session in use, counted from 1 since the process started',
    'with each hand-over',
  ),
  rotey_rotation_last_attempt_timestamp_seconds: gauge(
    ROTATION,
    'When the last attempt to open a session began',
    'with each attempt; absent before the first',
    { gone: undefined },
  ),
  rotey_rotation_last_success_timestamp_seconds: gauge(
    ROTATION,
    'When an attempt last succeeded',
    'with each hand-over, and each proof in observe mode; absent before the first',
    { gone: undefined },
  ),
  rotey_rotation_consecutive_failures: gauge(
    ROTATION,
    'Failed attempts since the last one that succeeded',
    'with each attempt',
  ),
  rotey_rotation_frozen: gauge(ROTATION, '1 while the kill switch holds the identity in use, else 0', 'on command'),
  rotey_rotation_observing: gauge(
    ROTATION,
    '1 when new pairs are proven and none is used (observe mode), else 0',
    'never',
  ),
  rotey_rotation_attempts_total: counter(
    [...ROTATION, 'result', 'cause'],
    'Attempts to open a session, by result (rotated, renewed with the same pair, rehearsed, refused, unobtainable) and cause',
    'at the end of each attempt; those that something newer overtook are not counted',
  ),
  rotey_rotation_duration_seconds: histogram(
    ROTATION,
    'From the moment a new pair was first seen, or a new session was due, until new work goes to it',
    'with each hand-over',
    ROTATION_BUCKETS,
  ),
  rotey_proof_failures_total: counter(
    [...ROTATION, 'verdict', 'step', 'code'],
    'Failed attempts by verdict (refused, unobtainable), the step that failed and the error code',
    'with each failed attempt',
  ),
  rotey_in_use_failing: gauge(
    [...ROTATION, 'reason'],
    '1 for how the last attempt to open another session with the certificate in use failed, else 0: refused, unobtainable',
    'with each such attempt, and when another certificate comes into use; absent while none is in use',
  ),
  rotey_candidate_held: gauge(
    [...ROTATION, 'reason'],
    '1 for the reason why a new pair is not in use, else 0: refused, unobtainable, not-yet-valid, expired, frozen, rehearsed (proven in observe mode)',
    'when a pair is held back, and when it is used or replaced',
  ),
  rotey_candidate_age_seconds: gauge(
    ROTATION,
    'How long the pair that is not in use has waited, without the time that the machine slept; 0 while there is none',
    'always',
  ),
  rotey_drains_total: counter(
    [...ROTATION, 'result'],
    'Old sessions that were closed, by result: finished, or cut with calls running on them',
    'with each session that is closed',
  ),
  rotey_drain_duration_seconds: histogram(
    ROTATION,
    'How long an old session took to finish its calls and close',
    'with each session that is closed',
    DRAIN_BUCKETS,
  ),
  rotey_calls_cut_total: counter(
    ROTATION,
    'Calls that were still running when their session was closed because its time was up',
    'with each session that is closed',
  ),
  rotey_draining_sessions: gauge(ROTATION, 'Old sessions that are finishing their calls', 'with each hand-over'),
  rotey_clock_jumps_total: counter(
    ROTATION,
    'How often wall time and awake time drifted apart by more than 5 s: the machine slept, or its clock was set',
    'with the event clockJumped',
  ),
  rotey_event_loop_lag_seconds: gauge(
    PROCESS,
    'The longest time that a timer was late within the last minute',
    'every half second',
  ),
  rotey_event_loop_blocks_total: counter(
    PROCESS,
    'How often the event loop was blocked for a second or more',
    'at the end of each block',
  ),
});

export type MetricName = keyof typeof METRICS;
type NamesOf<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];
export type GaugeName = NamesOf<'gauge'>;
export type CounterName = NamesOf<'counter'>;
export type HistogramName = NamesOf<'histogram'>;

/** All labels of a metric. An empty one is as good as none. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;

/** All metrics of a type, with their definitions. */
export function metricsOfType<Type extends MetricDefinition['type']>(
  type: Type,
): readonly (readonly [NamesOf<Type>, MetricDefinition])[] {
  const all = Object.entries<MetricDefinition>(METRICS).filter(([, definition]) => definition.type === type);
  return all as [NamesOf<Type>, MetricDefinition][]; // the keys are the table's, and their type was looked at
}

type GaugeTraits = Pick<MetricDefinition, 'labelsChange'> & { readonly gone?: number | undefined };

function gauge<const Labels extends readonly string[]>(
  labels: Labels,
  help: string,
  changes: string,
  { labelsChange, gone }: GaugeTraits = { gone: 0 },
) {
  const traits = { ...(labelsChange && { labelsChange }), ...(gone !== undefined && { gone }) };
  return Object.freeze({ type: 'gauge', labels, help, changes, ...traits } as const);
}

function counter<const Labels extends readonly string[]>(labels: Labels, help: string, changes: string) {
  return Object.freeze({ type: 'counter', labels, help, changes } as const);
}

function histogram<const Labels extends readonly string[]>(
  labels: Labels,
  help: string,
  changes: string,
  buckets: readonly number[],
) {
  return Object.freeze({ type: 'histogram', labels, help, changes, buckets } as const);
}
