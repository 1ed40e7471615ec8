/**
 * What can be seen from outside: metrics, the status document, the health listener, the control socket.
 * May import errors, clock and safe-emitter. Must never know what is observed: whoever has a rotation describes it in
 * the words of this room.
 *
 * @module
 */
export { type CallControlOptions, callControl } from './control-client.ts';
export type { ControlCommands, ControlHandler } from './control-socket.ts';
export { type EndpointOptions, type Endpoints, openEndpoints } from './endpoints.ts';
export { type EventLoopEvents, EventLoopWatch } from './event-loop-watch.ts';
export { type FetchStatusOptions, fetchStatus } from './fetch-status.ts';
export { DEFAULT_HEALTH_ADDRESS, type HealthListenerOptions, type MetricsText } from './health-listener.ts';
export { findProblems, isHealthy, isReady } from './judge-status.ts';
export { type ListenAddress, parseListenAddress } from './listen-address.ts';
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
