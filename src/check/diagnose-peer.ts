/**
 * Failures of the handshake that are about the peer: what it speaks, and what its own certificate is.
 *
 * @module
 */
import { describeTime, hasIssued } from '../identity/index.ts';
import type { ServerCertificate } from '../probe/index.ts';
import { endpointOf, isCloud, isNamed } from './endpoint.ts';
import { contextOf, type Diagnosis, type Evidence, found, meantEndpoint } from './evidence.ts';

/** What it speaks, if not what we do; undefined when the failure is about something else. */
export function diagnoseProtocol(evidence: Evidence): Diagnosis | undefined {
  const { report, presented } = evidence;
  const { failure } = report;
  if (failure === undefined) return undefined;
  const { alert, errorCode, certificate } = contextOf(failure);
  const { code, message } = failure;
  if (code === 'ROTEY_TLS_TIMEOUT') return found('ROTEY_TLS_TIMEOUT', message);
  if (presented?.kind === 'not-tls') return found(NOT_TLS[presented.speaks], message);
  if (code === 'ROTEY_TLS_NO_ALPN') {
    const offersOthers = alert !== undefined || report.tls?.alpn !== undefined;
    return found(offersOthers ? 'ROTEY_CHECK_HTTP1_ONLY' : 'ROTEY_TLS_NO_ALPN', message);
  }
  if (alert === 112) return found('ROTEY_CHECK_SERVER_NAME_UNKNOWN', message);
  if (alert === 70 || alert === 86 || errorCode === 'ERR_SSL_UNSUPPORTED_PROTOCOL') {
    return found('ROTEY_CHECK_TLS_VERSION', message);
  }
  // Our hello alone brings about the same alert: no certificate had been seen.
  const atHello = certificate === 'not-sent' || (presented?.kind === 'alert' && presented.alert === alert);
  if (atHello && (alert === 40 || alert === 71)) return found('ROTEY_CHECK_TLS_CIPHERS', message);
  if (certificate !== 'not-sent') return undefined;
  return alert === undefined && isClosed(errorCode) ? diagnoseClosedAtHello(evidence, message) : undefined;
}

const NOT_TLS = {
  'http/1': 'ROTEY_CHECK_HTTP_SERVER',
  'http/2': 'ROTEY_CHECK_PLAINTEXT_FRONTEND',
  unknown: 'ROTEY_CHECK_NOT_TLS',
} as const;

/** Codes of a connection that is gone; none at all for one that was closed in good order. */
function isClosed(errorCode: string): boolean {
  return ['', 'ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING'].includes(errorCode);
}

function diagnoseClosedAtHello(evidence: Evidence, message: string): Diagnosis {
  return found(
    isNamelessPrivateLink(evidence) ? 'ROTEY_CHECK_PRIVATE_LINK_NAME' : 'ROTEY_CHECK_CLOSED_AT_HELLO',
    message,
  );
}

function isNamelessPrivateLink({ subject, host }: Evidence): boolean {
  return endpointOf(host) === 'private-link' && subject.serverName === undefined;
}

/** The server's certificate is not trusted, or not for the name; undefined when neither is so. */
export function diagnoseServerCertificate(evidence: Evidence): Diagnosis | undefined {
  const { report } = evidence;
  const { failure } = report;
  if (failure?.code === 'ROTEY_SERVER_NAME_MISMATCH') return diagnoseName(evidence, failure.message);
  if (failure?.code !== 'ROTEY_SERVER_UNTRUSTED') return undefined;
  const { errorCode } = contextOf(failure);
  const message = `${failure.message}${addresses(evidence)}`;
  switch (errorCode) {
    case 'CERT_HAS_EXPIRED':
      return found('ROTEY_CHECK_SERVER_EXPIRED', withClock(message, evidence, report.serverCertificate));
    case 'CERT_NOT_YET_VALID':
      return found('ROTEY_CHECK_SERVER_NOT_YET_VALID', withClock(message, evidence, report.serverCertificate));
    default:
      return ISSUER_CODES.has(errorCode)
        ? diagnoseIssuer(evidence, errorCode, message)
        : found('ROTEY_CHECK_SERVER_CERTIFICATE_UNUSABLE', message);
  }
}

