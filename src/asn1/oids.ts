/**
 * The object identifiers that X.509 certificates, keys and requests are made of, by the names people know them by.
 *
 * One flat table: no name is used twice, so a name alone says what is meant.
 */

/** Name to dotted identifier. Names are those of the defining documents, as OpenSSL prints them where it differs. */
export const OIDS = {
  // Attributes of a distinguished name: RFC 4519 §2, by their short names in RFC 4514 §3 where they have one.
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  serialNumber: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  street: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  title: '2.5.4.12',
  description: '2.5.4.13',
  businessCategory: '2.5.4.15',
  postalCode: '2.5.4.17',
  name: '2.5.4.41',
  GN: '2.5.4.42',
  initials: '2.5.4.43',
  generationQualifier: '2.5.4.44',
  dnQualifier: '2.5.4.46',
  pseudonym: '2.5.4.65',
  organizationIdentifier: '2.5.4.97',
  UID: '0.9.2342.19200300.100.1.1',
  DC: '0.9.2342.19200300.100.1.25',
  emailAddress: '1.2.840.113549.1.9.1',

  // Key algorithms: RFC 8017 appendix C, RFC 5480 §2.1.1, RFC 8410 §3, RFC 3279 §2.3.
  rsaEncryption: '1.2.840.113549.1.1.1',
  'rsassa-pss': '1.2.840.113549.1.1.10',
  ecPublicKey: '1.2.840.10045.2.1',
  X25519: '1.3.101.110',
  X448: '1.3.101.111',
  Ed25519: '1.3.101.112',
  Ed448: '1.3.101.113',
  dsa: '1.2.840.10040.4.1',

  // Named curves: RFC 5480 §2.1.1.1; the NIST curves by the names that Node and OpenSSL use.
  secp224r1: '1.3.132.0.33',
  prime256v1: '1.2.840.10045.3.1.7',
  secp384r1: '1.3.132.0.34',
  secp521r1: '1.3.132.0.35',
  secp256k1: '1.3.132.0.10',
  brainpoolP256r1: '1.3.36.3.3.2.8.1.1.7',
  brainpoolP384r1: '1.3.36.3.3.2.8.1.1.11',
  brainpoolP512r1: '1.3.36.3.3.2.8.1.1.13',

  // Signature algorithms: RFC 8017, RFC 3279 §2.2, RFC 5758 §3. Ed25519, Ed448 and rsassa-pss stand above.
  md2WithRSAEncryption: '1.2.840.113549.1.1.2',
  md5WithRSAEncryption: '1.2.840.113549.1.1.4',
  sha1WithRSAEncryption: '1.2.840.113549.1.1.5',
  sha224WithRSAEncryption: '1.2.840.113549.1.1.14',
  sha256WithRSAEncryption: '1.2.840.113549.1.1.11',
  sha384WithRSAEncryption: '1.2.840.113549.1.1.12',
  sha512WithRSAEncryption: '1.2.840.113549.1.1.13',
  'ecdsa-with-SHA1': '1.2.840.10045.4.1',
  'ecdsa-with-SHA224': '1.2.840.10045.4.3.1',
  'ecdsa-with-SHA256': '1.2.840.10045.4.3.2',
  'ecdsa-with-SHA384': '1.2.840.10045.4.3.3',
  'ecdsa-with-SHA512': '1.2.840.10045.4.3.4',
  'dsa-with-SHA1': '1.2.840.10040.4.3',
  'dsa-with-SHA256': '2.16.840.1.101.3.4.3.2',

  // Hashes and the mask generation function, as parameters of RSASSA-PSS: RFC 4055 §2.1 and §2.2.
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  mgf1: '1.2.840.113549.1.1.8',

  // Extensions: RFC 5280 §4.2 and §5.2.
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',

  // Extended key usages: RFC 5280 §4.2.1.12.
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',

  // Attributes of a certification request: RFC 2985 §5.4.
  challengePassword: '1.2.840.113549.1.9.7',
  extensionRequest: '1.2.840.113549.1.9.14',
} as const;

/** A name in {@link OIDS}. */
export type OidName = keyof typeof OIDS;

const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(OIDS).map(([name, oid]) => [oid, name]));

/** The name of a dotted identifier, or the identifier itself where it has none here. */
export function nameOfOid(oid: string): string {
  return NAMES.get(oid) ?? oid;
}
