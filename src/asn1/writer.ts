/**
 * Writes DER (ITU-T X.690): definite and minimal lengths, minimal integers, sorted SET OF. Each function returns one
 * complete element, so a structure is written by nesting calls in the order of its ASN.1 definition.
 *
 * What cannot be encoded (a letter outside the string's alphabet, an object identifier with one arc) is a mistake of
 * the caller and throws `RangeError` at once; nothing is replaced or cut silently.
 *
 * @module
 */
import { Buffer } from 'node:buffer';
import { contextPrimitiveTag, contextTag, TAG } from './tags.ts';

const CONSTRUCTED = 0x20;
/** Larger numbers need more than one identifier octet; X.509 and PKCS use none of them. */
const LARGEST_TAG_NUMBER = 30;

export function boolean(value: boolean): Uint8Array {
  return element(TAG.boolean, Uint8Array.of(value ? 0xff : 0x00));
}

/** A signed INTEGER of any size, in the fewest octets (X.690 §8.3). */
export function integer(value: bigint): Uint8Array {
  const octets: number[] = [];
  let rest = value;
  do {
    octets.unshift(Number(BigInt.asUintN(8, rest)));
    rest >>= 8n;
  } while (rest !== 0n && rest !== -1n);
  const signBit = (octets[0] ?? 0) >= 0x80;
  if (rest === 0n && signBit) octets.unshift(0x00);
  if (rest === -1n && !signBit) octets.unshift(0xff);
  return element(TAG.integer, Uint8Array.from(octets));
}

/**
 * A non-negative INTEGER from its big-endian magnitude, for example a certificate's serial number. Leading zero octets
 * are dropped; one is added where the first bit would read as a minus sign.
 *
 * @throws {RangeError} when there are no octets.
 */
export function unsignedInteger(magnitude: Uint8Array): Uint8Array {
  if (magnitude.length === 0) throw new RangeError('An INTEGER needs at least one octet.');
  const first = magnitude.findIndex((octet) => octet !== 0);
  const minimal = first === -1 ? Uint8Array.of(0) : magnitude.subarray(first);
  const needsZero = (minimal[0] ?? 0) >= 0x80;
  return element(TAG.integer, needsZero ? concat([Uint8Array.of(0), minimal]) : minimal);
}

/**
 * An OBJECT IDENTIFIER from its dotted form (X.690 §8.19).
 *
 * @throws {RangeError} when `dotted` is no object identifier: fewer than two arcs, leading zeros, a first arc above 2,
 * a second arc above 39 under 0 or 1.
 */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split('.').map(parseArc);
  if (first === undefined || second === undefined || first > 2n || (first < 2n && second > 39n)) {
    throw new RangeError(`Not an object identifier: ${JSON.stringify(dotted)}.`);
  }
  return element(TAG.oid, concat([first * 40n + second, ...rest].map(base128)));
}

/** A BIT STRING of whole octets, as signatures and public keys are. */
export function bitString(octets: Uint8Array): Uint8Array {
  return element(TAG.bitString, concat([Uint8Array.of(0), octets]));
}

/**
 * A BIT STRING with named bits, as keyUsage is: bit 0 is the most significant bit of the first octet, and trailing
 * zero bits are left out (X.690 §11.2.2).
 *
 * @throws {RangeError} when a position is negative, not whole or above 1023.
 */
export function namedBits(positions: Iterable<number>): Uint8Array {
  const set = [...positions];
  for (const position of set) {
    if (!Number.isInteger(position) || position < 0 || position > 1023) {
      throw new RangeError(`Not a bit position: ${position}.`);
    }
  }
  if (set.length === 0) return element(TAG.bitString, Uint8Array.of(0));
  const highest = Math.max(...set);
  const octets = new Uint8Array(1 + Math.floor(highest / 8) + 1);
  octets[0] = 7 - (highest % 8);
  for (const position of set) {
    const index = 1 + Math.floor(position / 8);
    octets[index] = (octets[index] ?? 0) | (0x80 >> (position % 8));
  }
  return element(TAG.bitString, octets);
}

export function octetString(octets: Uint8Array): Uint8Array {
  return element(TAG.octetString, octets);
}

export function nullValue(): Uint8Array {
  return element(TAG.null, new Uint8Array(0));
}

