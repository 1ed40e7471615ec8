import { ByteCursor } from './byte-cursor.ts';
import { NotTls, type OtherProtocol, otherProtocol, TELLING_BYTES } from './not-tls.ts';
import { HandshakeDecryption } from './tls13-decryption.ts';

/** What a server says in its part of a TLS handshake before the client answers. */
export interface ServerFlight {
  readonly protocol: 'TLSv1.2' | 'TLSv1.3';
  /** The protocol that it chose of those that were offered, `h2` and `http/1.1`; undefined when it chose none. */
  readonly alpn: string | undefined;
  /** DER, in the order in which they were sent: the server's own first. */
  readonly certificates: readonly Uint8Array[];
  /**
   * The names (DER) of the CAs whose client certificates it says that it takes; empty when it asks for a certificate and
   * names none, undefined when it asks for none.
   */
  readonly acceptedCas: readonly Uint8Array[] | undefined;
}

/** Types of records (RFC 8446 §5.1) and of handshake messages (§4, RFC 5246 §7.4). */
const RECORD = { handshake: 22, applicationData: 23 } as const;
const MESSAGE = {
  serverHello: 2,
  encryptedExtensions: 8,
  certificate: 11,
  certificateRequest: 13,
  serverHelloDone: 14,
  finished: 20,
} as const;
const EXTENSION = { alpn: 16, supportedVersions: 43, certificateAuthorities: 47 } as const;

/** What a ServerHello of TLS 1.2 and 1.3 names as its version. */
const VERSION_1_2 = 0x0303;

/** A ServerHello whose random is this is a HelloRetryRequest (RFC 8446 §4.1.3): the SHA-256 of that word. */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** More than any handshake has: OpenSSL takes a chain of at most 100 KiB. */
const MAX_BYTES = 512 * 1024;

/**
 * Follows the bytes that a server sends, and reads the handshake messages that Node keeps to itself: the certificates as
 * they are presented (Node shows a path, completed with its own roots) and the request for a client certificate (which
 * Node does not show at all). In TLS 1.3 these are encrypted, with the secret that Node's `keylog` event tells.
 *
 * It reads along and vouches for nothing: the handshake itself is Node's.
 */
export class HandshakeReader {
  #start: Buffer = Buffer.alloc(0);
  #records: Buffer = Buffer.alloc(0);
  #messages: Buffer = Buffer.alloc(0);
  #total = 0;
  #suite: number | undefined;
  #protocol: ServerFlight['protocol'] = 'TLSv1.2';
  #secret: Uint8Array | undefined;
  #decryption: HandshakeDecryption | undefined;
  #alpn: string | undefined;
  #certificates: readonly Uint8Array[] = [];
  #acceptedCas: readonly Uint8Array[] | undefined;
  #done = false;

