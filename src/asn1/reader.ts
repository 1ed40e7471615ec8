/**
 * A strict, lazy reader of DER (X.690 §10): it checks what it is asked to walk through, and never looks further.
 *
 * Strict, because two readings of the same bytes are how certificates get forged. Lazy, because a server may accept a
 * certificate whose odd private extension nobody reads.
 *
 * @module
 */
import { RoteyError } from '../errors.ts';
import { TAG } from './tags.ts';
import { decodeTime } from './time.ts';
import {
  type BitString,
  decodeBitString,
  decodeBoolean,
  decodeInteger,
  decodeOid,
  decodeString,
  isStringTag,
} from './values.ts';

/** The largest input, in bytes: that of a PEM file (1 MiB). Certificates have one or two thousand. */
export const MAX_DER_BYTES: number = 1024 * 1024;

/** How deep structures may nest. A certificate needs 10 at most; 32 leaves room and still bounds every walk. */
export const MAX_DER_DEPTH: number = 32;

/** One element: a view of the input, not a copy. */
export interface DerElement {
  /** The identifier octet, see {@link TAG}. */
  readonly tag: number;
  /** Where the element begins in the outermost input, in bytes. */
  readonly offset: number;
  /** Where {@link content} begins in the outermost input, in bytes. */
  readonly contentOffset: number;
  /** The contents octets. */
  readonly content: Uint8Array;
  /** The whole element with its header, for hashing and comparing. */
  readonly raw: Uint8Array;
}

/**
 * Begins reading `der`. Nothing is checked yet but its size.
 *
 * @throws {RoteyError} `ROTEY_DER_MALFORMED` when it is longer than {@link MAX_DER_BYTES}.
 */
export function readDer(der: Uint8Array): DerReader {
  if (der.length > MAX_DER_BYTES) {
    throw malformed(0, `the input has ${der.length} bytes, the limit is ${MAX_DER_BYTES}`);
  }
  return new DerReader(der, 0, 0);
}

