import { type Clock, systemClock, Timer } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { DEFAULT_PROBE_TIMEOUT_MS } from '../probe/index.ts';
import { unlessAborted } from '../unless-aborted.ts';

/** Reads a file that holds a secret, without its line end. */
export type ReadSecret = (file: string) => Promise<string>;

export interface SecretLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Reads a secret from a file system that may not answer: whoever waits holds one of the few turns of all proofs.
 *
 * @throws {RoteyError} `ROTEY_CONFIG_INVALID` when it takes longer than `timeoutMs`; whatever `read` throws
 * @throws the signal's reason, at once, when it aborts
 */
export async function readSecretInTime(
  file: string,
  read: ReadSecret,
  { signal, timeoutMs = DEFAULT_PROBE_TIMEOUT_MS, clock = systemClock }: SecretLimits,
): Promise<string> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  const timer = new Timer(clock, () => stop.abort(notInTime(file, timeoutMs)));
  timer.set(timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await unlessAborted(read(file), stop.signal);
  } finally {
    timer.clear();
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * The same, and no second read of a file while one is under way: a read that hangs holds one of Node's four threads for files
 * and names, and those that are repeated would take all of them.
 */
export function oneReadAtATime(read: ReadSecret): ReadSecret {
  const reading = new Map<string, Promise<string>>();
  return (file) => {
    const underWay = reading.get(file);
    if (underWay !== undefined) return underWay;
    const begun = read(file).finally(() => reading.delete(file));
    reading.set(file, begun);
    return begun;
  };
}

function notInTime(file: string, ms: number): RoteyError {
  return new RoteyError('ROTEY_CONFIG_INVALID', `The file ${file} could not be read within ${ms / 1000} s.`, {
    retryable: true,
    hint: 'Look at the file system that it is on; it does not answer.',
    context: { file },
  });
}
