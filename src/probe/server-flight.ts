/**
 * Reads the server's first flight of a TLS 1.2 handshake (RFC 5246 §7.3), which is in clear text: nothing is decrypted,
 * nothing is verified. Never throws: what is not TLS is an answer, too.
 *
 * @module
 */
import { alertNamed, type TlsAlert } from './tls-alert.ts';

/** What a server answered to a ClientHello, as far as it has come. */
export type ServerFlight =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'alert'; readonly alert: TlsAlert }
  /** What it speaks instead, by its first bytes. */
  | { readonly kind: 'not-tls'; readonly speaks: 'http/1' | 'http/2' | 'unknown' }
  | {
      readonly kind: 'flight';
      /** What the server chose, if it chose any. */
      readonly alpn: string | undefined;
      /** DER, in the order in which they were presented. */
      readonly certificates: readonly Buffer[];
      /** Undefined when the server asks for no client certificate. */
      readonly request: CertificateRequest | undefined;
    };

/** RFC 5246 §7.4.4 */
export interface CertificateRequest {
  /** Names of CAs, DER. A server may leave them out: then it says nothing about which it accepts. */
  readonly authorities: readonly Buffer[];
}

/** More than the longest chain and list of CAs; what is longer is not read on. */
export const MAX_FLIGHT_BYTES: number = 512 * 1024;

const RECORD_ALERT = 21;
const RECORD_HANDSHAKE = 22;

/** @param bytes all that has been received so far. */
export function readServerFlight(bytes: Buffer): ServerFlight {
  const handshake: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 5) {
    const type = bytes.readUInt8(at);
    if ((type !== RECORD_HANDSHAKE && type !== RECORD_ALERT) || bytes.readUInt8(at + 1) !== 3) return notTls(bytes);
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) break;
    const content = bytes.subarray(at + 5, end);
    const description = content[1];
    if (type === RECORD_ALERT && description !== undefined) return { kind: 'alert', alert: alertNamed(description) };
    handshake.push(content);
    at = end;
  }
  if (at === 0 && bytes.length > 0 && bytes[0] !== RECORD_HANDSHAKE && bytes[0] !== RECORD_ALERT) return notTls(bytes);
  return readMessages(Buffer.concat(handshake));
}

const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const CERTIFICATE_REQUEST = 13;
const SERVER_HELLO_DONE = 14;

function readMessages(bytes: Buffer): ServerFlight {
  let alpn: string | undefined;
  let certificates: readonly Buffer[] = [];
  let request: CertificateRequest | undefined;
  const reader = new Reader(bytes);
  while (!reader.done) {
    const type = reader.uint(1);
    const body = reader.vector(3);
    if (type === undefined || body === undefined) break;
    if (type === SERVER_HELLO) alpn = readAlpn(body);
    if (type === CERTIFICATE) certificates = readVectors(new Reader(body).vector(3), 3);
    if (type === CERTIFICATE_REQUEST) request = readRequest(body);
    if (type === SERVER_HELLO_DONE) return { kind: 'flight', alpn, certificates, request };
  }
  return { kind: 'incomplete' };
}

function readAlpn(body: Buffer): string | undefined {
  const reader = new Reader(body);
  reader.skip(34); // version and random
  reader.vector(1); // session
  reader.skip(3); // cipher suite and compression
  const extensions = new Reader(reader.vector(2) ?? Buffer.alloc(0));
  while (!extensions.done) {
    const type = extensions.uint(2);
    const data = extensions.vector(2);
    if (data === undefined) return undefined;
    if (type === ALPN) return readVectors(new Reader(data).vector(2), 1)[0]?.toString('latin1');
  }
  return undefined;
}

const ALPN = 16;

function readRequest(body: Buffer): CertificateRequest {
  const reader = new Reader(body);
  reader.vector(1); // types
  reader.vector(2); // signatures
  return { authorities: readVectors(reader.vector(2), 2) };
}

function readVectors(bytes: Buffer | undefined, lengthSize: number): readonly Buffer[] {
  const reader = new Reader(bytes ?? Buffer.alloc(0));
  const found: Buffer[] = [];
  while (!reader.done) {
    const item = reader.vector(lengthSize);
    if (item === undefined) break;
    found.push(item);
  }
  return found;
}

function notTls(bytes: Buffer): ServerFlight {
  if (bytes.toString('latin1', 0, 5).startsWith('HTTP/')) return { kind: 'not-tls', speaks: 'http/1' };
  // A SETTINGS frame on stream 0 (RFC 9113 §4.1, §6.5): its length is a multiple of 6.
  const settings = bytes.length >= 5 && bytes.readUIntBE(0, 3) % 6 === 0 && bytes[0] === 0 && bytes[3] === 4;
  return { kind: 'not-tls', speaks: settings ? 'http/2' : 'unknown' };
}

/** Reads numbers and vectors; gives undefined at the end instead of throwing. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  skip(count: number): void {
    this.#at += count;
  }

  uint(size: number): number | undefined {
    if (this.#at + size > this.#bytes.length) return undefined;
    const value = this.#bytes.readUIntBE(this.#at, size);
    this.#at += size;
    return value;
  }

  vector(lengthSize: number): Buffer | undefined {
    const length = this.uint(lengthSize);
    if (length === undefined || this.#at + length > this.#bytes.length) {
      this.#at = this.#bytes.length;
      return undefined;
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
