import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { RoteyError } from '../errors.ts';
import { parseAddress } from '../probe/index.ts';
import { fromFsError, MAX_FILE_BYTES, readSingleFile } from '../source/index.ts';
import type { InputKind, ReadInput, ReadInputOptions } from './entry.ts';
import { readContents } from './read-contents.ts';
import { readDirectory } from './read-directory.ts';
import { readServer } from './read-server.ts';

/** What to look at. */
export type InspectInput =
  /** A file, a directory, or `host:port`: an existing path wins, and only what ends in a port can be a server. */
  | { readonly t: 'argument'; readonly text: string }
  | { readonly t: 'stdin' }
  | { readonly t: 'server'; readonly address: string };

/**
 * Reads an input of any kind. What cannot be read is a problem of the input, not an exception.
 *
 * @throws the signal's reason when it aborts.
 */
export async function readInput(input: InspectInput, options: ReadInputOptions): Promise<ReadInput> {
  const shown = input.t === 'argument' ? input.text : input.t === 'stdin' ? '-' : input.address;
  let kind: InputKind = input.t === 'argument' ? 'file' : input.t;
  try {
    if (input.t === 'server') return await readServer(input.address, options);
    if (input.t === 'stdin') {
      const bytes = await readAll(options.stdin, 'stdin', options.signal);
      return await readContents(bytes, { input: shown, kind, name: 'stdin' }, options);
    }
    const what = await lookAt(input.text);
    if (what === 'server') {
      kind = 'server';
      return await readServer(input.text, options);
    }
    if (what === 'directory') {
      kind = 'directory';
      return await readDirectory(input.text, options);
    }
    const bytes = what === 'pipe' ? await readPipe(input.text, options.signal) : await readSingleFile(input.text);
    return await readContents(bytes, { input: shown, kind, name: shown }, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof RoteyError)) throw error;
    const problem = error.code === 'ROTEY_FILE_MISSING' && kind === 'file' ? nothingThere(shown, error) : error;
    return { input: shown, kind, entries: [], skipped: [], problem };
  }
}

function nothingThere(text: string, cause: RoteyError): RoteyError {
  return new RoteyError('ROTEY_FILE_MISSING', `${text} does not exist.`, {
    cause,
    retryable: true,
    hint: 'Check the path; a server is named with its port, as host:port.',
    context: cause.context,
  });
}

/** An existing path wins. A missing one that is an address with a port is a server; reading says what any other is. */
async function lookAt(text: string): Promise<'file' | 'directory' | 'pipe' | 'server'> {
  const stats = await stat(text).catch(() => undefined);
  if (stats?.isDirectory() === true) return 'directory';
  if (stats?.isFIFO() === true) return 'pipe';
  return stats === undefined && isServer(text) ? 'server' : 'file';
}

function isServer(text: string): boolean {
  if (!/:\d{1,5}$/.test(text)) return false;
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

/** `<(command)` of a shell is one: it has no size and can be read once. */
async function readPipe(file: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  return await readAll(createReadStream(file), file, signal);
}

/** Reads a stream to its end, and lets go of it when somebody has had enough. */
async function readAll(
  stream: Readable | undefined,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (stream === undefined) return Buffer.alloc(0);
  if (signal !== undefined) addAbortSignal(signal, stream);
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of stream) {
      pieces.push(Buffer.from(piece));
      size += piece.length;
      if (size > MAX_FILE_BYTES) throw tooLarge(name);
    }
  } catch (error) {
    throw fromFsError(error, name);
  }
  return Buffer.concat(pieces);
}

function tooLarge(name: string): RoteyError {
  return new RoteyError('ROTEY_FILE_TOO_LARGE', `${name} has more than ${MAX_FILE_BYTES} bytes.`, {
    hint: 'Check that the intended file is handed over.',
    context: { name, limit: MAX_FILE_BYTES },
  });
}