  /** What the server has said; undefined until it has said all. */
  get flight(): ServerFlight | undefined {
    if (!this.#done) return undefined;
    return {
      protocol: this.#protocol,
      alpn: this.#alpn,
      certificates: this.#certificates,
      acceptedCas: this.#acceptedCas,
    };
  }

  /** What it speaks instead of TLS, by its first bytes; undefined while these may be TLS. */
  get speaks(): OtherProtocol | undefined {
    return otherProtocol(this.#start);
  }

  /**
   * Takes what has arrived from the server, in any pieces.
   *
   * @throws {NotTls} when it is something else
   * @throws an Error when it is not a handshake that can be read
   */
  push(bytes: Uint8Array): void {
    if (this.#done) return;
    this.#total += bytes.length;
    if (this.#total > MAX_BYTES) throw new RangeError(`the handshake has more than ${MAX_BYTES} bytes`);
    this.#records = Buffer.concat([this.#records, bytes]);
    if (this.#start.length < TELLING_BYTES) {
      this.#start = Buffer.from(this.#records.subarray(0, TELLING_BYTES)); // no record can have been taken yet
      if (this.#start.length === TELLING_BYTES && this.speaks !== undefined) throw new NotTls(this.speaks);
    }
    this.#readRecords();
  }

  /** Takes a line of Node's `keylog` event (the format of NSS's key log). */
  keylog(line: Uint8Array): void {
    const [, secret] =
      /^SERVER_HANDSHAKE_TRAFFIC_SECRET \S+ ([0-9a-f]+)/i.exec(Buffer.from(line).toString('latin1')) ?? [];
    if (secret === undefined || this.#done) return;
    this.#secret = Buffer.from(secret, 'hex');
    this.#readRecords();
  }

  #readRecords(): void {
    while (!this.#done && this.#records.length >= 5) {
      const header = this.#records.subarray(0, 5);
      const end = 5 + header.readUInt16BE(3);
      if (this.#records.length < end) return;
      const [type, body] = [header[0], this.#records.subarray(5, end)];
      if (type === RECORD.handshake) this.#readMessages(body);
      if (type === RECORD.applicationData) {
        this.#decryption ??= this.#startDecryption();
        if (this.#decryption === undefined) return; // Node is about to tell the secret
        const { type: inner, content } = this.#decryption.open(header, body);
        if (inner === RECORD.handshake) this.#readMessages(content);
      }
      this.#records = this.#records.subarray(end);
    }
  }

  #startDecryption(): HandshakeDecryption | undefined {
    if (this.#suite === undefined || this.#secret === undefined) return undefined;
    return new HandshakeDecryption(this.#suite, this.#secret);
  }

  #readMessages(bytes: Uint8Array): void {
    this.#messages = Buffer.concat([this.#messages, bytes]);
    while (!this.#done && this.#messages.length >= 4) {
      const end = 4 + this.#messages.readUIntBE(1, 3);
      if (this.#messages.length < end) return;
      this.#readMessage(this.#messages[0] ?? 0, new ByteCursor(this.#messages.subarray(4, end)));
      this.#messages = this.#messages.subarray(end);
    }
  }

  #readMessage(type: number, message: ByteCursor): void {
    if (type === MESSAGE.serverHello) this.#readHello(message);
    if (type === MESSAGE.encryptedExtensions) this.#alpn = readAlpn(extensionsOf(message.vector(2)));
    if (type === MESSAGE.certificate) this.#certificates = this.#readCertificates(message);
    if (type === MESSAGE.certificateRequest) this.#acceptedCas = this.#readRequest(message);
    this.#done ||= type === MESSAGE.serverHelloDone || type === MESSAGE.finished;
  }

  #readHello(hello: ByteCursor): void {
    const version = hello.number(2);
    // An old server answers with an older version, whose messages have other fields; OpenSSL refuses it.
    if (version !== VERSION_1_2) throw new RangeError(`version 0x${version.toString(16)} of TLS is not spoken here`);
    if (RETRY.equals(hello.take(32))) return; // the real one follows
    hello.vector(1); // session id
    this.#suite = hello.number(2);
    hello.take(1); // compression
    if (hello.left === 0) return;
    const extensions = extensionsOf(hello.vector(2));
    if (extensions.has(EXTENSION.supportedVersions)) this.#protocol = 'TLSv1.3';
    this.#alpn = readAlpn(extensions);
  }

  /** RFC 8446 §4.4.2; RFC 5246 §7.4.2 has neither context nor extensions. */
  #readCertificates(message: ByteCursor): readonly Uint8Array[] {
    const modern = this.#protocol === 'TLSv1.3';
    if (modern) message.vector(1);
    const list = message.vector(3);
    const certificates: Uint8Array[] = [];
    while (list.left > 0) {
      certificates.push(Buffer.from(list.vector(3).rest()));
      if (modern) list.vector(2);
    }
    return certificates;
  }

  /** RFC 8446 §4.3.2, where the CAs stand in an extension (§4.2.4); RFC 5246 §7.4.4. */
  #readRequest(message: ByteCursor): readonly Uint8Array[] {
    message.vector(1); // context; certificate types
    if (this.#protocol === 'TLSv1.3') {
      const authorities = extensionsOf(message.vector(2)).get(EXTENSION.certificateAuthorities);
      return authorities === undefined ? [] : readNames(authorities.vector(2));
    }
    message.vector(2); // signature algorithms
    return readNames(message.vector(2));
  }
}

function extensionsOf(list: ByteCursor): ReadonlyMap<number, ByteCursor> {
  const extensions = new Map<number, ByteCursor>();
  while (list.left > 0) extensions.set(list.number(2), list.vector(2));
  return extensions;
}

/** RFC 7301 §3.1: a list of one. TLS 1.3 has it in the EncryptedExtensions, TLS 1.2 in the ServerHello. */
function readAlpn(extensions: ReadonlyMap<number, ByteCursor>): string | undefined {
  const chosen = extensions.get(EXTENSION.alpn)?.vector(2).vector(1).rest();
  return chosen === undefined ? undefined : Buffer.from(chosen).toString('latin1');
}

function readNames(list: ByteCursor): readonly Uint8Array[] {
  const names: Uint8Array[] = [];
  while (list.left > 0) names.push(Buffer.from(list.vector(2).rest()));
  return names;
}
