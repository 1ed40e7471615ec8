/**
 * Waits for work that cannot be stopped, such as reading from a file system that does not answer, or from a pipe that nobody
 * writes to, until the signal aborts. The work then goes on alone, and what becomes of it is nobody's business.
 *
 * @throws the signal's reason, at once, when it aborts; also in the place of any error that the work has made of it.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  let stop = (): void => undefined;
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
    });
    if (signal.aborted) stop();
    return await Promise.race([work, aborted]);
  } catch (error) {
    signal.throwIfAborted(); // whatever the work made of it
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined); // it may still fail, and nobody waits for it any more
  }
}
