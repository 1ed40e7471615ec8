/**
 * What is said over the control socket: one JSON object a line, a request and then its answer, as often as the client
 * likes.
 *
 *     → {"version":1,"command":"status"}
 *     ← {"version":1,"ok":true,"result":{…}}
 *     → {"version":1,"command":"nonsense"}
 *     ← {"version":1,"ok":false,"error":{"code":"ROTEY_COMMAND_FAILED","message":"…","hint":"…"}}
 *
 * @module
 */
import { type ErrorSummary, RoteyError } from '../errors.ts';

/** Goes up when a request means something else than before. */
export const CONTROL_VERSION = 1;
/** Of a request, line end included. */
export const MAX_REQUEST_BYTES = 64 * 1024;
/** Of an answer: a status document has some kilobytes for each rotation. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface ControlRequest {
  readonly version: typeof CONTROL_VERSION;
  readonly command: string;
  /** What the command takes. Default: nothing. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export type ControlAnswer =
  | { readonly version: typeof CONTROL_VERSION; readonly ok: true; readonly result: unknown }
  | { readonly version: typeof CONTROL_VERSION; readonly ok: false; readonly error: ErrorSummary };

/** @throws {RoteyError} `ROTEY_COMMAND_FAILED` when the line is no request of this version */
export function parseRequest(line: string): ControlRequest {
  const value = parseObject(line);
  const { version, command, arguments: given, ...unknown } = value;
  if (version !== CONTROL_VERSION) throw invalid(`version must be ${CONTROL_VERSION}`);
  if (typeof command !== 'string') throw invalid('command must be a string');
  const [key] = Object.keys(unknown);
  if (key !== undefined) throw invalid(`there is no key ${JSON.stringify(key)} in a request`);
  if (given === undefined) return { version, command };
  if (!isObject(given)) throw invalid('arguments must be an object');
  return { version, command, arguments: given };
}

/** @throws {RoteyError} `ROTEY_STATUS_INVALID` when the line is no answer of this version */
export function parseAnswer(line: string): ControlAnswer {
  try {
    const { version, ok, result, error } = parseObject(line);
    if (version === CONTROL_VERSION && ok === true) return { version, ok, result };
    if (version === CONTROL_VERSION && ok === false && isObject(error)) {
      return { version, ok, error: error as unknown as ErrorSummary }; // said by a rotey of the same version
    }
  } catch {
    // said below
  }
  throw new RoteyError('ROTEY_STATUS_INVALID', 'What answered on the control socket is no rotey of this version.', {
    hint: 'Use the same version of rotey on both sides.',
  });
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw invalid('it is not JSON');
  }
  if (isObject(value)) return value;
  throw invalid('it is not an object');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(why: string): RoteyError {
  return new RoteyError('ROTEY_COMMAND_FAILED', `The request is not understood: ${why}.`, {
    hint: `Send a line like {"version":${CONTROL_VERSION},"command":"status"}.`,
  });
}
