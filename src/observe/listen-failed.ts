import { RoteyError } from '../errors.ts';

/** Why an address or a socket cannot be listened on. */
export function listenFailed(where: string, cause: unknown): RoteyError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const { why, hint } = REASONS[code] ?? {
    why: cause instanceof Error ? cause.message : String(cause),
    hint: 'Choose another address.',
  };
  return new RoteyError('ROTEY_LISTEN_FAILED', `Cannot listen on ${where}: ${why}.`, {
    cause,
    hint,
    context: { where },
  });
}

const REASONS: Readonly<Record<string, { readonly why: string; readonly hint: string }>> = {
  EADDRINUSE: {
    why: 'another process listens there',
    hint: 'Choose another address, or end the other process; each rotey on a machine needs an address of its own.',
  },
  EEXIST: { why: 'another process was quicker', hint: 'Choose another path, or end the other process.' },
  EADDRNOTAVAIL: {
    why: 'this machine has no such address',
    hint: 'Use an address of this machine, or 0.0.0.0 for all.',
  },
  EACCES: { why: 'this user may not', hint: 'Choose a port from 1024 on, or a folder that this user may write to.' },
  EPERM: { why: 'this user may not', hint: 'Choose a port from 1024 on, or a folder that this user may write to.' },
  ENOTFOUND: { why: 'this host name has no address', hint: 'Use an address of this machine.' },
  ENOENT: { why: 'there is no such folder', hint: 'Create the folder, readable for this user only.' },
};
