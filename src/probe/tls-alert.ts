import { codeOf, errorChain } from './error-chain.ts';

/** A fatal alert that the peer sent (RFC 8446 §6). */
export interface TlsAlert {
  readonly number: number;
  /** As RFC 8446 writes it, for example `unknown_ca`. */
  readonly name: string;
}

/** Alerts of RFC 8446 §6 and RFC 7301 §3.2 by number. */
const ALERTS: Readonly<Record<number, string>> = {
  10: 'unexpected_message',
  20: 'bad_record_mac',
  22: 'record_overflow',
  40: 'handshake_failure',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  109: 'missing_extension',
  110: 'unsupported_extension',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

/**
 * The alert behind an error of Node's TLS, if the peer sent one.
 *
 * OpenSSL ends its message with `SSL alert number 48`. Node's code depends on the version of OpenSSL
 * (`ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE` with 3.0, `ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE` since 3.2), so only its end is
 * looked at, and only when the message has no number.
 */
export function alertOf(error: unknown): TlsAlert | undefined {
  for (const link of errorChain(error)) {
    const number = /\bSSL alert number (\d+)\b/.exec(link.message)?.[1] ?? numberOfName(codeOf(link));
    if (number !== undefined) return alertNamed(Number(number));
  }
  return undefined;
}

/** An alert by its number, with its name. */
export function alertNamed(number: number): TlsAlert {
  return { number, name: ALERTS[number] ?? 'unassigned' };
}

function numberOfName(code: string): string | undefined {
  const name = /^ERR_SSL_.*_ALERT_([A-Z_]+)$/.exec(code)?.[1]?.toLowerCase();
  return Object.entries(ALERTS).find(([, known]) => known === name)?.[0];
}
