/**
 * The Temporal SDK plugin: keeps Workers and Clients, on a NativeConnection or a Connection of their own, on the newest
 * certificate that the server has accepted. May import everything above it; the only folder that knows `@temporalio/*`.
 * Must never know the proxy, the agent or the sandbox.
 *
 * @module
 */
export type { OpenTelemetryMeter, PrometheusRegistry, StatusDocument } from '../observe/index.ts';
export type { CertificateRotation, CertificateRotationStatus } from './certificate-rotation.ts';
export type { AboutConnection, CertificateRotationEvents } from './connection-events.ts';
export type { RotationLogger } from './log-events.ts';
export type { ConnectionKind } from './managed.ts';
export type { ObservabilityOptions } from './observability.ts';
export { type RotateCertificatesOptions, rotateCertificates } from './rotate-certificates.ts';
