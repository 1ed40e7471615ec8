/**
 * Servers to probe, on port 0 of 127.0.0.1: a Temporal frontend in miniature, and what else may sit at an address.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Pair, readPair } from '../../identity/index.ts';
import { type CertificateAuthority, createAuthority, issueLeaf, type LeafOptions } from '../../pki/index.ts';

/** One authority that signs servers and clients, and another that nobody knows. */
export interface TestPki {
  readonly authority: CertificateAuthority;
  readonly stranger: CertificateAuthority;
  /** For `createServer`. */
  readonly server: { readonly key: string; readonly cert: string; readonly ca: string };
  /** For `ProbeTarget.trustPem`. */
  readonly trustPem: string;
}

export async function createTestPki(): Promise<TestPki> {
  const authority = await createAuthority({ commonName: 'rotey test CA' });
  const stranger = await createAuthority({ commonName: 'some other CA' });
  const leaf = await issueLeaf(authority, {
    commonName: 'frontend',
    usage: 'server',
    dnsNames: ['localhost', 'frontend'],
    ipAddresses: ['127.0.0.1'],
  });
  const server = { key: leaf.revealPrivateKey(), cert: leaf.chainPem, ca: authority.certificatePem };
  return { authority, stranger, server, trustPem: authority.certificatePem };
}

export async function issuePair(authority: CertificateAuthority, options: Partial<LeafOptions> = {}): Promise<Pair> {
  const leaf = await issueLeaf(authority, { commonName: 'worker', usage: 'client', ...options });
  return readPair({ certificate: leaf.chainPem, key: leaf.revealPrivateKey() });
}

/** Where a test server listens. */
export interface TestServer {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** The same place as `localhost:…`: grpc-js cannot speak TLS with an IP address on Node 26, which refuses that as SNI. */
  readonly byName: string;
  readonly port: number;
}

/** Listens for the time of a test. At its end every connection must have been closed by the client. */
export async function listenFor(t: TestContext, server: Server): Promise<TestServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP
  t.after(async () => {
    const open = await connectionsAfterAWhile(server);
    server.close();
    assert.equal(open, 0, 'the probe left a connection open');
  });
  return { address: `127.0.0.1:${port}`, byName: `localhost:${port}`, port };
}

/** A server that does whatever a test wants with a TCP connection. */
export async function startRawServer(t: TestContext, onConnection: (socket: Socket) => void): Promise<TestServer> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
    socket.resume(); // so that the end of the connection is noticed
  });
  return await listenFor(t, server);
}

/** A TLS server with ALPN h2 that wants client certificates (and takes any), and speaks no HTTP/2 by itself. */
export async function startTlsServer(
  t: TestContext,
  pki: TestPki,
  onSecure: (socket: TLSSocket) => void,
  options: SecureServerOptions = {},
): Promise<TestServer> {
  const server = createTlsServer(
    { ...pki.server, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['h2'], ...options },
    (socket) => {
      socket.on('error', () => undefined);
      onSecure(socket);
      socket.resume();
    },
  );
  return await listenFor(t, server);
}

export interface Frontend extends TestServer {
  readonly server: Http2SecureServer;
  /** What the server saw, one entry a call. */
  readonly calls: SeenCall[];
}

export interface SeenCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly serial: string | undefined;
  readonly sni: string | false | null | undefined;
  readonly resumed: boolean;
}

export type Answer = (stream: ServerHttp2Stream, call: SeenCall) => void;

export interface FrontendOptions extends SecureServerOptions {
  /** Default: every call succeeds; GetSystemInfo says version 1.32.1. */
  readonly answer?: Answer | undefined;
}

/** A Temporal frontend in miniature: mTLS, HTTP/2, gRPC. Refuses strangers by closing, as Node's servers do. */
export async function startFrontend(t: TestContext, pki: TestPki, options: FrontendOptions = {}): Promise<Frontend> {
  const { answer = succeed, ...tls } = options;
  const server = createSecureServer({ ...pki.server, requestCert: true, rejectUnauthorized: true, ...tls });
  const calls: SeenCall[] = [];
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const socket = stream.session?.socket as TLSSocket | undefined; // a secure server has TLS sockets
    const seen = {
      path: String(headers[':path']),
      headers,
      serial: socket?.getPeerX509Certificate()?.serialNumber,
      sni: socket?.servername,
      resumed: socket?.isSessionReused() ?? false,
    };
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const call = { ...seen, body: Buffer.concat(chunks) };
      calls.push(call);
      answer(stream, call);
    });
  });
  return { ...(await listenFor(t, server)), server, calls };
}

/** GetSystemInfoResponse { server_version = "1.32.1" } */
const SYSTEM_INFO = Buffer.from([0x0a, 6, ...Buffer.from('1.32.1')]);

export const succeed: Answer = (stream, { path }) => {
  respond(stream, { body: path.endsWith('/GetSystemInfo') ? SYSTEM_INFO : Buffer.alloc(0) });
};

/** Answers GetSystemInfo, and everything else with this status. */
export function denyNamespaces(status: number, message = ''): Answer {
  return (stream, call) => {
    if (call.path.endsWith('/GetSystemInfo')) succeed(stream, call);
    else trailersOnly(stream, status, message);
  };
}

export function trailersOnly(stream: ServerHttp2Stream, status: number, message = ''): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
  stream.respond(message === '' ? headers : { ...headers, 'grpc-message': message }, { endStream: true });
}

export interface Response {
  readonly body?: Buffer;
  /** Default: `{ 'grpc-status': '0' }` */
  readonly trailers?: Record<string, string>;
}

export function respond(stream: ServerHttp2Stream, { body, trailers = { 'grpc-status': '0' } }: Response): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body?.length ?? 0, 1);
  stream.end(Buffer.concat([head, body ?? Buffer.alloc(0)]));
}

/** The number of open connections as soon as it is 0, or after two seconds. */
async function connectionsAfterAWhile(server: Server): Promise<number> {
  for (let tries = 200; ; tries -= 1) {
    const open = await new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
    if (open === 0 || tries === 0) return open;
    await sleep(10);
  }
}
