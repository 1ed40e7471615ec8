import { createDecipheriv, createHmac } from 'node:crypto';

/** A cipher suite of TLS 1.3 (RFC 8446 §B.4) in the words of node:crypto. */
interface Suite {
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  readonly hash: 'sha256' | 'sha384';
  readonly keyLength: number;
}

const SUITES: ReadonlyMap<number, Suite> = new Map([
  [0x1301, { cipher: 'aes-128-gcm', hash: 'sha256', keyLength: 16 }],
  [0x1302, { cipher: 'aes-256-gcm', hash: 'sha384', keyLength: 32 }],
  [0x1303, { cipher: 'chacha20-poly1305', hash: 'sha256', keyLength: 32 }],
]);

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Opens the records in which a server sends the encrypted part of its handshake, for reading what Node does not show of
 * it. One direction of one handshake; records must come in their order.
 */
export class HandshakeDecryption {
  readonly #suite: Suite;
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;
  #sequence = 0n;

  /**
   * @param suite number of the cipher suite
   * @param secret server_handshake_traffic_secret, as Node's `keylog` event tells it
   * @throws {RangeError} for a suite that is not known here
   */
  constructor(suite: number, secret: Uint8Array) {
    const known = SUITES.get(suite);
    if (known === undefined) throw new RangeError(`cipher suite 0x${suite.toString(16)} is not known`);
    this.#suite = known;
    this.#key = expandLabel(known.hash, secret, 'key', known.keyLength);
    this.#nonce = expandLabel(known.hash, secret, 'iv', NONCE_LENGTH);
  }

  /**
   * Opens one record (RFC 8446 §5.2).
   *
   * @param header its five bytes, which are authenticated with it
   * @throws when it is not what was encrypted with these keys
   */
  open(header: Uint8Array, body: Uint8Array): { readonly type: number; readonly content: Uint8Array } {
    const options = { authTagLength: TAG_LENGTH };
    // The two overloads of the types tell AEAD modes apart that take the same arguments here.
    const decipher =
      this.#suite.cipher === 'chacha20-poly1305'
        ? createDecipheriv(this.#suite.cipher, this.#key, this.#nextNonce(), options)
        : createDecipheriv(this.#suite.cipher, this.#key, this.#nextNonce(), options);
    decipher.setAAD(header, { plaintextLength: body.length - TAG_LENGTH });
    decipher.setAuthTag(body.subarray(-TAG_LENGTH));
    const inner = Buffer.concat([decipher.update(body.subarray(0, -TAG_LENGTH)), decipher.final()]);
    // The real type is the last byte that is not zero; the zeros behind it are padding.
    let end = inner.length - 1;
    while (end > 0 && inner[end] === 0) end--;
    return { type: inner[end] ?? 0, content: inner.subarray(0, Math.max(0, end)) };
  }

  /** RFC 8446 §5.3: the number of the record, XORed onto the end of the static part. */
  #nextNonce(): Uint8Array {
    const nonce = Buffer.from(this.#nonce);
    const tail = nonce.readBigUInt64BE(NONCE_LENGTH - 8);
    nonce.writeBigUInt64BE(tail ^ this.#sequence, NONCE_LENGTH - 8);
    this.#sequence += 1n;
    return nonce;
  }
}

/** HKDF-Expand-Label with an empty context (RFC 8446 §7.1); the first block of HKDF-Expand is enough for these lengths. */
function expandLabel(hash: Suite['hash'], secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0])]);
  return createHmac(hash, secret)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, length);
}
