/**
 * What can be seen from outside: metrics, the status document, the health listener, the control socket.
 * May import errors, clock and safe-emitter. Must never know what is observed: whoever has a rotation describes it in
 * the words of this room.
 *
 * @module
 */
export { type EventLoopEvents, EventLoopWatch } from './event-loop-watch.ts';
export { findProblems, isHealthy, isReady } from './judge-status.ts';
export {
  type ConsumerName,
  type LabelsOf,
  METRICS,
  type MetricDefinition,
  type MetricName,
  type RotationLabels,
  type SourceLabels,
} from './metric-table.ts';
export { type Metrics, NO_METRICS, type SetGauge } from './metrics.ts';
export { type OpenTelemetryMeter, openTelemetryMetrics } from './opentelemetry-metrics.ts';
export { PROBLEMS, type ProblemName } from './problems.ts';
export { type PrometheusMetrics, type PrometheusRegistry, prometheusMetrics } from './prometheus-metrics.ts';
export { type ProcessReport, reportProcess } from './report-process.ts';
export type {
  CertificateDocument,
  ErrorDocument,
  RotationDocument,
  SourceDocument,
  StatusDocument,
  StatusProblem,
} from './status-document.ts';
export { VERSION } from './version.ts';
