/**
 * Failures of the handshake that are about our certificate.
 *
 * @module
 */
import { type CertificateFacts, describeTime, hasIssued, type Pair } from '../identity/index.ts';
import { diagnoseNetwork } from './diagnose-network.ts';
import { isCloud } from './endpoint.ts';
import { askedAuthorities, contextOf, type Diagnosis, type Evidence, found, meantEndpoint } from './evidence.ts';

/** Undefined when the failure is about something else. */
export function diagnoseRefusal(evidence: Evidence): Diagnosis | undefined {
  const { report, pair } = evidence;
  const { failure, outcome } = report;
  if (failure === undefined || (outcome !== 'refused' && outcome !== 'ambiguous')) return undefined;
  if (pair === undefined) return diagnoseWithout(evidence, failure.message);
  const { alert } = contextOf(failure);
  const message = `${failure.message}${asked(evidence)}`;
  if (outcome === 'ambiguous') return diagnoseSilence(evidence, alert, message);
  if (alert === 116) return found('ROTEY_CHECK_CERTIFICATE_NOT_SENT', failure.message);
  const validity = alert === UNKNOWN_CA ? undefined : diagnoseValidity(pair, evidence.nowMs, message);
  return validity ?? diagnoseAlert(evidence, pair, alert, `${message}${outOfTime(pair, evidence.nowMs)}`);
}

function diagnoseWithout(evidence: Evidence, message: string): Diagnosis | undefined {
  const { report, subject, presented } = evidence;
  const required = report.failure?.code === 'ROTEY_CERTIFICATE_REQUIRED';
  const asks = presented?.kind === 'presented' && presented.asksForCertificate;
  if (!required && !asks) return found('ROTEY_CHECK_CLOSED_AFTER_HANDSHAKE', message);
  const code = subject.apiKey === undefined ? 'ROTEY_CERTIFICATE_REQUIRED' : 'ROTEY_CHECK_API_KEY_AT_MTLS_ENDPOINT';
  return found(code, `${message}${asked(evidence)}`);
}

/**
 * OpenSSL and those like it look for the issuer first, and Go says it of a valid certificate only: a new certificate of the
 * same CA would be refused as well.
 */
const UNKNOWN_CA = 48;

/** The clock decides before other alerts do: servers pick different ones for a certificate that is out of its time. */
function diagnoseValidity({ leaf }: Pair, nowMs: number, message: string): Diagnosis | undefined {
  if (leaf.notAfterMs < nowMs) return found('ROTEY_CHECK_CERTIFICATE_EXPIRED', message);
  return leaf.notBeforeMs > nowMs ? found('ROTEY_CHECK_CERTIFICATE_NOT_YET_VALID', message) : undefined;
}

function diagnoseAlert(evidence: Evidence, pair: Pair, alert: number | undefined, message: string): Diagnosis {
  switch (alert) {
    case 43:
      return found('ROTEY_CHECK_CERTIFICATE_KIND_REFUSED', message);
    case 44:
      return found('ROTEY_CHECK_CERTIFICATE_REVOKED', message);
    case 45:
      return found('ROTEY_CHECK_EXPIRED_SOMEWHERE', message);
    case UNKNOWN_CA:
      return diagnoseIssuer(evidence, pair, message);
    case 49:
      return found('ROTEY_CHECK_CERTIFICATE_FORBIDDEN', message);
    case 51:
      return found('ROTEY_CHECK_SIGNATURE_REFUSED', message);
    default:
      return found('ROTEY_CERTIFICATE_REFUSED', message);
  }
}

/**
 * The server does not know who issued our certificate. Whether the CA is missing there or an intermediate here shows only
 * if one of the two is visible: the names that the server asks for, and the certificates that stand beside the pair.
 */
function diagnoseIssuer(evidence: Evidence, pair: Pair, message: string): Diagnosis {
  const top = pair.path[pair.path.length - 1] ?? pair.leaf;
  const names = askedAuthorities(evidence);
  if (names?.some((name) => pair.path.some(({ issuer }) => issuer === name))) {
    return found('ROTEY_CHECK_CA_SAME_NAME', message);
  }
  const above = top.selfSigned ? top : issuerNearby(top, [...pair.trust, ...evidence.nearby]);
  if (above !== undefined && !above.selfSigned && names?.includes(above.issuer)) {
    const where = `"${above.subject}" is missing in it; "${above.issuer}", which the server asks for, has issued that one.`;
    return found('ROTEY_CHECK_INTERMEDIATE_MISSING', `${message} ${where}`);
  }
  if (above?.selfSigned !== true) return found('ROTEY_CHECK_CA_OR_INTERMEDIATE', `${message}${presentedPath(pair)}`);
  const cloud = isCloud(meantEndpoint(evidence));
  return found(cloud ? 'ROTEY_CHECK_CA_NOT_IN_NAMESPACE' : 'ROTEY_CHECK_CA_NOT_IN_SERVER', message);
}

/** The certificate of an issuer where it stands beside the pair without being presented, as in a ca.crt. */
function issuerNearby(
  certificate: CertificateFacts,
  candidates: readonly CertificateFacts[],
): CertificateFacts | undefined {
  return candidates.find((candidate) => hasIssued(candidate, certificate));
}

function presentedPath({ path }: Pair): string {
  const top = path[path.length - 1];
  return ` We present ${path.map(({ subject }) => `"${subject}"`).join(', ')}; the last was issued by "${top?.issuer}".`;
}

/** The peer ended the connection without saying why: what it does without our certificate tells more. */
function diagnoseSilence(evidence: Evidence, alert: number | undefined, message: string): Diagnosis | undefined {
  const { without, pair, nowMs } = evidence;
  if (alert !== undefined) return found('ROTEY_CHECK_HANDSHAKE_ENDED', message);
  // It is gone meanwhile, as a server that is being restarted: nobody has looked at the certificate.
  const gone = without === undefined ? undefined : diagnoseNetwork({ ...evidence, report: without });
  if (gone !== undefined) return found(gone.code, `${message} A moment later: ${gone.message}`);
  const answer = without?.failure?.message ?? (without?.outcome === 'accepted' ? 'it is let in' : undefined);
  const seen = answer === undefined ? message : `${message} Without a certificate: ${answer}`;
  if (without !== undefined && without.outcome !== 'ambiguous') {
    return found('ROTEY_CHECK_REFUSED_SILENTLY', pair === undefined ? seen : `${seen}${outOfTime(pair, nowMs)}`);
  }
  return found('ROTEY_CHECK_CLOSED_AFTER_HANDSHAKE', seen);
}

function outOfTime({ leaf }: Pair, nowMs: number): string {
  if (leaf.notAfterMs < nowMs) return ` The certificate expired on ${describeTime(leaf.notAfterMs)}.`;
  return leaf.notBeforeMs > nowMs ? ` The certificate is valid from ${describeTime(leaf.notBeforeMs)}.` : '';
}

/** What the server says it accepts. */
function asked(evidence: Evidence): string {
  const names = askedAuthorities(evidence);
  if (names === undefined) return '';
  const shown = names.slice(0, MAX_NAMES).map((name) => `"${name}"`);
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return ` It asks for certificates of ${shown.join(', ')}${more}.`;
}

const MAX_NAMES = 4;
