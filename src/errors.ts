/**
 * One error family. Every failure that rotey itself can explain is a {@link RoteyError} with a stable code.
 *
 * Programmer mistakes (a negative duration, a missing argument) are `TypeError`/`RangeError` as everywhere in Node.
 *
 * @module
 */

/**
 * The closed list of codes. A code never changes its meaning; new ones may be added in a minor release.
 * docs/reference/errors.md lists each with its cause and remedy.
 */
export const ERROR_CODES = [
  // What was read is not a usable pair.
  'ROTEY_FILE_MISSING',
  'ROTEY_FILE_UNREADABLE',
  'ROTEY_FILE_TOO_LARGE',
  'ROTEY_FILE_CHANGING',
  'ROTEY_PEM_NO_CERTIFICATE',
  'ROTEY_PEM_NO_KEY',
  'ROTEY_PEM_TRUNCATED',
  'ROTEY_PEM_MALFORMED',
  'ROTEY_CERTIFICATE_MALFORMED',
  'ROTEY_KEY_MALFORMED',
  'ROTEY_KEY_UNSUPPORTED',
  'ROTEY_KEY_AMBIGUOUS',
  'ROTEY_KEY_PASSPHRASE_MISSING',
  'ROTEY_KEY_PASSPHRASE_WRONG',
  'ROTEY_PAIR_MISMATCH',
  'ROTEY_TRUST_MALFORMED',
  'ROTEY_DER_MALFORMED',
  'ROTEY_INPUT_UNSUPPORTED',
  'ROTEY_INPUT_UNRECOGNISED',
  'ROTEY_MANIFEST_INVALID',
  // What could not be proven, and why.
  'ROTEY_ADDRESS_INVALID',
  'ROTEY_DNS_FAILED',
  'ROTEY_CONNECT_REFUSED',
  'ROTEY_CONNECT_FAILED',
  'ROTEY_CONNECT_TIMEOUT',
  'ROTEY_PROXY_REFUSED',
  'ROTEY_TLS_FAILED',
  'ROTEY_TLS_TIMEOUT',
  'ROTEY_TLS_NO_ALPN',
  'ROTEY_SERVER_UNTRUSTED',
  'ROTEY_SERVER_NAME_MISMATCH',
  'ROTEY_CERTIFICATE_REQUIRED',
  'ROTEY_CERTIFICATE_REFUSED',
  'ROTEY_CERTIFICATE_EXPIRED',
  'ROTEY_CERTIFICATE_UNKNOWN_CA',
  'ROTEY_HTTP2_FAILED',
  'ROTEY_HTTP2_TIMEOUT',
  'ROTEY_RPC_DENIED',
  'ROTEY_RPC_UNAVAILABLE',
  'ROTEY_RPC_TIMEOUT',
  'ROTEY_NATIVE_CONNECT_FAILED',
  'ROTEY_NATIVE_CONNECT_TIMEOUT',
  'ROTEY_NATIVE_CONNECT_PENDING',
  'ROTEY_CLIENT_CONNECT_FAILED',
  'ROTEY_CLIENT_CONNECT_TIMEOUT',
  // Using the library.
  'ROTEY_NO_PAIR',
  'ROTEY_ATTEMPT_FAILED',
  'ROTEY_ATTEMPT_SUPERSEDED',
  'ROTEY_ROTATION_CLOSED',
  'ROTEY_SDK_UNSUPPORTED',
  'ROTEY_CONFIG_INVALID',
  // Looking at a process from outside.
  'ROTEY_LISTEN_FAILED',
  'ROTEY_STATUS_UNREACHABLE',
  'ROTEY_STATUS_INVALID',
  'ROTEY_COMMAND_FAILED',
  // Issuing and publishing.
  'ROTEY_ISSUE_RULE_BROKEN',
  'ROTEY_PUBLISH_FAILED',
  // The sandbox and the command line.
  'ROTEY_TOOLCHAIN_MISSING',
  'ROTEY_TOOLCHAIN_TOO_OLD',
  'ROTEY_TOOLCHAIN_BUILD_FAILED',
  'ROTEY_SANDBOX_FAILED',
  'ROTEY_USAGE',
  'ROTEY_INTERRUPTED',
] as const;

export type RoteyErrorCode = (typeof ERROR_CODES)[number];

export interface RoteyErrorOptions {
  /** What led to this error; kept so that `util.inspect` shows the whole chain. */
  readonly cause?: unknown;
  /** What a person should do about it, one sentence. */
  readonly hint?: string;
  /** Whether the same operation may succeed later without anybody changing its input. Default: false. */
  readonly retryable?: boolean;
  /** Values and limits behind the message (paths, times, addresses). Never key material. */
  readonly context?: Readonly<Record<string, unknown>>;
}

const BRAND = Symbol.for('rotey.RoteyError');

/**
 * What rotey throws and reports. Tell errors apart by `code`; `instanceof` holds even when two copies of rotey are
 * installed, because it looks for a brand instead of a prototype.
 */
export class RoteyError extends Error {
  override readonly name: string = 'RoteyError';
  readonly code: RoteyErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: RoteyErrorCode, message: string, options: RoteyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.context = Object.freeze({ ...options.context });
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
  }
}

/** What a status document or an event says of an error: no stack, no cause, nothing that is not meant for people. */
export interface ErrorSummary {
  readonly code: RoteyErrorCode | 'INTERNAL';
  readonly message: string;
  readonly hint?: string;
}

export function summarizeError(error: unknown): ErrorSummary {
  if (error instanceof RoteyError) {
    return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : textOf(error) };
}

/** Anything can be thrown, and not everything has a text: `String` throws for an object without a prototype. */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `what was thrown is an ${typeof thrown} without a text`;
  }
}
