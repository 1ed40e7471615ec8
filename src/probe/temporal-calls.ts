import { RoteyError, type RoteyErrorCode } from '../errors.ts';
import { type GrpcAnswer, grpcCall } from './grpc-call.ts';
import { type GrpcStatus, meaningOf, statusCode } from './grpc-status.ts';
import type { OpenSession } from './open-session.ts';
import type { ProbeScope } from './probe-scope.ts';
import { encodeStringField, readStringField } from './protobuf.ts';
import { type CallReport, callName, type ProbeStep } from './report.ts';
import { StepFailure } from './step-failure.ts';
import type { StepLog } from './step-log.ts';
import type { ProbeTarget, ResolvedTarget } from './target.ts';
import { alertOf } from './tls-alert.ts';

const SERVICE = '/temporal.api.workflowservice.v1.WorkflowService';
/** DescribeNamespaceRequest.namespace */
const NAMESPACE_FIELD = 1;
/** GetSystemInfoResponse.server_version */
const SERVER_VERSION_FIELD = 1;

export interface TemporalCallsOptions {
  readonly target: ProbeTarget;
  readonly resolved: ResolvedTarget;
  readonly userAgent: string;
  readonly onCall: (call: CallReport) => void;
  readonly onServerVersion: (version: string) => void;
}

/**
 * GetSystemInfo, then DescribeNamespace for every namespace. A denied call does not end the series, because the proof
 * compares call by call; a server that could not answer GetSystemInfo is not asked any further.
 */
export async function makeTemporalCalls(
  scope: ProbeScope,
  log: StepLog,
  session: OpenSession,
  options: TemporalCallsOptions,
): Promise<void> {
  const calls: readonly Call[] = [
    { method: 'GetSystemInfo' },
    ...(options.target.namespaces ?? []).map((namespace): Call => ({ method: 'DescribeNamespace', namespace })),
  ];
  for (const call of calls) {
    const step = call.method === 'GetSystemInfo' ? 'system-info' : 'namespace';
    const report = await log.take(step, () => makeCall(scope, session, call, options), describe, outcomeOf);
    options.onCall(report);
    if (call.method === 'GetSystemInfo' && meaningOf(report.status) === 'unobtainable') return;
  }
}

/** What the calls together mean: the first denial counts, then the first that could not be made. */
export function judgeCalls(calls: readonly CallReport[], label: string): StepFailure | undefined {
  const denied = calls.find((call) => meaningOf(call.status) === 'denied');
  if (denied !== undefined) return callFailure('denied', 'ROTEY_RPC_DENIED', denied, label);
  const failed = calls.find((call) => meaningOf(call.status) === 'unobtainable');
  if (failed === undefined) return undefined;
  const code = failed.status === 'DEADLINE_EXCEEDED' ? 'ROTEY_RPC_TIMEOUT' : 'ROTEY_RPC_UNAVAILABLE';
  return callFailure('unobtainable', code, failed, label);
}

interface Call {
  readonly method: CallReport['method'];
  readonly namespace?: string;
}

async function makeCall(
  scope: ProbeScope,
  session: OpenSession,
  { method, namespace }: Call,
  { target, resolved, userAgent, onServerVersion }: TemporalCallsOptions,
): Promise<CallReport> {
  const startedAt = scope.clock.monotonic();
  const answer = await grpcCall(scope, session.http2, {
    path: `${SERVICE}/${method}`,
    authority: resolved.authority,
    message: namespace === undefined ? new Uint8Array() : encodeStringField(NAMESPACE_FIELD, namespace),
    headers: headersOf(target, userAgent, namespace),
  });
  // A server may send SETTINGS before it has looked at our certificate (RFC 8446 §4.4.4 allows it); then its refusal
  // arrives here.
  const lost = session.fate.lost;
  if (answer.origin === 'transport' && alertOf(lost) !== undefined) throw session.explainLoss(lost);
  const version = serverVersionOf(method, answer);
  if (version !== undefined) onServerVersion(version);
  return {
    method,
    ...(namespace === undefined ? {} : { namespace }),
    code: statusCode(answer.status),
    status: answer.status,
    origin: answer.origin,
    message: answer.message,
    ms: Math.round((scope.clock.monotonic() - startedAt) * 10) / 10,
  };
}

/** Names as in the SDKs; `temporal-namespace` is what Temporal Cloud and proxies route by. */
function headersOf({ metadata, apiKey }: ProbeTarget, userAgent: string, namespace?: string): Record<string, string> {
  const given = Object.entries(metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    ...Object.fromEntries(given),
    'user-agent': userAgent,
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...(namespace === undefined ? {} : { 'temporal-namespace': namespace }),
  };
}

function serverVersionOf(method: Call['method'], { body }: GrpcAnswer): string | undefined {
  if (method !== 'GetSystemInfo' || body === undefined) return undefined;
  return readStringField(body, SERVER_VERSION_FIELD);
}

function outcomeOf({ status }: CallReport): Pick<ProbeStep, 'ok' | 'status'> {
  return { ok: meaningOf(status) === 'answered', status };
}

function describe({ status, message, ...call }: CallReport): string {
  return `${callName(call)}: ${status}${message === '' ? '' : ` (${message})`}`;
}

function callFailure(
  outcome: 'denied' | 'unobtainable',
  code: RoteyErrorCode,
  call: CallReport,
  label: string,
): StepFailure {
  const said = `${call.status}${call.message === '' ? '' : `: ${call.message}`}`;
  const error = new RoteyError(code, `${label} answered ${callName(call)} with ${said}.`, {
    hint: HINTS[call.status] ?? 'The server accepts the certificate but cannot answer now; try again later.',
    retryable: outcome === 'unobtainable',
    context: {
      step: call.method === 'GetSystemInfo' ? 'system-info' : 'namespace',
      address: label,
      method: call.method,
      status: call.status,
      ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
    },
  });
  return new StepFailure(outcome, error);
}

const HINTS: Partial<Record<GrpcStatus, string>> = {
  PERMISSION_DENIED:
    "The server knows this identity but does not let it do this: check certificate filters, the Namespace's name and the server name.",
  UNAUTHENTICATED:
    'The server asks for other credentials: check the API key, and that this endpoint takes certificates.',
};
