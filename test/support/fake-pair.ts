import { type CertificateFacts, Pair } from '../../src/identity/index.ts';

export interface FakePairOptions {
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
}

/** A pair that was never a certificate: its name is its id, subject and serial, and it ends when the test says. */
export function fakePair(name: string, options: FakePairOptions = {}): Pair {
  const { notBeforeMs = Date.UTC(2025, 11, 31), notAfterMs = Date.UTC(2026, 11, 31) } = options;
  const leaf: CertificateFacts = {
    pem: '',
    version: 3,
    subject: `CN=${name}`,
    issuer: 'CN=fake',
    commonName: name,
    serial: name,
    sha1: name,
    sha256: name,
    notBeforeMs,
    notAfterMs,
    sans: [],
    keyType: 'ec',
    keyBits: 256,
    curve: 'prime256v1',
    signatureAlgorithm: 'ecdsa-with-SHA256',
    ca: false,
    pathLength: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    selfSigned: false,
  };
  return new Pair({
    id: name,
    chain: [leaf],
    certificatePem: '',
    privateKeyPem: '',
    path: [leaf],
    trust: [],
    trustPem: undefined,
    origin: {},
    findings: [],
  });
}
