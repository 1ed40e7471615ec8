/**
 * What the answers to calls mean, and whether the certificate counted at all.
 *
 * @module
 */
import type { CallReport } from '../probe/index.ts';
import { isCloud, namespaceOfEndpoint } from './endpoint.ts';
import { type Diagnosis, type Evidence, found, meantEndpoint } from './evidence.ts';

/** The first call whose answer is a problem. Some answers prove the certificate and are a problem all the same. */
export function diagnoseCalls(evidence: Evidence): Diagnosis | undefined {
  const { calls } = evidence.report;
  // A server without GetSystemInfo may be an old one; the SDKs connect to it as well.
  const bad = calls.find(
    ({ status, method }) => status !== 'OK' && !(status === 'UNIMPLEMENTED' && method === 'GetSystemInfo'),
  );
  return bad === undefined ? undefined : diagnoseCall(evidence, bad);
}

/** HTTP/2 itself did not come about. */
export function diagnoseHttp2({ report: { failure } }: Evidence): Diagnosis | undefined {
  if (failure?.code !== 'ROTEY_HTTP2_FAILED' && failure?.code !== 'ROTEY_HTTP2_TIMEOUT') return undefined;
  return found(failure.code, failure.message);
}

/** All is well, but for the certificate, which nobody wanted to see. */
export function diagnoseUnused({ report, pair, presented, subject }: Evidence): Diagnosis | undefined {
  if (report.outcome !== 'accepted' || pair === undefined || subject.apiKey !== undefined) return undefined;
  if (presented?.kind !== 'presented' || presented.asksForCertificate) return undefined;
  return found(
    'ROTEY_CHECK_CERTIFICATE_NEVER_ASKED',
    `${subject.address} sends no request for a certificate in the handshake.`,
  );
}

function diagnoseCall(evidence: Evidence, call: CallReport): Diagnosis {
  const message = describeCall(evidence, call);
  // A proxy whose server is down says so by 502 to 504, in a page of its own.
  if (call.origin === 'http') {
    return found(call.status === 'UNAVAILABLE' ? 'ROTEY_RPC_UNAVAILABLE' : 'ROTEY_CHECK_NOT_GRPC', message);
  }
  if (call.origin === 'transport' && call.status !== 'RESOURCE_EXHAUSTED')
    return found('ROTEY_RPC_UNAVAILABLE', message);
  switch (call.status) {
    case 'UNAUTHENTICATED':
      return found(unauthenticated(evidence), message);
    case 'PERMISSION_DENIED':
      return found(denied(evidence, call), message);
    case 'NOT_FOUND':
      return found(
        call.method === 'DescribeNamespace' ? 'ROTEY_CHECK_NAMESPACE_UNKNOWN' : 'ROTEY_CHECK_CALL_FAILED',
        message,
      );
    case 'UNIMPLEMENTED':
      return found(isTemporal(evidence) ? 'ROTEY_CHECK_CALL_FAILED' : 'ROTEY_CHECK_NOT_TEMPORAL', message);
    case 'RESOURCE_EXHAUSTED':
      return found('ROTEY_CHECK_OVERLOADED', message);
    case 'UNAVAILABLE':
      return found('ROTEY_RPC_UNAVAILABLE', message);
    case 'DEADLINE_EXCEEDED':
      return found('ROTEY_RPC_TIMEOUT', message);
    default:
      return found('ROTEY_CHECK_CALL_FAILED', message);
  }
}

/** Whoever has answered GetSystemInfo is a Temporal frontend, whatever it does not let through. */
function isTemporal({ report: { calls } }: Evidence): boolean {
  return calls.some(({ method, status }) => method === 'GetSystemInfo' && status === 'OK');
}

function unauthenticated(evidence: Evidence): Diagnosis['code'] {
  if (evidence.subject.apiKey !== undefined) return 'ROTEY_CHECK_API_KEY_REFUSED';
  return isApiKeyEndpoint(evidence) ? 'ROTEY_CHECK_CERTIFICATE_AT_API_KEY_ENDPOINT' : 'ROTEY_CHECK_UNAUTHENTICATED';
}

function denied(evidence: Evidence, { method, namespace }: CallReport): Diagnosis['code'] {
  const { subject, serverName } = evidence;
  if (isApiKeyEndpoint(evidence) && subject.apiKey === undefined) return 'ROTEY_CHECK_CERTIFICATE_AT_API_KEY_ENDPOINT';
  if (method === 'GetSystemInfo') return 'ROTEY_CHECK_SYSTEM_INFO_DENIED';
  const own = namespaceOfEndpoint(serverName);
  if (own !== undefined && own !== namespace?.toLowerCase()) return 'ROTEY_CHECK_NAMESPACE_NOT_OF_ENDPOINT';
  return isCloud(meantEndpoint(evidence)) ? 'ROTEY_CHECK_NAMESPACE_DENIED_CLOUD' : 'ROTEY_CHECK_NAMESPACE_DENIED';
}

function isApiKeyEndpoint(evidence: Evidence): boolean {
  return meantEndpoint(evidence) === 'cloud-api-key';
}

function describeCall({ subject, pair }: Evidence, { method, namespace, status, message }: CallReport): string {
  const name = namespace === undefined ? method : `${method} of ${namespace}`;
  const said = message === '' ? '' : `: ${message.replace(/[.\s]+$/, '')}`;
  const who =
    pair === undefined || !DENIALS.has(status)
      ? ''
      : ` The certificate is "${pair.leaf.subject}"${names(pair.leaf.sans)}.`;
  return `${subject.address} answered ${name} with ${status}${said}.${who}`;
}

const DENIALS: ReadonlySet<string> = new Set(['PERMISSION_DENIED', 'UNAUTHENTICATED']);

function names(sans: readonly string[]): string {
  return sans.length === 0 ? '' : ` (${sans.join(', ')})`;
}
