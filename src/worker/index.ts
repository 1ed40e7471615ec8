/**
 * The Temporal SDK plugin: keeps the Workers and Clients of a NativeConnection on the newest certificate that the server
 * has accepted. May import everything above it; the only folder that knows `@temporalio/*`. Must never know the proxy,
 * the agent or the sandbox.
 *
 * @module
 */
export type { OpenTelemetryMeter, PrometheusRegistry, StatusDocument } from '../observe/index.ts';
export type {
  CertificateRotation,
  CertificateRotationEvents,
  CertificateRotationStatus,
} from './certificate-rotation.ts';
export type { RotationLogger } from './log-events.ts';
export type { ObservabilityOptions } from './observability.ts';
export { type RotateCertificatesOptions, rotateCertificates } from './rotate-certificates.ts';
