/**
 * From what Node and OpenSSL throw to what happened, to whom, and what to do about it.
 *
 * @module
 */
import { RoteyError, type RoteyErrorCode } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import { ConnectionClosed } from './connection-fate.ts';
import { codeOf, errorChain, findCode } from './error-chain.ts';
import { NotTls, type OtherProtocol } from './not-tls.ts';
import { certificatePhrase, explainRefusal } from './refusal.ts';
import type { ProbeOutcome, ServerCertificate } from './report.ts';
import { StepFailure } from './step-failure.ts';
import { alertOf, type TlsAlert } from './tls-alert.ts';
import { LOSS_CODES, NAME_CODES, NOT_TLS_CODES, VERIFICATION_CODES } from './tls-error-codes.ts';

/** What is needed to understand a TLS error, which by itself says little. */
export interface TlsCircumstances {
  readonly step: 'tls' | 'http2';
  /** The address and the server name, for messages. */
  readonly label: string;
  readonly serverName: string;
  /** The identity that was to be presented; undefined when none was. */
  readonly pair: Pair | undefined;
  /**
   * What may have become of our certificate. `perhaps-sent` is a TLS 1.2 handshake under way: there the client's
   * certificate goes out before the handshake is done (RFC 5246 §7.3); in TLS 1.3 after the client is done with it.
   * `accepted`: the server has sent application data, which it does to a client that it has let in.
   */
  readonly certificate: 'not-sent' | 'perhaps-sent' | 'sent' | 'accepted';
  readonly serverCertificate: ServerCertificate | undefined;
  /** Whether the caller named the CA bundle, or Node's built-in roots were used. */
  readonly trust: 'bundle' | 'built-in';
  /** Wall time, milliseconds since the Unix epoch. */
  readonly nowMs: number;
}

/** Any failure between the first byte of TLS and the server's first HTTP/2 frame. */
export function explainTlsFailure(cause: unknown, circumstances: TlsCircumstances): StepFailure {
  if (cause instanceof NotTls) return explainNotTls(circumstances, cause.message, { cause, speaks: cause.speaks });
  const alert = alertOf(cause);
  if (alert !== undefined) return explainAlert(cause, alert, circumstances);
  if (findCode(cause, NAME_CODES) !== undefined) return explainWrongName(cause, circumstances);
  const verification = findCode(cause, VERIFICATION_CODES);
  if (verification !== undefined) return explainUntrusted(cause, verification, circumstances);
  if (isLoss(cause)) return explainLoss(cause, circumstances);
  if (errorChain(cause).some((error) => codeOf(error).startsWith('ERR_HTTP2')))
    return explainHttp2(cause, circumstances);
  return explainProtocol(cause, circumstances);
}

function explainAlert(cause: unknown, alert: TlsAlert, circumstances: TlsCircumstances): StepFailure {
  const refusal = explainRefusal(alert, circumstances);
  if (refusal !== undefined)
    return failure('refused', refusal.code, refusal.message, refusal.hint, { cause, alert, ...circumstances });

  const said = `TLS alert ${alert.number} ${alert.name}`;
  if (alert.number === 120) return explainNoAlpn(circumstances, said, { cause, alert });
  if (alert.number === 112) {
    const message = `${circumstances.label} does not know the server name ${circumstances.serverName}: ${said}.`;
    return failure('unobtainable', 'ROTEY_TLS_FAILED', message, 'Set the server name that the server is known by.', {
      cause,
      alert,
      ...circumstances,
    });
  }
  // With TLS 1.2, Go answers a missing or unsuitable certificate with 40 handshake_failure, which has many other causes.
  if (circumstances.certificate === 'not-sent') {
    const message = `${circumstances.label} ended the TLS handshake before it asked for a certificate: ${said}.`;
    return failure(
      'unobtainable',
      'ROTEY_TLS_FAILED',
      message,
      'Compare the TLS versions and ciphers of both sides (rotey needs TLS 1.2 or newer).',
      { cause, alert, ...circumstances },
    );
  }
  const message = `${circumstances.label} ended the connection after ${certificatePhrase(circumstances.pair)}: ${said}, which names no cause.`;
  const code = circumstances.pair === undefined ? 'ROTEY_CERTIFICATE_REQUIRED' : 'ROTEY_TLS_FAILED';
  return failure('ambiguous', code, message, "The server's log says more.", { cause, alert, ...circumstances });
}

/** The handshake went well, but the server did not agree to speak HTTP/2 over it (RFC 9113 §3.2 wants ALPN `h2`). */
export function explainNoAlpn(
  circumstances: TlsCircumstances,
  found: string,
  { cause, alert }: { readonly cause?: unknown; readonly alert?: TlsAlert } = {},
): StepFailure {
  return failure(
    'unobtainable',
    'ROTEY_TLS_NO_ALPN',
    `${circumstances.label} does not speak HTTP/2 over TLS (${found} instead of ALPN h2).`,
    'Check that the port is the gRPC port of a Temporal frontend, and that no proxy in between ends TLS without offering h2.',
    { cause, ...(alert === undefined ? {} : { alert }), ...circumstances },
  );
}

/** OpenSSL will not use what it was given: nothing was sent. */
export function explainUnusable(cause: unknown, circumstances: TlsCircumstances): StepFailure {
  const reason = errorChain(cause)[0]?.message ?? String(cause);
  return failure(
    'unobtainable',
    'ROTEY_TLS_FAILED',
    `OpenSSL cannot use ${certificatePhrase(circumstances.pair)} or the CA bundle: ${reason}.`,
    'Check the type and size of the key, the signature algorithm, and the CA bundle.',
    { cause, retryable: false, unusable: true, ...circumstances },
  );
}

