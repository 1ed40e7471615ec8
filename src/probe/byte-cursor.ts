/** A message of TLS ended in the middle of a field. Never leaves this folder. */
export class MessageCut extends Error {
  override readonly name: string = 'MessageCut';
}

/** Reads the fields of a TLS message (RFC 8446 §3): big-endian numbers, and vectors behind their length. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @param size of the number, in bytes, 1 to 4 */
  number(size: number): number {
    return this.take(size).reduce((value, octet) => value * 0x100 + octet, 0);
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new MessageCut(`${length} bytes are announced where ${this.left} are left`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A vector whose length stands before it, in so many bytes. */
  vector(lengthSize: number): ByteCursor {
    return new ByteCursor(this.take(this.number(lengthSize)));
  }

  rest(): Uint8Array {
    return this.take(this.left);
  }
}