/**
 * Walks the elements of one structure, front to back. Every method takes the next element, or throws and takes nothing
 * back: a reader that has thrown is of no further use.
 *
 * Every method throws a RoteyError `ROTEY_DER_MALFORMED` when the next element is not what was asked for, or is not
 * DER: lengths are definite and minimal, tags fit one octet, contents are in their one canonical form.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #depth: number;
  #at = 0;

  /** @internal use {@link readDer} */
  constructor(bytes: Uint8Array, base: number, depth: number) {
    this.#bytes = bytes;
    this.#base = base;
    this.#depth = depth;
  }

  /** The tag of the next element; undefined at the end of the structure. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** Takes the next element whole. */
  element(tag?: number): DerElement {
    const element = parseElement(this.#bytes, this.#at, this.#base);
    if (tag !== undefined && element.tag !== tag) {
      throw malformed(element.offset, `tag ${hex(element.tag)} stands where ${hex(tag)} is expected`);
    }
    this.#at += element.raw.length;
    return element;
  }

  /** Takes the next element if it has this tag. */
  optional(tag: number): DerElement | undefined {
    return this.nextTag === tag ? this.element(tag) : undefined;
  }

  /** Goes into the next element, which has to be a structure with this tag. */
  enter(tag: number): DerReader {
    return this.into(this.element(tag));
  }

  /** Goes into the next element if it has this tag. */
  enterOptional(tag: number): DerReader | undefined {
    return this.nextTag === tag ? this.enter(tag) : undefined;
  }

  /** Goes into what an element holds: a structure, or DER that an OCTET STRING wraps (RFC 5280 §4.1, extensions). */
  into(element: DerElement): DerReader {
    if (this.#depth >= MAX_DER_DEPTH) throw malformed(element.offset, `nested deeper than ${MAX_DER_DEPTH}`);
    return new DerReader(element.content, element.contentOffset, this.#depth + 1);
  }

  sequence(): DerReader {
    return this.enter(TAG.sequence);
  }

  set(): DerReader {
    return this.enter(TAG.set);
  }

  integer(): bigint {
    return decoded(this.element(TAG.integer), decodeInteger);
  }

  boolean(): boolean {
    return decoded(this.element(TAG.boolean), decodeBoolean);
  }

  octetString(): Uint8Array {
    return this.element(TAG.octetString).content;
  }

  bitString(): BitString {
    return decoded(this.element(TAG.bitString), decodeBitString);
  }

  /** Dotted, for example `2.5.4.3`. */
  oid(): string {
    return decoded(this.element(TAG.oid), decodeOid);
  }

  null(): void {
    const { content, offset } = this.element(TAG.null);
    if (content.length > 0) throw malformed(offset, 'a NULL with contents');
  }

  /** Any of the character string types of a DirectoryString, and IA5String. */
  string(): string {
    const element = this.element();
    if (!isStringTag(element.tag)) throw malformed(element.offset, `tag ${hex(element.tag)} is not a string's`);
    return decoded(element, (content) => decodeString(element.tag, content));
  }

  /** A UTCTime or GeneralizedTime of RFC 5280 §4.1.2.5, in milliseconds since the Unix epoch. */
  time(): number {
    const element = this.element();
    if (element.tag !== TAG.utcTime && element.tag !== TAG.generalizedTime) {
      throw malformed(element.offset, `tag ${hex(element.tag)} is not a time's`);
    }
    return decoded(element, (content) => decodeTime(element.tag === TAG.utcTime ? 'utc' : 'generalized', content));
  }

  /** Checks that nothing follows. */
  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw malformed(this.#base + this.#at, `${rest} bytes follow where nothing is expected`);
  }
}

/**
 * Decodes the contents of an element that was taken whole, for example one with an implicit tag.
 *
 * @throws {RoteyError} `ROTEY_DER_MALFORMED` when `decode` throws a `RangeError`, with its message as the reason.
 */
export function decoded<T>(element: DerElement, decode: (content: Uint8Array) => T): T {
  try {
    return decode(element.content);
  } catch (error) {
    if (error instanceof RangeError) throw malformed(element.contentOffset, error.message);
    throw error;
  }
}

function parseElement(bytes: Uint8Array, at: number, base: number): DerElement {
  const tag = bytes[at];
  if (tag === undefined) throw malformed(base + at, 'the structure ends where another element is expected');
  if ((tag & 0x1f) === 0x1f) throw malformed(base + at, 'a tag of more than one octet');
  if (tag === 0) throw malformed(base + at, 'tag 0x00 belongs to the indefinite form');
  const { length, size } = parseLength(bytes, at + 1, base);
  const start = at + 1 + size;
  const end = start + length;
  if (end > bytes.length) {
    throw malformed(base + at, `an element of ${length} bytes where ${bytes.length - start} are left`);
  }
  return {
    tag,
    offset: base + at,
    contentOffset: base + start,
    content: bytes.subarray(start, end),
    raw: bytes.subarray(at, end),
  };
}

/** X.690 §8.1.3 and §10.1: the definite form in the fewest octets. */
function parseLength(bytes: Uint8Array, at: number, base: number): { length: number; size: number } {
  const first = bytes[at];
  if (first === undefined) throw malformed(base + at, 'the length is missing');
  if (first < 0x80) return { length: first, size: 1 };
  const octets = first & 0x7f;
  if (octets === 0) throw malformed(base + at, 'an indefinite length');
  if (octets > 4) throw malformed(base + at, `a length of ${octets} octets, the limit is 4`);
  let length = 0;
  for (let index = 1; index <= octets; index++) {
    const octet = bytes[at + index];
    if (octet === undefined) throw malformed(base + at, 'the length is cut off');
    length = length * 0x100 + octet;
  }
  const fewest = length < 0x80 ? 0 : Math.ceil((32 - Math.clz32(length)) / 8);
  if (octets !== fewest) throw malformed(base + at, `the length ${length} is not in its shortest form`);
  return { length, size: 1 + octets };
}

function malformed(offset: number, reason: string): RoteyError {
  return new RoteyError('ROTEY_DER_MALFORMED', `Not DER at byte ${offset}: ${reason}.`, {
    context: { offset, reason },
  });
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`;
}
