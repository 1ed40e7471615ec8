import { type DerReader, readDer } from '../asn1/index.ts';

/** What an input holds, told by its contents alone. */
export type ContentKind = 'pem' | 'manifest' | 'certificate' | KeyKind | ForeignKind | 'empty' | 'unknown';

/** A private key as DER, by the label that its PEM would have. */
export type KeyKind = 'PRIVATE KEY' | 'ENCRYPTED PRIVATE KEY' | 'RSA PRIVATE KEY' | 'EC PRIVATE KEY';

/** What is known well enough to say what it is, and is not looked into. */
export type ForeignKind =
  | 'pkcs12'
  | 'pkcs7'
  | 'java-keystore'
  | 'certificate-request'
  | 'revocation-list'
  | 'public-key'
  | 'parameters';

/** Tells by its first bytes, and for DER by its structure, what an input is. Never throws. */
export function recognise(bytes: Uint8Array): ContentKind {
  // Every byte stays one character, and a UTF-8 byte order mark three.
  const text = Buffer.from(bytes).toString('latin1');
  if (/^(?:\u00EF\u00BB\u00BF)?\s*$/.test(text)) return 'empty';
  if (text.startsWith('\u00FE\u00ED\u00FE\u00ED')) return 'java-keystore';
  if (text.startsWith('0')) {
    const kind = recogniseDer(bytes) ?? (looksLikePkcs12(bytes) ? 'pkcs12' : undefined);
    if (kind !== undefined) return kind;
  }
  if (looksLikeManifest(text)) return 'manifest';
  if (/^(?:\u00FF\u00FE|\u00FE\u00FF)/.test(text)) return 'pem'; // UTF-16: the reader of PEM says what to do about it
  if (/^[ \t]*-----(?:BEGIN|END) /m.test(text) || '-----BEGIN '.startsWith(text.trim())) return 'pem';
  return 'unknown';
}

/** PEM that is indented in YAML, or quoted in JSON, is a manifest's and not a file of its own. */
function looksLikeManifest(text: string): boolean {
  if (/^(?:\u00EF\u00BB\u00BF)?\s*[{[]\s*(?:"|\{|\})/.test(text)) return true;
  return /^kind\s*:/m.test(text) && /^apiVersion\s*:/m.test(text);
}

/** SEQUENCE, then the version 3. Many programs write PKCS#12 in the indefinite form of BER, which is not DER. */
function looksLikePkcs12(bytes: Uint8Array): boolean {
  const length = bytes[1] ?? 0;
  const at = length <= 0x80 ? 2 : 2 + (length & 0x7f);
  return bytes[at] === INTEGER && bytes[at + 1] === 1 && bytes[at + 2] === 3;
}

const [INTEGER, BIT_STRING, OCTET_STRING, OID, SEQUENCE, CONTEXT_0] = [0x02, 0x03, 0x04, 0x06, 0x30, 0xa0];
const TIMES: readonly (number | undefined)[] = [0x17, 0x18];

function recogniseDer(der: Uint8Array): ContentKind | undefined {
  const tags = tagsOf(der);
  const [first, second, third] = tags;
  if (first === SEQUENCE && second === SEQUENCE && third === BIT_STRING) return recogniseSigned(der);
  if (first === SEQUENCE && second === OCTET_STRING && tags.length === 2) return 'ENCRYPTED PRIVATE KEY';
  if (first === SEQUENCE && second === BIT_STRING && tags.length === 2) return 'public-key';
  if (first === INTEGER && second === SEQUENCE && third === OCTET_STRING) return 'PRIVATE KEY';
  if (first === INTEGER && second === INTEGER && tags.length >= 9) return 'RSA PRIVATE KEY';
  if (first === INTEGER && second === OCTET_STRING) return 'EC PRIVATE KEY';
  if (first === OID && second === CONTEXT_0) return 'pkcs7';
  return undefined;
}

/** Certificates, requests (RFC 2986 §4) and revocation lists (RFC 5280 §5.1) have one form: contents, how, signature. */
function recogniseSigned(der: Uint8Array): ContentKind | undefined {
  const tags = tagsOf(der, 1);
  const afterVersion = tags[0] === INTEGER ? tags.slice(1) : tags;
  if (tags[0] === CONTEXT_0) return 'certificate';
  if (TIMES.includes(afterVersion[2])) return 'revocation-list';
  if (tags[0] === INTEGER && tags[3] === CONTEXT_0) return 'certificate-request';
  if (tags[0] === INTEGER && tags.length >= 6) return 'certificate'; // of version 1, which has no version
  return undefined;
}

/** The tags of what a structure holds; with `depth` 1, of what its first element holds. Empty when it is not DER. */
function tagsOf(der: Uint8Array, depth = 0): readonly number[] {
  try {
    const outer = readDer(der);
    let reader: DerReader = outer.sequence();
    outer.end();
    for (let level = 0; level < depth; level++) reader = reader.sequence();
    const tags: number[] = [];
    while (reader.nextTag !== undefined && tags.length < 10) tags.push(reader.element().tag);
    return tags;
  } catch {
    return [];
  }
}

/** By the label of a PEM block; undefined for labels that nobody knows. */
export function kindOfLabel(label: string): ForeignKind | undefined {
  return LABELS.get(label);
}

const LABELS: ReadonlyMap<string, ForeignKind> = new Map([
  ['CERTIFICATE REQUEST', 'certificate-request'],
  ['NEW CERTIFICATE REQUEST', 'certificate-request'],
  ['X509 CRL', 'revocation-list'],
  ['PKCS7', 'pkcs7'],
  ['CMS', 'pkcs7'],
  ['PUBLIC KEY', 'public-key'],
  ['RSA PUBLIC KEY', 'public-key'],
  ['EC PARAMETERS', 'parameters'],
  ['DH PARAMETERS', 'parameters'],
]);
