/**
 * `error`: TLS with this pair is impossible, or a rule or time that was asked for is broken. `warning`: a server may refuse it.
 * `info`: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'info';

/** Whose rules a pair is held against: `server`, only what TLS itself cannot do without; `cloud`, Temporal Cloud's. */
export type FindingRules = 'server' | 'cloud';

/** Something noticed about a pair, with what to do about it. */
export interface Finding {
  /** Stable, `ROTEY_FINDING_…`; docs/reference/findings.md lists all. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is wrong, with the values and limits. Never key material. */
  readonly message: string;
  /** What a person should do about it. */
  readonly remedy: string;
  /** SHA-256 (lower-case hex) of the certificate of a bundle that it is about. Otherwise it is about the leaf, or the whole. */
  readonly certificate?: string | undefined;
}

/** The closed list of findings. A code never changes its meaning; new ones may be added in a minor release. */
export const FINDING_CODES = [
  // When it is valid.
  'ROTEY_FINDING_EXPIRED',
  'ROTEY_FINDING_NOT_YET_VALID',
  'ROTEY_FINDING_EXPIRES_NOW',
  'ROTEY_FINDING_EXPIRES_SOON',
  'ROTEY_FINDING_EXPIRES_WITHIN',
  'ROTEY_FINDING_VALIDITY_INVERTED',
  'ROTEY_FINDING_LIFETIME_SHORT',
  'ROTEY_FINDING_LIFETIME_LONG',
  // What the leaf is.
  'ROTEY_FINDING_NOT_V3',
  'ROTEY_FINDING_LEAF_IS_CA',
  'ROTEY_FINDING_BASIC_CONSTRAINTS_ABSENT',
  'ROTEY_FINDING_KEY_USAGE_ABSENT',
  'ROTEY_FINDING_NO_DIGITAL_SIGNATURE',
  'ROTEY_FINDING_NO_CLIENT_AUTH',
  'ROTEY_FINDING_SELF_SIGNED',
  // Keys and signatures.
  'ROTEY_FINDING_SIGNATURE_WEAK',
  'ROTEY_FINDING_SIGNATURE_UNUSUAL',
  'ROTEY_FINDING_KEY_EDWARDS',
  'ROTEY_FINDING_KEY_TYPE_UNUSUAL',
  'ROTEY_FINDING_RSA_SHORT',
  'ROTEY_FINDING_CURVE_UNUSUAL',
  // The chain, and what else is in the files.
  'ROTEY_FINDING_CHAIN_INCOMPLETE',
  'ROTEY_FINDING_ISSUER_NOT_CA',
  'ROTEY_FINDING_ISSUER_EXPIRED',
  'ROTEY_FINDING_ISSUER_NOT_YET_VALID',
  'ROTEY_FINDING_ISSUER_EXPIRES_SOON',
  'ROTEY_FINDING_OUTLIVES_ISSUER',
  'ROTEY_FINDING_DUPLICATE_NAME',
  'ROTEY_FINDING_LEAF_NOT_FIRST',
  'ROTEY_FINDING_SEVERAL_LEAVES',
  'ROTEY_FINDING_SEVERAL_KEYS',
  'ROTEY_FINDING_CERTIFICATE_REPEATED',
  'ROTEY_FINDING_CERTIFICATE_UNRELATED',
  // The trust bundle.
  'ROTEY_FINDING_TRUST_EXPIRED',
  'ROTEY_FINDING_TRUST_PARTLY_EXPIRED',
  'ROTEY_FINDING_TRUST_NOT_CA',
  'ROTEY_FINDING_TRUST_IS_OWN_ISSUER',
  // A bundle of CAs whose clients a server is to accept.
  'ROTEY_FINDING_BUNDLE_NOT_CA',
  'ROTEY_FINDING_BUNDLE_NO_CERT_SIGN',
  'ROTEY_FINDING_BUNDLE_ISSUER_ABSENT',
  'ROTEY_FINDING_BUNDLE_EXPIRED',
  'ROTEY_FINDING_BUNDLE_NOT_YET_VALID',
  'ROTEY_FINDING_BUNDLE_EXPIRES_SOON',
  'ROTEY_FINDING_BUNDLE_KEY_UNUSUAL',
  'ROTEY_FINDING_BUNDLE_REPEATED',
  'ROTEY_FINDING_BUNDLE_HOLDS_KEY',
  'ROTEY_FINDING_BUNDLE_DUPLICATE_NAME',
  'ROTEY_FINDING_BUNDLE_PUBLIC_CA',
  'ROTEY_FINDING_BUNDLE_TOO_MANY',
  'ROTEY_FINDING_BUNDLE_TOO_LARGE',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];