function explainWrongName(cause: unknown, circumstances: TlsCircumstances): StepFailure {
  const { serverCertificate, label, serverName } = circumstances;
  const names = serverCertificate?.sans.join(', ') || 'no name at all';
  return failure(
    'unobtainable',
    'ROTEY_SERVER_NAME_MISMATCH',
    `The certificate of ${label} is not for ${serverName} but for ${names}.`,
    'Set the server name to one that the certificate holds, or correct the address.',
    { cause, retryable: false, ...circumstances },
  );
}

function explainUntrusted(cause: unknown, verification: string, circumstances: TlsCircumstances): StepFailure {
  const { serverCertificate: server, label } = circumstances;
  const who =
    server === undefined
      ? ''
      : ` (${server.subject}, issued by ${server.issuer}, valid until ${isoTime(server.notAfterMs)})`;
  const trust = circumstances.trust === 'bundle' ? 'the given CA bundle does' : "Node's built-in roots do";
  const [why, hint] =
    verification === 'CERT_HAS_EXPIRED' || verification === 'CERT_NOT_YET_VALID'
      ? ['a certificate in its chain is not valid now', "Renew the server's certificate, or set this machine's clock."]
      : [`${trust} not vouch for it`, "Name the CA that issued the server's certificate as the server CA."];
  const message = `The server certificate of ${label}${who} is not trusted: ${why} (${verification}).`;
  return failure('unobtainable', 'ROTEY_SERVER_UNTRUSTED', message, hint, {
    cause,
    retryable: false,
    ...circumstances,
  });
}

function explainLoss(cause: unknown, circumstances: TlsCircumstances): StepFailure {
  const { label, pair, certificate } = circumstances;
  const code = errorChain(cause)
    .map(codeOf)
    .find((found) => found !== '');
  const how = code === undefined ? 'closed the connection' : `broke the connection (${code})`;
  if (certificate === 'accepted') return explainHttp2(cause, circumstances);
  if (certificate === 'not-sent') {
    const message = `${label} ${how} in the TLS handshake, before it showed a certificate.`;
    const hint =
      'A server or load balancer does this when it does not know the server name, or does not speak TLS here.';
    return failure('unobtainable', 'ROTEY_TLS_FAILED', message, hint, { cause, ...circumstances });
  }
  const when = certificate === 'sent' ? 'right after' : 'around the time of';
  return failure(
    'ambiguous',
    'ROTEY_TLS_FAILED',
    `${label} ${how} ${when} ${certificatePhrase(pair)}, without a TLS alert: it may refuse the certificate, or the network failed.`,
    "Try again; if it stays, look into the server's log, and check the server name.",
    { cause, ...circumstances },
  );
}

function explainHttp2(cause: unknown, circumstances: TlsCircumstances): StepFailure {
  const reason = errorChain(cause)[0]?.message ?? 'unknown';
  const message = `${circumstances.label} accepted the TLS connection but does not speak HTTP/2 on it: ${reason}.`;
  const hint = 'Check that the port is the gRPC port of a Temporal frontend.';
  return failure('unobtainable', 'ROTEY_HTTP2_FAILED', message, hint, { cause, ...circumstances });
}

function explainProtocol(cause: unknown, circumstances: TlsCircumstances): StepFailure {
  const plaintext = findCode(cause, NOT_TLS_CODES) !== undefined;
  const reason =
    errorChain(cause)
      .map(codeOf)
      .find((code) => code !== '') ??
    errorChain(cause)[0]?.message ??
    String(cause);
  if (plaintext) return explainNotTls(circumstances, reason, { cause });
  const message = `The TLS connection to ${circumstances.label} failed: ${reason}.`;
  const hint = 'Compare the TLS versions, ciphers and key types of both sides.';
  return failure('unobtainable', 'ROTEY_TLS_FAILED', message, hint, { cause, ...circumstances });
}

function explainNotTls(
  circumstances: TlsCircumstances,
  why: string,
  details: { readonly cause: unknown; readonly speaks?: OtherProtocol },
): StepFailure {
  const message = `${circumstances.label} does not speak TLS (${why}).`;
  const hint = 'Check that the port expects TLS; a frontend without TLS needs no certificate.';
  return failure('unobtainable', 'ROTEY_TLS_FAILED', message, hint, { ...details, ...circumstances });
}

function isLoss(cause: unknown): boolean {
  return (
    errorChain(cause).some((error) => error instanceof ConnectionClosed) || findCode(cause, LOSS_CODES) !== undefined
  );
}

interface Details extends TlsCircumstances {
  readonly cause: unknown;
  readonly alert?: TlsAlert;
  readonly retryable?: boolean;
  readonly unusable?: boolean;
  readonly speaks?: OtherProtocol;
}

function failure(
  outcome: Exclude<ProbeOutcome, 'accepted'>,
  code: RoteyErrorCode,
  message: string,
  hint: string,
  { cause, alert, retryable = outcome !== 'refused', step, label, pair, certificate, unusable, speaks }: Details,
): StepFailure {
  const errorCode = errorChain(cause).map(codeOf).find(Boolean);
  const context = {
    step,
    address: label,
    certificate,
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(unusable === undefined ? {} : { unusable }),
    ...(speaks === undefined ? {} : { speaks }),
    ...(alert === undefined ? {} : { alert: alert.number, alertName: alert.name }),
    ...(pair === undefined
      ? {}
      : { subject: pair.leaf.subject, serial: pair.leaf.serial, notAfter: isoTime(pair.leaf.notAfterMs) }),
  };
  return new StepFailure(outcome, new RoteyError(code, message, { cause, hint, retryable, context }));
}

function isoTime(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'an unreadable time';
}
