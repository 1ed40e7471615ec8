import { randomBytes } from 'node:crypto';

/**
 * A ClientHello of TLS 1.2 (RFC 5246 §7.4.1.2) as one record, with what a gRPC client offers: ALPN `h2`, the server name,
 * and the cipher suites, groups and signatures that are in use. It offers nothing newer, because in TLS 1.3 the
 * server's certificate and its request for ours are encrypted (RFC 8446 §2).
 *
 * @param serverName for SNI; undefined leaves it out.
 */
export function clientHello(serverName: string | undefined): Buffer {
  const body = Buffer.concat([
    uint16(0x0303),
    randomBytes(32),
    vector8(Buffer.alloc(0)), // no session
    vector16(Buffer.concat(CIPHER_SUITES.map(uint16))),
    vector8(Buffer.from([0])), // no compression
    vector16(Buffer.concat(extensions(serverName))),
  ]);
  const handshake = Buffer.concat([Buffer.from([CLIENT_HELLO]), uint24(body.length), body]);
  return Buffer.concat([Buffer.from([HANDSHAKE_RECORD]), uint16(0x0301), uint16(handshake.length), handshake]);
}

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;

/** ECDHE and RSA key exchange, with ECDSA and RSA certificates; the last is the signal of RFC 5746 §3.3. */
const CIPHER_SUITES = [
  ...[0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8], // ECDHE with AES-GCM and ChaCha20
  ...[0xc009, 0xc013, 0xc00a, 0xc014, 0xc023, 0xc027], // ECDHE with AES-CBC
  ...[0x009c, 0x009d, 0x002f, 0x0035], // RSA
  0x00ff,
];

const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const POINT_FORMATS = 11;
const SIGNATURE_ALGORITHMS = 13;
const ALPN = 16;
const EXTENDED_MASTER_SECRET = 23;

const GROUPS = [29, 23, 24, 25]; // X25519, P-256, P-384, P-521
const SIGNATURES = [0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];

function extensions(serverName: string | undefined): readonly Buffer[] {
  const name = serverName === undefined ? undefined : Buffer.from(serverName, 'latin1');
  return [
    ...(name === undefined
      ? []
      : [extension(SERVER_NAME, vector16(Buffer.concat([Buffer.from([0]), vector16(name)])))]),
    extension(SUPPORTED_GROUPS, vector16(Buffer.concat(GROUPS.map(uint16)))),
    extension(POINT_FORMATS, vector8(Buffer.from([0]))),
    extension(SIGNATURE_ALGORITHMS, vector16(Buffer.concat(SIGNATURES.map(uint16)))),
    extension(ALPN, vector16(vector8(Buffer.from('h2')))),
    extension(EXTENDED_MASTER_SECRET, Buffer.alloc(0)),
  ];
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([uint16(type), vector16(data)]);
}

function vector8(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([data.length]), data]);
}

function vector16(data: Buffer): Buffer {
  return Buffer.concat([uint16(data.length), data]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function uint24(value: number): Buffer {
  return Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
}