/** What is always the same about a finding. */
export interface FindingKind {
  /** What it means, one sentence. */
  readonly title: string;
  /** Undefined where it is not reported under these rules. */
  readonly severity: Readonly<Record<FindingRules, Severity | undefined>>;
  /** What a person should do, one sentence. */
  readonly remedy: string;
}

function kind(
  server: Severity | undefined,
  cloud: Severity | undefined,
  { title, remedy }: Pick<FindingKind, 'title' | 'remedy'>,
): FindingKind {
  return Object.freeze({ title, severity: Object.freeze({ server, cloud }), remedy });
}

/**
 * Every finding. docs/reference/findings.md is made from this.
 *
 * Under `server` nothing is an error: what a server accepts is its own decision, and is found out by asking it. The
 * errors under `cloud` are the rules that Temporal Cloud documents.
 */
export const FINDINGS: Readonly<Record<FindingCode, FindingKind>> = Object.freeze({
  ROTEY_FINDING_EXPIRED: kind('warning', 'error', {
    title: 'The leaf has expired: new connections with it are refused, open ones live until the server closes them.',
    remedy: 'Issue a new certificate, and find out why it was not renewed.',
  }),
  ROTEY_FINDING_NOT_YET_VALID: kind('warning', 'error', {
    title: 'The leaf is not valid yet by the clock of this machine.',
    remedy: 'Check the clocks of this machine and of the issuer, or wait.',
  }),
  ROTEY_FINDING_EXPIRES_NOW: kind('warning', 'warning', {
    title: 'No more than a tenth of the lifetime of the leaf is left.',
    remedy: 'Renew it now, and find out why it was not renewed.',
  }),
  ROTEY_FINDING_EXPIRES_SOON: kind('warning', 'warning', {
    title: 'No more than a third of the lifetime of the leaf is left, when most issuers have renewed.',
    remedy: 'Check that something renews it, or renew it.',
  }),
  ROTEY_FINDING_EXPIRES_WITHIN: kind('error', 'error', {
    title: 'A certificate ends within the time that was asked for; reported only where one was.',
    remedy: 'Renew it, or ask for less time (`--expires-within`).',
  }),
  ROTEY_FINDING_VALIDITY_INVERTED: kind('warning', 'error', {
    title: 'A certificate ends before it begins, so that it is never valid.',
    remedy: 'Issue it again, with notAfter later than notBefore.',
  }),
  ROTEY_FINDING_LIFETIME_SHORT: kind('info', 'info', {
    title: 'The lifetime is under 10 minutes, which leaves little time for a renewal that fails at first.',
    remedy: 'Issue for longer: 24 h is common, and an outage of the issuer should fit into a third of the lifetime.',
  }),
  ROTEY_FINDING_LIFETIME_LONG: kind('info', 'info', {
    title: 'The lifetime is over 398 days, and a stolen key stays useful for all of it: nobody asks for revocations.',
    remedy: 'Issue for days and let rotey rotate.',
  }),
  ROTEY_FINDING_NOT_V3: kind('warning', 'error', {
    title: 'A certificate is not X.509 version 3, so it cannot say what it may be used for.',
    remedy: 'Issue it again with extensions (openssl: -extfile or -copy_extensions), which makes it version 3.',
  }),
  ROTEY_FINDING_LEAF_IS_CA: kind('warning', 'error', {
    title: 'The leaf is a CA certificate.',
    remedy: 'Issue a leaf from this CA with basicConstraints CA:FALSE, and take the key of the CA off this machine.',
  }),
  ROTEY_FINDING_BASIC_CONSTRAINTS_ABSENT: kind('info', 'warning', {
    title: 'The leaf does not say whether it is a CA; verifiers take that as no.',
    remedy: 'Issue it with basicConstraints CA:FALSE.',
  }),
  ROTEY_FINDING_KEY_USAGE_ABSENT: kind(undefined, 'error', {
    title: 'The leaf has no key usage, and Temporal Cloud asks for digitalSignature.',
    remedy: 'Issue it with keyUsage digitalSignature.',
  }),
  ROTEY_FINDING_NO_DIGITAL_SIGNATURE: kind('warning', 'error', {
    title: 'The key usage of the leaf leaves out digitalSignature, with which a client proves that it has the key.',
    remedy: 'Issue it with keyUsage digitalSignature.',
  }),
  ROTEY_FINDING_NO_CLIENT_AUTH: kind('warning', 'warning', {
    title: 'The extended key usage of the leaf is present and leaves out clientAuth.',
    remedy: 'Issue it with clientAuth (cert-manager: usage "client auth"), or without extended key usage.',
  }),
  ROTEY_FINDING_SELF_SIGNED: kind('warning', 'error', {
    title: 'The leaf is self-signed: a server accepts it only by trusting this very certificate.',
    remedy: 'Issue it from a CA that the server trusts.',
  }),
  ROTEY_FINDING_SIGNATURE_WEAK: kind('warning', 'error', {
    title:
      'A certificate is signed with a hash that is refused today (MD2, MD5, SHA-1) or by Temporal Cloud (SHA-224).',
    remedy: 'Issue it again with SHA-256 or more.',
  }),
  ROTEY_FINDING_SIGNATURE_UNUSUAL: kind('info', 'error', {
    title: 'A certificate is signed neither with RSA nor with ECDSA, and Temporal Cloud refuses that.',
    remedy: 'Issue it from a CA with an RSA or ECDSA key.',
  }),
  ROTEY_FINDING_KEY_EDWARDS: kind('info', 'error', {
    title: 'The key of the leaf is Ed25519: self-hosted servers take it, Temporal Cloud takes RSA and ECDSA only.',
    remedy: 'For Temporal Cloud use ECDSA P-256, or RSA of 2,048 bits or more.',
  }),
  ROTEY_FINDING_KEY_TYPE_UNUSUAL: kind('warning', 'error', {
    title: 'The key of the leaf is of a kind that a Temporal server, being written in Go, does not take in TLS.',
    remedy: 'Use ECDSA P-256, or RSA of 2,048 bits or more.',
  }),
  ROTEY_FINDING_RSA_SHORT: kind('warning', 'warning', {
    title: 'An RSA key has less than 2,048 bits, which many servers refuse (OpenSSL at security level 2, rustls).',
    remedy: 'Use ECDSA P-256, or RSA of 2,048 bits or more.',
  }),
  ROTEY_FINDING_CURVE_UNUSUAL: kind('warning', 'warning', {
    title: 'An EC key is on another curve than P-256, P-384 or P-521, which Go and rustls do not support.',
    remedy: 'Use P-256 (prime256v1).',
  }),
  ROTEY_FINDING_CHAIN_INCOMPLETE: kind('info', 'info', {
    title: 'The issuer of the last certificate of the chain is not in the file, so the server has to know it.',
    remedy: 'Nothing if the server trusts that issuer itself; otherwise append the intermediate certificates.',
  }),
  ROTEY_FINDING_ISSUER_NOT_CA: kind('warning', 'error', {
    title: 'A certificate of the chain was signed with the key of one that is not a CA.',
    remedy:
      'Issue the signing certificate again with basicConstraints CA:TRUE and keyUsage keyCertSign, then the leaf.',
  }),
  ROTEY_FINDING_ISSUER_EXPIRED: kind('warning', 'error', {
    title: 'A CA certificate of the chain has expired.',
    remedy: 'Renew the CA, give the server its new certificate, and issue the leaf again.',
  }),
  ROTEY_FINDING_ISSUER_NOT_YET_VALID: kind('warning', 'error', {
    title: 'A CA certificate of the chain is not valid yet by the clock of this machine.',
    remedy: 'Check the clocks of this machine and of the issuer, or wait.',
  }),
  ROTEY_FINDING_ISSUER_EXPIRES_SOON: kind('warning', 'warning', {
    title: 'A CA certificate of the chain expires soon: within 30 days, or a tenth of its lifetime if that is less.',
    remedy: 'Begin the rollover to a new CA now: whoever verifies has to trust both before the first leaf changes.',
  }),
  ROTEY_FINDING_OUTLIVES_ISSUER: kind('warning', 'warning', {
    title: 'A certificate of the chain ends after the certificate of its issuer, and becomes useless when that ends.',
    remedy: 'Renew the CA, or issue for no longer than the CA lives.',
  }),
  ROTEY_FINDING_DUPLICATE_NAME: kind('warning', 'error', {
    title: 'Two certificates of the chain have the same distinguished name (compared without case).',
    remedy: 'Give every certificate between leaf and root a name of its own.',
  }),
  ROTEY_FINDING_LEAF_NOT_FIRST: kind('info', 'info', {
    title: 'The leaf is not the first certificate of its file; rotey puts it first, other programs may not.',
    remedy: 'Write the leaf first, then its issuers in order.',
  }),
  ROTEY_FINDING_SEVERAL_LEAVES: kind('info', 'info', {
    title: 'Several certificates belong to the key; the one that was issued last is used.',
    remedy: 'Remove the ones that are no longer used.',
  }),
  ROTEY_FINDING_SEVERAL_KEYS: kind('info', 'info', {
    title: 'There are several private keys; the one that belongs to a certificate is used.',
    remedy: 'Remove the keys that are not used: each is one more secret to lose.',
  }),
  ROTEY_FINDING_CERTIFICATE_REPEATED: kind('info', 'info', {
    title: 'A certificate stands in the file more than once; it is presented once.',
    remedy: 'Write every certificate once.',
  }),
  ROTEY_FINDING_CERTIFICATE_UNRELATED: kind('warning', 'warning', {
    title: 'A certificate in the file has signed nothing in the chain; it is presented behind it.',
    remedy: 'Remove it, or check whether it is an intermediate of another CA that was meant.',
  }),
  ROTEY_FINDING_TRUST_EXPIRED: kind('warning', 'warning', {
    title: 'Every CA certificate of the trust bundle has expired, so no server can be trusted.',
    remedy: 'Replace the trust bundle by the current CA of the server.',
  }),
  ROTEY_FINDING_TRUST_PARTLY_EXPIRED: kind('info', 'info', {
    title: 'Some CA certificates of the trust bundle have expired.',
    remedy: 'Remove them when nothing needs them any more.',
  }),
  ROTEY_FINDING_TRUST_NOT_CA: kind('warning', 'warning', {
    title: 'The trust bundle holds a certificate that is not a CA, which most programs do not take as trust.',
    remedy: 'Put the CA that signed the certificate of the server there.',
  }),
  ROTEY_FINDING_TRUST_IS_OWN_ISSUER: kind('info', 'info', {
    title: 'The trust bundle holds only the CA of the leaf, which need not be the CA of the server.',
    remedy: 'Leave the trust bundle out for Temporal Cloud and public CAs; otherwise name the CA of the server.',
  }),
  ROTEY_FINDING_BUNDLE_NOT_CA: kind('warning', 'error', {
    title: 'A certificate of the CA bundle is not a CA.',
    remedy: 'Put the CA that signed it there, and keep leaves out of the bundle.',
  }),
  ROTEY_FINDING_BUNDLE_NO_CERT_SIGN: kind('warning', 'warning', {
    title: 'The key usage of a CA leaves out keyCertSign, so that verifiers refuse what it signs.',
    remedy: 'Issue it again with keyUsage keyCertSign.',
  }),
  ROTEY_FINDING_BUNDLE_ISSUER_ABSENT: kind('info', 'error', {
    title:
      'A CA of the bundle is neither a root nor issued by another one in it; Temporal Cloud takes whole chains only.',
    remedy: 'Add its issuers up to the root.',
  }),
  ROTEY_FINDING_BUNDLE_EXPIRED: kind('warning', 'error', {
    title: 'A CA of the bundle has expired; Temporal Cloud refuses every update of a bundle that holds one.',
    remedy: 'Remove all expired ones in one update: removing them one by one is refused because of the others.',
  }),
  ROTEY_FINDING_BUNDLE_NOT_YET_VALID: kind('warning', 'warning', {
    title: 'A CA of the bundle is not valid yet by the clock of this machine.',
    remedy: 'Check the clocks of this machine and of the issuer, or wait.',
  }),
  ROTEY_FINDING_BUNDLE_EXPIRES_SOON: kind('warning', 'warning', {
    title: 'A CA of the bundle expires soon: within 30 days, or a tenth of its lifetime if that is less.',
    remedy: 'Add its successor to the bundle now, move every user over, and then remove it.',
  }),
  ROTEY_FINDING_BUNDLE_KEY_UNUSUAL: kind('info', 'error', {
    title: 'The key of a CA is neither RSA nor ECDSA, and Temporal Cloud refuses what it signs.',
    remedy: 'Use a CA with an ECDSA or RSA key.',
  }),
  ROTEY_FINDING_BUNDLE_REPEATED: kind('info', 'error', {
    title: 'A certificate stands in the bundle more than once.',
    remedy: 'Write every certificate once.',
  }),
  ROTEY_FINDING_BUNDLE_HOLDS_KEY: kind('info', 'error', {
    title: 'A private key lies in the bundle: whoever is given the bundle is given the key.',
    remedy: 'Keep certificates alone in the bundle; if it has been handed on with the key of a CA, replace that CA.',
  }),
  ROTEY_FINDING_BUNDLE_DUPLICATE_NAME: kind('info', 'warning', {
    title:
      'Two CAs of the bundle have the same distinguished name (compared without case); a chain through both is refused.',
    remedy: 'Give a new CA a name of its own, for example with its year.',
  }),
  ROTEY_FINDING_BUNDLE_PUBLIC_CA: kind(undefined, 'warning', {
    title:
      'The bundle holds a well-known public CA, of which anybody can get certificates; Temporal Cloud takes it only with certificate filters.',
    remedy: 'Use a CA of your own; otherwise set certificate filters first.',
  }),
  ROTEY_FINDING_BUNDLE_TOO_MANY: kind(undefined, 'error', {
    title: 'The bundle has more than 16 certificates, the most that Temporal Cloud takes.',
    remedy: 'Remove those that nobody uses any more.',
  }),
  ROTEY_FINDING_BUNDLE_TOO_LARGE: kind(undefined, 'error', {
    title: 'The bundle has more than 32 KB as PEM (before base64), the most that Temporal Cloud takes.',
    remedy: 'Remove what nobody uses any more, and text between the certificates.',
  }),
});

/** A finding before it is judged. */
export interface Observation {
  readonly code: FindingCode;
  /** See {@link Finding.message}. */
  readonly message: string;
  /** See {@link Finding.certificate}. */
  readonly certificate?: string | undefined;
}

/** Judges observations by the rules; those that the rules do not report are left out. */
export function judge(observations: readonly Observation[], rules: FindingRules): readonly Finding[] {
  return observations.flatMap(({ code, message, certificate }) => {
    const { severity, remedy } = FINDINGS[code];
    const level = severity[rules];
    const about = certificate === undefined ? {} : { certificate };
    return level === undefined ? [] : [Object.freeze({ code, severity: level, message, remedy, ...about })];
  });
}
