import { RoteyError } from '../errors.ts';

/** Why nobody answers where a running rotey was expected. */
export function unreachable(where: string, why: string, cause?: unknown): RoteyError {
  return new RoteyError('ROTEY_STATUS_UNREACHABLE', `No rotey answers at ${where}: ${why}.`, {
    ...(cause === undefined ? {} : { cause }),
    retryable: true,
    hint: 'Check the address or path, that the process runs, and that it was started with a health listener or control socket.',
    context: { where },
  });
}

/** The same for what a connection to it failed with. */
export function connectionFailed(where: string, cause: unknown): RoteyError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return unreachable(where, REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause)), cause);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'only the user that made the socket may use it',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was ended without an answer',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'the host name has no address',
  ENOTSOCK: 'it is not a socket',
};
