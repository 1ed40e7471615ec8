import { type BitString, contextTag, type DerReader, nameOfOid, OIDS, readDer, TAG } from '../asn1/index.ts';
import { readDistinguishedName } from './distinguished-name.ts';
import { readGeneralNames } from './general-names.ts';

/** What is read from a certificate's DER directly, because Node's X509Certificate shows it differently or not at all. */
export interface CertificateFields {
  readonly version: number;
  readonly serial: string;
  readonly signatureAlgorithm: string;
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string | undefined;
  /** Whether subject and issuer are the same bytes. */
  readonly selfIssued: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly sans: readonly string[];
  readonly ca: boolean | undefined;
  readonly pathLength: number | undefined;
  readonly keyUsage: readonly string[] | undefined;
  readonly extendedKeyUsage: readonly string[] | undefined;
}

/**
 * Reads a Certificate of RFC 5280 §4.1. Extensions that rotey does not use are not looked into.
 *
 * @throws {RoteyError} `ROTEY_DER_MALFORMED` with the byte where it stops being one.
 */
export function readCertificateFields(der: Uint8Array): CertificateFields {
  const outer = readDer(der);
  const certificate = outer.sequence();
  outer.end();
  const tbs = certificate.sequence();
  certificate.sequence();
  certificate.bitString();
  certificate.end();

  const version = Number(tbs.enterOptional(contextTag(0))?.integer() ?? 0n) + 1;
  const serial = formatSerial(tbs.element(TAG.integer).content);
  const signatureAlgorithm = readSignatureAlgorithm(tbs.sequence());
  const issuer = tbs.element(TAG.sequence);
  const validity = tbs.sequence();
  const notBeforeMs = validity.time();
  const notAfterMs = validity.time();
  validity.end();
  const subject = tbs.element(TAG.sequence);
  tbs.sequence(); // subjectPublicKeyInfo: Node reads it
  const subjectName = readDistinguishedName(readDer(subject.raw));
  return {
    version,
    serial,
    signatureAlgorithm,
    subject: subjectName.text,
    issuer: readDistinguishedName(readDer(issuer.raw)).text,
    commonName: subjectName.commonName,
    selfIssued: Buffer.compare(subject.raw, issuer.raw) === 0,
    notBeforeMs,
    notAfterMs,
    ...readExtensions(tbs),
  };
}

type ExtensionFields = Pick<CertificateFields, 'sans' | 'ca' | 'pathLength' | 'keyUsage' | 'extendedKeyUsage'>;

function readExtensions(tbs: DerReader): ExtensionFields {
  tbs.optional(0x81); // issuerUniqueID
  tbs.optional(0x82); // subjectUniqueID
  const values = new Map<string, Uint8Array>();
  const list = tbs.enterOptional(contextTag(3))?.sequence();
  while (list?.nextTag !== undefined) {
    const extension = list.sequence();
    const id = extension.oid();
    if (extension.nextTag === TAG.boolean) extension.boolean();
    values.set(id, extension.octetString());
    extension.end();
  }
  tbs.end();
  const read = <T>(id: string, parse: (reader: DerReader) => T): T | undefined => {
    const value = values.get(id);
    return value === undefined ? undefined : parse(readDer(value));
  };
  const constraints = read(OIDS.basicConstraints, readBasicConstraints);
  return {
    sans: read(OIDS.subjectAltName, readGeneralNames) ?? [],
    ca: constraints?.ca,
    pathLength: constraints?.pathLength,
    keyUsage: read(OIDS.keyUsage, (reader) => namesOfBits(reader.bitString())),
    extendedKeyUsage: read(OIDS.extKeyUsage, readPurposes),
  };
}

/** RFC 5280 §4.2.1.9. An explicit `cA FALSE` is not DER, but common, and unambiguous. */
function readBasicConstraints(reader: DerReader): { ca: boolean; pathLength: number | undefined } {
  const constraints = reader.sequence();
  const ca = constraints.nextTag === TAG.boolean ? constraints.boolean() : false;
  const pathLength = constraints.nextTag === TAG.integer ? Number(constraints.integer()) : undefined;
  constraints.end();
  return { ca, pathLength };
}

function readPurposes(reader: DerReader): readonly string[] {
  const purposes: string[] = [];
  const sequence = reader.sequence();
  while (sequence.nextTag !== undefined) purposes.push(nameOfOid(sequence.oid()));
  return purposes;
}

/** RFC 5280 §4.2.1.3, by bit number. */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

function namesOfBits({ bytes }: BitString): readonly string[] {
  return KEY_USAGES.filter((_, bit) => (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1);
}

/** RSASSA-PSS says its hash in the parameters, and means SHA-1 when it says nothing (RFC 4055 §3.1). */
function readSignatureAlgorithm(algorithm: DerReader): string {
  const oid = algorithm.oid();
  if (oid !== OIDS['rsassa-pss']) return nameOfOid(oid);
  const hash = algorithm.enterOptional(TAG.sequence)?.enterOptional(contextTag(0))?.sequence().oid() ?? OIDS.sha1;
  return `rsassa-pss with ${nameOfOid(hash)}`;
}

/** An INTEGER's octets without the sign octet; `-` and the magnitude for a negative one, as Node and OpenSSL do. */
function formatSerial(content: Uint8Array): string {
  const hex = Buffer.from(content).toString('hex').toUpperCase();
  if ((content[0] ?? 0) < 0x80) return content.length > 1 ? hex.replace(/^00/, '') : hex;
  const magnitude = ((1n << BigInt(content.length * 8)) - BigInt(`0x${hex}`)).toString(16).toUpperCase();
  return `-${magnitude.length % 2 === 0 ? '' : '0'}${magnitude}`;
}