/** @throws {RangeError} when `text` holds half a surrogate pair, which has no UTF-8 form. */
export function utf8String(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('A UTF8String cannot hold half a surrogate pair.');
  return element(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/** Whether every letter of `text` is in PrintableString's alphabet (X.680 §41.4): no `*`, `@`, `&` or `_`. */
export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}

/** @throws {RangeError} when a letter is outside {@link isPrintable}'s alphabet. */
export function printableString(text: string): Uint8Array {
  if (!isPrintable(text)) throw new RangeError(`Not a PrintableString: ${JSON.stringify(text)}.`);
  return element(TAG.printableString, Buffer.from(text, 'latin1'));
}

/** Seven-bit text. @throws {RangeError} when a letter is not ASCII. */
export function ia5String(text: string): Uint8Array {
  for (const letter of text) {
    if (letter > '\u007f') throw new RangeError(`Not an IA5String: ${JSON.stringify(text)}.`);
  }
  return element(TAG.ia5String, Buffer.from(text, 'latin1'));
}

/**
 * A certificate's time: UTCTime up to the end of 2049, GeneralizedTime from 2050 on, in UTC and whole seconds; what
 * is left of a second is dropped (RFC 5280 §4.1.2.5).
 *
 * @param ms milliseconds since the Unix epoch.
 * @throws {RangeError} before the year 1 or after 9999.
 */
export function time(ms: number): Uint8Array {
  const year = new Date(ms).getUTCFullYear();
  return year >= 1950 && year <= 2049 ? utcTime(ms) : generalizedTime(ms);
}

/** Two digits for the year: 50–99 are of the 20th century, 00–49 of the 21st. @throws {RangeError} outside 1950–2049. */
export function utcTime(ms: number): Uint8Array {
  const digits = timeDigits(ms);
  if (digits < '1950' || digits >= '2050') throw new RangeError(`Not in UTCTime's range: ${digits}.`);
  return element(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`, 'latin1'));
}

/** Four digits for the year. @throws {RangeError} before the year 1 or after 9999. */
export function generalizedTime(ms: number): Uint8Array {
  return element(TAG.generalizedTime, Buffer.from(`${timeDigits(ms)}Z`, 'latin1'));
}

export function sequence(...elements: readonly Uint8Array[]): Uint8Array {
  return element(TAG.sequence, concat(elements));
}

/** A SET OF: the elements in ascending order of their encodings, whatever order they come in (X.690 §11.6). */
export function setOf(...elements: readonly Uint8Array[]): Uint8Array {
  return element(TAG.set, concat([...elements].sort(Buffer.compare)));
}

/** `[tagNumber] EXPLICIT`: wraps one complete element. @throws {RangeError} when the number is not 0–30. */
export function explicit(tagNumber: number, inner: Uint8Array): Uint8Array {
  return element(contextTag(requireTagNumber(tagNumber)), inner);
}

/**
 * `[tagNumber] IMPLICIT`: the same element under another tag; it stays primitive or constructed as it was.
 *
 * @throws {RangeError} when the number is not 0–30 or `inner` is empty.
 */
export function implicit(tagNumber: number, inner: Uint8Array): Uint8Array {
  const [identifier] = inner;
  if (identifier === undefined) throw new RangeError('There is no element to tag.');
  const retagged = Uint8Array.from(inner);
  const constructed = (identifier & CONSTRUCTED) !== 0;
  retagged[0] = (constructed ? contextTag : contextPrimitiveTag)(requireTagNumber(tagNumber));
  return retagged;
}

function element(identifier: number, content: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(identifier), length(content.length), content]);
}

function length(octets: number): Uint8Array {
  if (octets < 0x80) return Uint8Array.of(octets);
  const digits: number[] = [];
  for (let rest = octets; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.of(0x80 | digits.length, ...digits);
}

function requireTagNumber(tagNumber: number): number {
  if (!Number.isInteger(tagNumber) || tagNumber < 0 || tagNumber > LARGEST_TAG_NUMBER) {
    throw new RangeError(`A context tag is a number from 0 to ${LARGEST_TAG_NUMBER}, not ${tagNumber}.`);
  }
  return tagNumber;
}

function parseArc(digits: string): bigint {
  if (!/^(0|[1-9][0-9]*)$/.test(digits)) throw new RangeError(`Not an arc: ${JSON.stringify(digits)}.`);
  return BigInt(digits);
}

function base128(arc: bigint): Uint8Array {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from(octets);
}

/** `YYYYMMDDHHMMSS` in UTC. */
function timeDigits(ms: number): string {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) throw new RangeError(`Not a time that DER can hold: ${ms} ms.`);
  return date
    .toISOString()
    .slice(0, 19)
    .replace(/[^0-9]/g, '');
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
