/**
 * The only prober: one abortable TLS + HTTP/2 session that says which step failed and why, and the differential proof.
 * May import errors, clock and identity. Must never know @temporalio, grpc-js or files: pairs and trust are handed in.
 *
 * @module
 */
export { DEFAULT_PORT, formatAddress, type HostAndPort, parseAddress } from './address.ts';
export { type Advice, decide, type Evidence, type ProofVerdict } from './decide.ts';
export { type CurrentIdentity, type Proof, type ProveOptions, proveCandidate } from './differential-proof.ts';
export { type FetchServerFlightOptions, fetchServerFlight } from './fetch-server-flight.ts';
export { type GrpcStatus, statusName } from './grpc-status.ts';
export type { ServerFlight } from './handshake-reader.ts';
export { basicCredentials } from './http-connect.ts';
export type { OtherProtocol } from './not-tls.ts';
export { DEFAULT_PROBE_TIMEOUT_MS, type ProbeOptions, probe } from './probe.ts';
export { proveAgain } from './prove-again.ts';
export type {
  CallReport,
  ProbeOutcome,
  ProbeReport,
  ProbeStep,
  ProbeStepName,
  ServerCertificate,
  TlsReport,
} from './report.ts';
export type { HttpConnectProxy, ProbeTarget } from './target.ts';
