/** What a certificate says of itself, read once. Times in milliseconds since the Unix epoch (RFC 5280 §4.1.2.5). */
export interface CertificateFacts {
  /** The certificate alone, as PEM with `\n` line ends. */
  readonly pem: string;
  /** X.509 version: 1, 2 or 3. */
  readonly version: number;
  /** In the certificate's order, escaped as in RFC 4514 §2.4: `O=Example, CN=worker`. */
  readonly subject: string;
  readonly issuer: string;
  /** The subject's (last) CN, if it has one. */
  readonly commonName: string | undefined;
  /** Upper-case hex with an even number of digits and no separators, as `openssl x509 -serial` and Node show it. */
  readonly serial: string;
  /** SHA-1 of the DER, lower-case hex: what Temporal Cloud calls the fingerprint. */
  readonly sha1: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** `DNS:…`, `IP:…`, `URI:…`, `email:…` (RFC 5280 §4.2.1.6), in the certificate's order. */
  readonly sans: readonly string[];
  readonly keyType: 'rsa' | 'rsa-pss' | 'ec' | 'ed25519' | 'ed448' | 'other';
  /** Modulus length for RSA, field size for EC, undefined otherwise. */
  readonly keyBits: number | undefined;
  /** For an EC key, its named curve as Node calls it (`prime256v1` is P-256); undefined otherwise. */
  readonly curve: string | undefined;
  /**
   * For example `sha256WithRSAEncryption`, `ecdsa-with-SHA256`, `Ed25519`, `rsassa-pss with sha256`; the dotted OID where
   * it has no name here.
   */
  readonly signatureAlgorithm: string;
  /** basicConstraints cA: true or false as stated (or as DER default false), undefined when the extension is absent. */
  readonly ca: boolean | undefined;
  readonly pathLength: number | undefined;
  /** Names of RFC 5280 §4.2.1.3 (`digitalSignature`, `keyCertSign` …); undefined when the extension is absent. */
  readonly keyUsage: readonly string[] | undefined;
  /** Names (`clientAuth`, `serverAuth` …) or dotted OIDs; undefined when the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Subject and issuer are the same and the signature verifies with the certificate's own key. */
  readonly selfSigned: boolean;
}
