import { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import { type GrpcStatus, statusName, statusOfHttp } from './grpc-status.ts';
import type { ProbeScope } from './probe-scope.ts';

/** How many bytes of an answer are taken: GetSystemInfo has a hundred, DescribeNamespace some kB. */
const BODY_LIMIT_BYTES = 1024 * 1024;
const MESSAGE_LIMIT = 1_000;

export interface GrpcRequest {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly authority: string;
  readonly message: Uint8Array;
  /** Lower-case names. May not name what gRPC itself sets. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface GrpcAnswer {
  readonly status: GrpcStatus;
  /** See {@link CallReport.message}. */
  readonly message: string;
  /** The message of a successful call, unless it is missing or compressed. */
  readonly body?: Uint8Array;
  /** Where the status comes from: gRPC itself, or made up here from an HTTP status or the end of the stream. */
  readonly origin: 'grpc' | 'http' | 'transport';
}

/**
 * One unary gRPC call by hand (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Whatever the peer does
 * becomes an answer with a status; rejects only when the probe is over.
 */
export function grpcCall(scope: ProbeScope, session: ClientHttp2Session, request: GrpcRequest): Promise<GrpcAnswer> {
  return scope.settle((resolve) => {
    const received = new Received();
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(requestHeaders(request, scope.remainingMs), { endStream: false });
    } catch (error) {
      // The session received GOAWAY or is gone.
      resolve(transportFailure(error instanceof Error ? error.message : String(error)));
      return () => undefined;
    }
    stream.on('error', (error: Error) => received.onError(error)); // stays: errors come after the end, too
    stream.on('response', (headers: IncomingHttpHeaders) => received.onHeaders(headers));
    stream.on('trailers', (headers: IncomingHttpHeaders) => received.onTrailers(headers));
    stream.on('data', (chunk: Buffer) => {
      if (!received.onData(chunk)) stream.close(constants.NGHTTP2_CANCEL);
    });
    const onClose = (): void => resolve(received.answer(stream.rstCode));
    stream.on('close', onClose);
    stream.end(frame(request.message));
    return () => {
      stream.off('close', onClose);
      if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
    };
  });
}

/** Collects one answer and says what it means. */
class Received {
  #headers: IncomingHttpHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #error: Error | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;

  onHeaders(headers: IncomingHttpHeaders): void {
    this.#headers = headers;
    if (headers['grpc-status'] !== undefined) this.#trailers = headers; // "Trailers-Only"
  }

  onTrailers(headers: IncomingHttpHeaders): void {
    this.#trailers = headers;
  }

  onError(error: Error): void {
    this.#error ??= error;
  }

  /** False once there is more than is wanted. */
  onData(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > BODY_LIMIT_BYTES) return false;
    this.#chunks.push(chunk);
    return true;
  }

  answer(rstCode: number | undefined): GrpcAnswer {
    const status = this.#trailers?.['grpc-status'];
    if (typeof status === 'string') return this.#grpcAnswer(status);
    if (this.#bytes > BODY_LIMIT_BYTES) {
      return {
        status: 'RESOURCE_EXHAUSTED',
        message: `the answer is longer than ${BODY_LIMIT_BYTES} bytes`,
        origin: 'transport',
      };
    }
    if (this.#headers !== undefined && !isGrpc(this.#headers)) return httpAnswer(this.#headers);
    if (this.#error !== undefined || rstCode !== constants.NGHTTP2_NO_ERROR) {
      return resetAnswer(rstCode, this.#error);
    }
    return { status: 'UNKNOWN', message: 'the answer ended without a grpc-status', origin: 'transport' };
  }

  #grpcAnswer(text: string): GrpcAnswer {
    const code = /^\d{1,2}$/.test(text) ? Number(text) : -1;
    const message = this.#trailers?.['grpc-message'];
    const body = code === 0 ? unframe(Buffer.concat(this.#chunks)) : undefined;
    return {
      status: statusName(code),
      message: printable(typeof message === 'string' ? percentDecode(message) : ''),
      ...(body === undefined ? {} : { body }),
      origin: 'grpc',
    };
  }
}

function requestHeaders({ path, authority, headers }: GrpcRequest, timeoutMs: number): Record<string, string> {
  return {
    ...headers,
    ':method': 'POST',
    ':scheme': 'https',
    ':authority': authority,
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': `${Math.max(1, Math.min(99_999_999, Math.ceil(timeoutMs)))}m`, // at most eight digits, `m` = ms
  };
}

/** Length-prefixed message: one byte "not compressed", four bytes of length. */
function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function unframe(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 5 || bytes[0] !== 0) return undefined;
  const end = 5 + bytes.readUInt32BE(1);
  return bytes.length < end ? undefined : bytes.subarray(5, end);
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  return headers[':status'] === '200' || Number(headers[':status']) === 200
    ? (headers['content-type'] ?? '').startsWith('application/grpc')
    : false;
}

function httpAnswer(headers: IncomingHttpHeaders): GrpcAnswer {
  const httpStatus = Number(headers[':status']);
  const type = headers['content-type'] ?? 'no content type';
  const message = printable(
    `HTTP ${httpStatus} (${type}) instead of a gRPC answer: a proxy in between, or no gRPC server`,
  );
  return { status: statusOfHttp(httpStatus), message, origin: 'http' };
}

/** gRPC's table of HTTP/2 errors (PROTOCOL-HTTP2.md, "Errors"). */
function resetAnswer(rstCode: number | undefined, error: Error | undefined): GrpcAnswer {
  const message = printable(error?.message ?? `the stream was reset with HTTP/2 error ${rstCode}`);
  switch (rstCode) {
    case constants.NGHTTP2_CANCEL:
      return { status: 'CANCELLED', message, origin: 'transport' };
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return { status: 'RESOURCE_EXHAUSTED', message, origin: 'transport' };
    case constants.NGHTTP2_PROTOCOL_ERROR:
    case constants.NGHTTP2_INTERNAL_ERROR:
      return { status: 'INTERNAL', message, origin: 'transport' };
    default:
      return transportFailure(message);
  }
}

function transportFailure(message: string): GrpcAnswer {
  return { status: 'UNAVAILABLE', message: printable(message), origin: 'transport' };
}

/** `grpc-message` is percent-encoded UTF-8; a broken encoding is shown as it came. */
function percentDecode(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** A server's words must not steer a terminal or fill a log. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, MESSAGE_LIMIT);
}
