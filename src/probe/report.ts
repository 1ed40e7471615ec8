import type { RoteyError } from '../errors.ts';
import type { GrpcStatus } from './grpc-status.ts';

/** The steps of a probe in their order; `dns` is left out for IP addresses and `proxy` where none is used. */
export type ProbeStepName = 'address' | 'dns' | 'tcp' | 'proxy' | 'tls' | 'http2' | 'system-info' | 'namespace';

/** One step that was taken. When a probe failed, the last one is where. */
export interface ProbeStep {
  readonly name: ProbeStepName;
  readonly ok: boolean;
  /** How long it took, in milliseconds with one decimal. */
  readonly ms: number;
  /** What it found, for people: addresses, protocol and cipher, the status of a call. */
  readonly detail?: string;
  /** How a call was answered. */
  readonly status?: GrpcStatus;
}

/**
 * What a probe says about the certificate that was presented.
 *
 * - `accepted`: TLS, HTTP/2 and every call were answered.
 * - `denied`: TLS and HTTP/2 work, but a call was answered PERMISSION_DENIED or UNAUTHENTICATED.
 * - `refused`: the server refused this certificate, for sure: a TLS alert says so.
 * - `unobtainable`: something that does not depend on the certificate failed; nothing is known about it.
 * - `ambiguous`: the peer closed the connection between our certificate and its first HTTP/2 frame and gave no reason. It may
 *   be the certificate (a reset can swallow the alert) or the network.
 */
export type ProbeOutcome = 'accepted' | 'denied' | 'refused' | 'unobtainable' | 'ambiguous';

/** What the server's certificate says of itself. Times in milliseconds since the Unix epoch. */
export interface ServerCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hex. */
  readonly serial: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256: string;
  /** As Node writes them: `DNS:frontend, IP Address:127.0.0.1`, split. */
  readonly sans: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface TlsReport {
  /** `TLSv1.3` or `TLSv1.2`. */
  readonly protocol: string;
  /** OpenSSL's standard name. */
  readonly cipher: string;
  /** What the server chose; anything but `h2` fails the probe. */
  readonly alpn: string | undefined;
  readonly serverCertificate: ServerCertificate | undefined;
  /** The subject of the CA certificate here that vouches for the server: the end of the verified chain. */
  readonly trustAnchor: string | undefined;
  /** Always false: a resumed session would prove the identity of the session before (RFC 8446 §4.2.11). */
  readonly sessionReused: boolean;
}

/** One gRPC call and its answer. */
export interface CallReport {
  readonly method: 'GetSystemInfo' | 'DescribeNamespace';
  /** Only for DescribeNamespace. */
  readonly namespace?: string;
  /** gRPC status code, 0–16. */
  readonly code: number;
  readonly status: GrpcStatus;
  /** Who said so: gRPC, an HTTP answer that is not gRPC, or nobody (the stream ended or was reset). */
  readonly origin: 'grpc' | 'http' | 'transport';
  /** The server's own words (`grpc-message`, decoded), at most 1,000 characters; or what came instead of a status. */
  readonly message: string;
  readonly ms: number;
}

/** `GetSystemInfo`, or `DescribeNamespace of payments`. */
export function callName({ method, namespace }: Pick<CallReport, 'method' | 'namespace'>): string {
  return namespace === undefined ? method : `${method} of ${namespace}`;
}

/** What one probe found. Holds no secret: no key, no API key, no metadata. */
export interface ProbeReport {
  readonly outcome: ProbeOutcome;
  readonly steps: readonly ProbeStep[];
  /** Why the outcome is not `accepted`; `context.step` names the step. */
  readonly failure?: RoteyError;
  /** Present once the server has shown its certificate, be it trusted or not. */
  readonly serverCertificate?: ServerCertificate;
  /** Present once the TLS handshake was done. */
  readonly tls?: TlsReport;
  /** In the order in which they were made. */
  readonly calls: readonly CallReport[];
  /** The version of the Temporal server, when GetSystemInfo told. */
  readonly serverVersion?: string;
}
