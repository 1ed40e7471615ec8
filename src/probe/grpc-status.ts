/** gRPC status names by code (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type GrpcStatus = (typeof NAMES)[number];

/** The name of a status code; `UNKNOWN` for a code that gRPC does not define, as its specification asks. */
export function statusName(code: number): GrpcStatus {
  return NAMES[code] ?? 'UNKNOWN';
}

export function statusCode(name: GrpcStatus): number {
  return NAMES.indexOf(name);
}

/**
 * What a status says about the identity that asked.
 *
 * - `answered`: the server dealt with the request of this identity, whatever it said of the request. UNIMPLEMENTED (an
 *   old server or a proxy without the method) and NOT_FOUND (a namespace that does not exist) belong here.
 * - `denied`: the server knows who asks and does not let it, or does not know who asks.
 * - `unobtainable`: the server, or something before it, could not deal with the request.
 */
export type StatusMeaning = 'answered' | 'denied' | 'unobtainable';

export function meaningOf(status: GrpcStatus): StatusMeaning {
  switch (status) {
    case 'PERMISSION_DENIED':
    case 'UNAUTHENTICATED':
      return 'denied';
    case 'CANCELLED':
    case 'UNKNOWN':
    case 'DEADLINE_EXCEEDED':
    case 'RESOURCE_EXHAUSTED':
    case 'ABORTED':
    case 'INTERNAL':
    case 'UNAVAILABLE':
    case 'DATA_LOSS':
      return 'unobtainable';
    default:
      return 'answered';
  }
}

/**
 * The status of an answer that is not gRPC (a proxy's own page), by its HTTP status; gRPC's table
 * (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md) but for 404: the table says UNIMPLEMENTED,
 * which would count as an answer, and a web server that knows no such page has proven nothing.
 */
export function statusOfHttp(httpStatus: number): GrpcStatus {
  switch (httpStatus) {
    case 400:
      return 'INTERNAL';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE';
    default:
      return 'UNKNOWN';
  }
}
