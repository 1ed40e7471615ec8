/**
 * The contents octets of primitive DER values, one pure function each.
 *
 * They throw `RangeError` with the reason; the reader adds where it was.
 */

import { TAG } from './tags.ts';

/** A BIT STRING: its octets and how many bits of the last one do not count (0 to 7; those are zero). */
export interface BitString {
  readonly bytes: Uint8Array;
  readonly unusedBits: number;
}

/** Longest INTEGER in bytes: an RSA key of 16,384 bits, the largest that OpenSSL takes, and its sign octet. */
const MAX_INTEGER_BYTES = 2049;

/** Longest OBJECT IDENTIFIER in bytes; those in use have 10. */
const MAX_OID_BYTES = 64;

/** X.690 §8.3: two's complement in the fewest octets. */
export function decodeInteger(content: Uint8Array): bigint {
  const [first, second] = content;
  if (first === undefined) throw new RangeError('an INTEGER without contents');
  if (content.length > MAX_INTEGER_BYTES) {
    throw new RangeError(`an INTEGER of ${content.length} bytes, the limit is ${MAX_INTEGER_BYTES}`);
  }
  if (second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw new RangeError('an INTEGER that is not in its shortest form');
  }
  const magnitude = BigInt(`0x${Buffer.from(content).toString('hex')}`);
  return first < 0x80 ? magnitude : magnitude - (1n << BigInt(content.length * 8));
}

/** X.690 §11.1: FALSE is 0x00 and TRUE is 0xFF, nothing else. */
export function decodeBoolean(content: Uint8Array): boolean {
  const [octet] = content;
  if (content.length !== 1 || (octet !== 0x00 && octet !== 0xff)) throw new RangeError('not a BOOLEAN of DER');
  return octet === 0xff;
}

/** X.690 §8.6 and §11.2.1: unused bits are zero. */
export function decodeBitString(content: Uint8Array): BitString {
  const [unusedBits] = content;
  const bytes = content.subarray(1);
  if (unusedBits === undefined || unusedBits > 7 || (bytes.length === 0 && unusedBits > 0)) {
    throw new RangeError('a BIT STRING with an impossible number of unused bits');
  }
  const last = bytes[bytes.length - 1] ?? 0;
  if ((last & ((1 << unusedBits) - 1)) !== 0) throw new RangeError('a BIT STRING whose unused bits are not zero');
  return { bytes, unusedBits };
}

/** X.690 §8.19: dotted, each arc in its shortest form. */
export function decodeOid(content: Uint8Array): string {
  if (content.length === 0) throw new RangeError('an OBJECT IDENTIFIER without contents');
  if (content.length > MAX_OID_BYTES) {
    throw new RangeError(`an OBJECT IDENTIFIER of ${content.length} bytes, the limit is ${MAX_OID_BYTES}`);
  }
  const arcs: bigint[] = [];
  let arc: bigint | undefined;
  for (const octet of content) {
    if (arc === undefined && octet === 0x80) throw new RangeError('an OBJECT IDENTIFIER arc not in its shortest form');
    const value = ((arc ?? 0n) << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) {
      arc = value;
    } else {
      arcs.push(value);
      arc = undefined;
    }
  }
  if (arc !== undefined) throw new RangeError('an OBJECT IDENTIFIER that is cut off');
  const [joined = 0n, ...rest] = arcs;
  const first = joined < 80n ? joined / 40n : 2n;
  return [first, joined - first * 40n, ...rest].join('.');
}

/** Whether {@link decodeString} knows the type with this tag. */
export function isStringTag(tag: number): boolean {
  return tag in STRING_DECODERS;
}

/**
 * Text of a character string type. The ASCII types may hold any ASCII: real issuers write `*` and `@` into a
 * PrintableString, and servers accept it.
 */
export function decodeString(tag: number, content: Uint8Array): string {
  const decode = STRING_DECODERS[tag];
  if (decode === undefined) throw new RangeError('not a character string');
  return decode(content);
}

const STRING_DECODERS: Readonly<Record<number, (content: Uint8Array) => string>> = {
  [TAG.utf8String]: decodeUtf8,
  [TAG.numericString]: decodeAscii,
  [TAG.printableString]: decodeAscii,
  [TAG.ia5String]: decodeAscii,
  [TAG.visibleString]: decodeAscii,
  [TAG.teletexString]: (content) => Buffer.from(content).toString('latin1'),
  [TAG.bmpString]: decodeBmp,
  [TAG.universalString]: decodeUniversal,
};

function decodeUtf8(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new RangeError('text that is not UTF-8');
  }
}

/** Seven bits, also for implicitly tagged IA5Strings (the names in a subjectAltName). */
export function decodeAscii(content: Uint8Array): string {
  if (content.some((octet) => octet >= 0x80)) throw new RangeError('text that is not ASCII');
  return Buffer.from(content).toString('latin1');
}

function decodeBmp(content: Uint8Array): string {
  if (content.length % 2 !== 0) throw new RangeError('a BMPString with half a character');
  return Buffer.from(content).swap16().toString('utf16le');
}

function decodeUniversal(content: Uint8Array): string {
  if (content.length % 4 !== 0) throw new RangeError('a UniversalString with part of a character');
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  let text = '';
  for (let at = 0; at < content.length; at += 4) text += String.fromCodePoint(view.getUint32(at));
  return text;
}
