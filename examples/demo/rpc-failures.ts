import type { Call } from 'rotey/sandbox';

/**
 * Whether a call of the Worker ended in a way that it should not have.
 *
 * Everything but `OK` counts, with one exception: once the Worker has been told to stop, it gives up the long polls that
 * it still has open (`CANCELLED`), and the server may turn away those that come late (`UNAVAILABLE`). That is how every
 * Worker ends, with any certificate. Polls that are given up earlier do count: something took their connection away.
 */
export function isFailure({ method, code }: Call, stopping: boolean): boolean {
  if (code === undefined || code === 'OK') return false;
  return !(stopping && method.startsWith('Poll') && (code === 'CANCELLED' || code === 'UNAVAILABLE'));
}
