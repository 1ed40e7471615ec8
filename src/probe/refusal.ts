import type { RoteyErrorCode } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { TlsAlert } from './tls-alert.ts';

/** A refusal in words. */
export interface Refusal {
  readonly code: RoteyErrorCode;
  readonly message: string;
  readonly hint: string;
}

export interface RefusalCircumstances {
  readonly label: string;
  readonly pair: Pair | undefined;
  readonly nowMs: number;
}

/**
 * What an alert says about the client's certificate, or undefined for an alert that has other causes as well.
 *
 * Which alert Go 1.26 picks (tried): 48 for an unknown issuer, 45 for an expired leaf, 116 for none at all, where
 * TLS 1.2 has 40. Other servers pick others, so 42 and 46 are not interpreted any further.
 */
export function explainRefusal(alert: TlsAlert, { label, pair, nowMs }: RefusalCircumstances): Refusal | undefined {
  const words = REFUSALS[alert.number];
  if (words === undefined) return undefined;
  const said = `TLS alert ${alert.number} ${alert.name}`;
  if (pair === undefined) {
    return {
      code: 'ROTEY_CERTIFICATE_REQUIRED',
      message: `${label} requires a client certificate and none was presented: ${said}.`,
      hint: 'Name a certificate and its key.',
    };
  }
  const { code, why, hint } = typeof words === 'function' ? words(pair, nowMs) : words;
  return {
    code,
    message: `${label} refused ${certificatePhrase(pair)}: ${said}${why === '' ? '' : `; ${why}`}.`,
    hint,
  };
}

/** Which certificate, in one phrase: enough to find it, nothing secret. */
export function certificatePhrase(pair: Pair | undefined): string {
  if (pair === undefined) return 'no certificate was presented';
  const { subject, serial, notAfterMs } = pair.leaf;
  return `the certificate "${subject}" (serial ${serial}, valid until ${new Date(notAfterMs).toISOString()})`;
}

interface Words {
  readonly code: RoteyErrorCode;
  readonly why: string;
  readonly hint: string;
}

function expired({ leaf }: Pair, nowMs: number): Words {
  const code = 'ROTEY_CERTIFICATE_EXPIRED';
  const now = new Date(nowMs).toISOString();
  if (leaf.notAfterMs < nowMs) {
    return {
      code,
      why: `it expired ${duration(nowMs - leaf.notAfterMs)} ago (now ${now})`,
      hint: 'Renew the certificate.',
    };
  }
  if (leaf.notBeforeMs > nowMs) {
    const from = new Date(leaf.notBeforeMs).toISOString();
    return { code, why: `it is not valid before ${from} (now ${now})`, hint: 'Wait, or set the clock of the issuer.' };
  }
  return {
    code,
    why: `by our clock (${now}) the leaf is valid`,
    hint: 'Compare the clocks of both machines, and look for an expired intermediate or CA certificate.',
  };
}

function unknownCa({ leaf, chain }: Pair): Words {
  const top = chain.at(-1)?.issuer ?? leaf.issuer;
  return {
    code: 'ROTEY_CERTIFICATE_UNKNOWN_CA',
    why: `it does not know the issuer "${top}"`,
    hint: "Add this issuer to the client CAs that the server accepts (Temporal Cloud: the Namespace's CA certificates), or present the missing intermediate.",
  };
}

function notPresented({ leaf }: Pair): Words {
  return {
    code: 'ROTEY_CERTIFICATE_REQUIRED',
    why: `it was not sent, because its key (${leaf.keyType}) fits none of the signatures that the server accepts`,
    hint: 'Issue the certificate with an ECDSA P-256 or RSA key.',
  };
}

const REFUSED = 'ROTEY_CERTIFICATE_REFUSED';
const SEE_SERVER_LOG = "The server's log says why it refused the certificate.";

/** Alerts that are only about the peer's certificate (RFC 8446 §6.2). Not 40 handshake_failure: it may mean anything. */
const REFUSALS: Readonly<Record<number, Words | ((pair: Pair, nowMs: number) => Words)>> = {
  42: { code: REFUSED, why: '', hint: SEE_SERVER_LOG },
  43: {
    code: REFUSED,
    why: 'it is of a type that the server does not accept',
    hint: 'Check the key type and the key usages (digitalSignature, clientAuth).',
  },
  44: { code: REFUSED, why: 'it was revoked', hint: 'Issue a new certificate.' },
  45: expired,
  46: { code: REFUSED, why: '', hint: SEE_SERVER_LOG },
  48: unknownCa,
  49: {
    code: REFUSED,
    why: 'it is valid, but may not connect here',
    hint: 'Check the access rules of the server for this subject.',
  },
  51: {
    code: REFUSED,
    why: 'its signature could not be verified',
    hint: 'Check that certificate and key belong together, and that the chain is complete.',
  },
  116: notPresented,
};

function duration(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ];
  for (const [size, unit] of units) if (ms >= size) return `${Math.floor(ms / size)} ${unit}`;
  return `${Math.floor(ms / 1000)} s`;
}