/** OpenSSL found nobody to vouch for the certificate. */
const ISSUER_CODES: ReadonlySet<string> = new Set([
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function diagnoseIssuer(evidence: Evidence, errorCode: string, message: string): Diagnosis {
  const { withSystemRoots, report, serverName, trust } = evidence;
  if (withSystemRoots?.tls !== undefined) {
    return found('ROTEY_CHECK_TRUST_NOT_NEEDED', `${message} ${withSystemRoots.tls.trustAnchor ?? 'A root'} does.`);
  }
  if (isOwnIssuer(evidence)) return found('ROTEY_CHECK_TRUST_IS_OUR_ISSUER', `${message}${bundle(evidence)}`);
  if (isCloud(meantEndpoint(evidence)) && trust.length === 0) {
    const named = isNamed(serverName, report.serverCertificate?.sans ?? []);
    return found(named ? 'ROTEY_CHECK_INTERCEPTED' : 'ROTEY_CHECK_CLOUD_NAME_LEADS_ELSEWHERE', message);
  }
  if (errorCode === 'DEPTH_ZERO_SELF_SIGNED_CERT') return found('ROTEY_CHECK_SERVER_SELF_SIGNED', message);
  const seen = `${message}${bundle(evidence)}${chain(evidence)}`;
  return found(
    isLoneLeaf(evidence, errorCode) ? 'ROTEY_CHECK_SERVER_CA_OR_CHAIN' : 'ROTEY_CHECK_SERVER_CA_UNKNOWN',
    seen,
  );
}

/** Every CA of the bundle has signed in our own chain, and none is called as the server's: cert-manager's ca.crt. */
function isOwnIssuer({ trust, pair, presented }: Evidence): boolean {
  if (pair === undefined || trust.length === 0) return false;
  const ofServer = presented?.kind === 'presented' ? presented.chain.map((facts) => facts?.issuer) : [];
  return trust.every((ca) => !ofServer.includes(ca.subject) && pair.path.some((facts) => hasIssued(ca, facts)));
}

/** One certificate whose issuer nobody here knows: it may be a root's, or an intermediate's that was left out. */
function isLoneLeaf({ presented, trust }: Evidence, errorCode: string): boolean {
  if (errorCode === 'SELF_SIGNED_CERT_IN_CHAIN') return false;
  if (presented?.kind !== 'presented') return errorCode === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
  const [leaf, ...others] = presented.chain;
  // A CA of that name is here, and its key did not fit: then the issuer is known to be a CA that is not trusted.
  return others.length === 0 && !trust.some(({ subject }) => subject === leaf?.issuer);
}

function diagnoseName(evidence: Evidence, message: string): Diagnosis {
  const seen = `${message}${addresses(evidence)}`;
  if (isNamelessPrivateLink(evidence)) return found('ROTEY_CHECK_PRIVATE_LINK_NAME', seen);
  return found(
    isCloud(meantEndpoint(evidence)) ? 'ROTEY_CHECK_CLOUD_NAME_LEADS_ELSEWHERE' : 'ROTEY_SERVER_NAME_MISMATCH',
    seen,
  );
}

function withClock(message: string, { nowMs }: Evidence, certificate: ServerCertificate | undefined): string {
  const validity =
    certificate === undefined
      ? ''
      : `It is valid from ${describeTime(certificate.notBeforeMs)} to ${describeTime(certificate.notAfterMs)}; `;
  return `${message} ${validity}this machine's clock says ${new Date(nowMs).toISOString()}.`;
}

const MAX_NAMES = 3;

function bundle({ trust }: Evidence): string {
  if (trust.length === 0) return '';
  const names = trust.slice(0, MAX_NAMES).map(({ subject }) => `"${subject}"`);
  return ` The CA bundle holds ${names.join(', ')}${trust.length > MAX_NAMES ? ` and ${trust.length - MAX_NAMES} more` : ''}.`;
}

function chain({ presented }: Evidence): string {
  if (presented?.kind !== 'presented') return '';
  const names = presented.chain.map((facts) => (facts === undefined ? 'something unreadable' : `"${facts.subject}"`));
  return ` The server presents ${names.join(', ')}.`;
}

/** The step before says where the name led: what helps to see an overriding record. */
function addresses({ report }: Evidence): string {
  const dns = report.steps.find(({ name }) => name === 'dns')?.detail;
  return dns === undefined ? '' : ` The name leads to ${dns}.`;
}
