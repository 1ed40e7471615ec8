/**
 * The two things that probing needs of protobuf's wire format (https://protobuf.dev/programming-guides/encoding):
 * writing a string field and finding one. A whole library would be a dependency for 60 lines.
 *
 * @module
 */

const WIRE_VARINT = 0;
const WIRE_64 = 1;
const WIRE_BYTES = 2;
const WIRE_32 = 5;

/** A message with one string field. */
export function encodeStringField(field: number, value: string): Buffer {
  const text = Buffer.from(value, 'utf8');
  return Buffer.concat([encodeVarint((field << 3) | WIRE_BYTES), encodeVarint(text.length), text]);
}

/**
 * The last value of a string field (the last one wins in protobuf), or undefined when the message has none or is not
 * protobuf at all. Never throws: what a server sends is shown, not relied on.
 */
export function readStringField(message: Uint8Array, field: number): string | undefined {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  let found: string | undefined;
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (tag === undefined) return undefined;
    const value = readValue(bytes, tag.next, tag.value & 7);
    if (value === undefined) return undefined;
    if (tag.value >>> 3 === field && value.bytes !== undefined) found = value.bytes.toString('utf8');
    at = value.next;
  }
  return found;
}

interface Value {
  readonly next: number;
  readonly bytes?: Buffer;
}

function readValue(bytes: Buffer, at: number, wireType: number): Value | undefined {
  if (wireType === WIRE_VARINT) return readVarint(bytes, at);
  if (wireType === WIRE_64) return within(bytes, at + 8);
  if (wireType === WIRE_32) return within(bytes, at + 4);
  if (wireType !== WIRE_BYTES) return undefined; // groups are not used by Temporal's API
  const length = readVarint(bytes, at);
  if (length === undefined || within(bytes, length.next + length.value) === undefined) return undefined;
  const next = length.next + length.value;
  return { next, bytes: bytes.subarray(length.next, next) };
}

function within(bytes: Buffer, next: number): Value | undefined {
  return next <= bytes.length ? { next } : undefined;
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Up to ten bytes are legal; values above 2^53 lose precision, which no length that fits in memory reaches. */
function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}
