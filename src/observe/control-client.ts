import { createConnection, type Socket } from 'node:net';
import { type Clock, systemClock, Timer } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { CONTROL_VERSION, type ControlRequest, MAX_ANSWER_BYTES, parseAnswer } from './control-protocol.ts';
import { LineReader } from './line-reader.ts';
import { connectionFailed, unreachable } from './unreachable.ts';

export interface CallControlOptions {
  /** What the command takes. Default: nothing. */
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
  /** In milliseconds. Default: 10,000; a `reload` proves and hands over, and needs more. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Has a running rotey carry out a command, and answers with what that says.
 *
 * @throws {RoteyError} `ROTEY_STATUS_UNREACHABLE` when nobody answers at the path, `ROTEY_STATUS_INVALID` when something
 * else does, `ROTEY_COMMAND_FAILED` with the words of the other side
 * @throws the signal's reason when it aborts
 */
export async function callControl(path: string, command: string, options: CallControlOptions = {}): Promise<unknown> {
  const { signal, timeoutMs = 10_000, clock = systemClock } = options;
  signal?.throwIfAborted();
  const request: ControlRequest = {
    version: CONTROL_VERSION,
    command,
    ...(options.arguments === undefined ? {} : { arguments: options.arguments }),
  };
  const socket = createConnection({ path });
  let timer: Timer | undefined;
  let onAbort = (): void => undefined;
  try {
    const answer = parseAnswer(
      await new Promise<string>((resolve, reject) => {
        timer = new Timer(clock, () => reject(unreachable(path, `it has not answered for ${timeoutMs / 1000} s`)));
        timer.set(timeoutMs);
        onAbort = () => reject(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        socket.write(`${JSON.stringify(request)}\n`);
        firstLine(socket).then(resolve, (cause: unknown) => reject(connectionFailed(path, cause)));
      }),
    );
    if (answer.ok) return answer.result;
    const { code, message, hint } = answer.error;
    throw new RoteyError('ROTEY_COMMAND_FAILED', message, {
      ...(hint === undefined ? {} : { hint }),
      context: { command, code },
    });
  } finally {
    timer?.clear();
    signal?.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new LineReader(MAX_ANSWER_BYTES);
    socket.on('data', (chunk) => {
      const { lines, tooLong } = reader.push(chunk);
      if (lines[0] !== undefined) resolve(lines[0]);
      else if (tooLong) reject(new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes`));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('it ended the connection without an answer')));
  });
}
