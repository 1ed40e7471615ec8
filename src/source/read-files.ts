/**
 * One consistent look at a set of files that somebody else may be replacing right now.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants, type FileHandle, open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { RoteyError } from '../errors.ts';

/** The files that make up a pair. */
export interface PairFiles {
  readonly certPath: string;
  /** May be the same file as {@link certPath}. */
  readonly keyPath: string;
  /** CA bundle for the server's certificate. */
  readonly caPath?: string | undefined;
}

/** The bytes of all files as they stood at one moment. */
export interface FilesSnapshot {
  readonly certificate: Buffer;
  readonly key: Buffer;
  readonly trust: Buffer | undefined;
  /** SHA-256 over all contents: tells whether anything changed without keeping a key in memory. */
  readonly digest: string;
  /** The directory that each file is really in. When all are others, a symlink was swapped: the contents came whole. */
  readonly places: readonly string[];
}

/** No pair is this large; a path that names something else (a log, a device) is refused before it fills the memory. */
export const MAX_FILE_BYTES: number = 1024 * 1024;

/** Holds most pairs in one read. */
const CHUNK_BYTES = 64 * 1024;

/**
 * How often a look is repeated when the files moved under it. One swap disturbs one look; cert-manager's driver was
 * seen to swap twice in a row at most, so five is ample, and the next event or poll starts afresh.
 */
const MAX_LOOKS = 5;

/**
 * Reads all files so that they belong to one moment: where the paths lead and what stands there is the same before
 * and after. Two reads by the visible names are not atomic under a `..data` swap, even though the swap is.
 *
 * Says nothing about whether the contents fit together.
 *
 * @throws {RoteyError} `ROTEY_FILE_MISSING`, `ROTEY_FILE_UNREADABLE`, `ROTEY_FILE_TOO_LARGE`, or `ROTEY_FILE_CHANGING`
 * when the files never held still.
 */
export async function readFiles(files: PairFiles): Promise<FilesSnapshot> {
  const paths = [...new Set([files.certPath, files.keyPath, ...(files.caPath === undefined ? [] : [files.caPath])])];
  let problem: RoteyError | undefined;
  for (let look = 0; look < MAX_LOOKS; look++) {
    try {
      const snapshot = await lookOnce(files, paths);
      if (snapshot !== undefined) return snapshot;
      problem = undefined;
    } catch (error) {
      // The directory of an earlier swap is removed at once: a path that was resolved before may lead nowhere.
      problem = error instanceof RoteyError ? error : fromFsError(error, files.certPath);
      if (problem.code !== 'ROTEY_FILE_MISSING') throw problem;
    }
  }
  throw (
    problem ??
    new RoteyError('ROTEY_FILE_CHANGING', `The files kept changing while they were read: ${paths.join(', ')}.`, {
      retryable: true,
      hint: 'Nothing, if this goes away; otherwise look for a process that rewrites these files in a loop.',
      context: { paths },
    })
  );
}

/**
 * Reads one file as it stands.
 *
 * @throws {RoteyError} `ROTEY_FILE_MISSING`, `ROTEY_FILE_UNREADABLE`, `ROTEY_FILE_TOO_LARGE`.
 */
export async function readSingleFile(file: string): Promise<Buffer> {
  const [located] = (await locateAll([file])).values();
  return await readWhole(file, located?.real ?? file);
}

interface Located {
  readonly real: string;
  readonly version: string;
}

async function lookOnce(files: PairFiles, paths: readonly string[]): Promise<FilesSnapshot | undefined> {
  const before = await locateAll(paths);
  const contents = new Map<string, Buffer>();
  for (const [file, { real }] of before) contents.set(file, await readWhole(file, real));
  const after = await locateAll(paths);
  for (const [file, { real, version }] of before) {
    const now = after.get(file);
    if (now?.real !== real || now.version !== version) return undefined;
  }
  const certificate = contents.get(files.certPath);
  const key = contents.get(files.keyPath);
  if (certificate === undefined || key === undefined) return undefined;
  const trust = files.caPath === undefined ? undefined : contents.get(files.caPath);
  return { certificate, key, trust, digest: digestOf(certificate, key, trust), places: placesOf(before) };
}

async function locateAll(paths: readonly string[]): Promise<Map<string, Located>> {
  const located = new Map<string, Located>();
  for (const file of paths) {
    try {
      const real = await realpath(file);
      const stats = await stat(real, { bigint: true });
      if (!stats.isFile()) throw notAFile(file, stats);
      located.set(file, { real, version: versionOf(stats) });
    } catch (error) {
      throw fromFsError(error, file);
    }
  }
  return located;
}

async function readWhole(file: string, real: string): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    // O_NONBLOCK: should a FIFO take the file's place after the check, opening it must not hang a thread for ever.
    handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES) throw tooLarge(file, size);
    const content = await readBeyond(handle, MAX_FILE_BYTES);
    if (content.length > MAX_FILE_BYTES) throw tooLarge(file, content.length);
    return content;
  } catch (error) {
    throw fromFsError(error, file);
  } finally {
    await handle?.close();
  }
}

/**
 * Reads to the end, or until there is more than `limit`. The size says nothing of a file that grows, or of one in /proc,
 * which has none and may have no end.
 */
async function readBeyond(handle: FileHandle, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= limit; ) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(CHUNK_BYTES) });
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}

function versionOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
}

function placesOf(located: ReadonlyMap<string, Located>): readonly string[] {
  return [...located.values()].map(({ real }) => path.dirname(real));
}

function digestOf(...contents: readonly (Buffer | undefined)[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(`${content?.length ?? -1}\n`).update(content ?? '');
  return hash.digest('hex');
}

function tooLarge(file: string, size: number): RoteyError {
  return new RoteyError('ROTEY_FILE_TOO_LARGE', `${file} has ${size} bytes or more; the limit is ${MAX_FILE_BYTES}.`, {
    hint: 'Check that the path names a PEM file.',
    context: { path: file, size, limit: MAX_FILE_BYTES },
  });
}

function notAFile(file: string, stats: BigIntStats): RoteyError {
  const what = stats.isDirectory() ? 'a directory' : 'not a regular file';
  return new RoteyError('ROTEY_FILE_UNREADABLE', `${file} is ${what}.`, {
    retryable: true,
    hint: 'Name the PEM file itself.',
    context: { path: file },
  });
}

/** Turns a file system error into one that says which file, what is wrong and what to do. Passes RoteyErrors through. */
export function fromFsError(error: unknown, file: string): RoteyError {
  if (error instanceof RoteyError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  const context = { path: file, errno: code };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new RoteyError('ROTEY_FILE_MISSING', `${file} does not exist.`, {
      cause: error,
      retryable: true,
      hint: 'Check the path, and that whatever issues the certificate has written it.',
      context,
    });
  }
  const denied = code === 'EACCES' || code === 'EPERM';
  return new RoteyError('ROTEY_FILE_UNREADABLE', `${file} cannot be read: ${denied ? 'permission denied' : code}.`, {
    cause: error,
    retryable: true,
    hint: denied
      ? `Make it readable for uid ${process.getuid?.() ?? '?'} (on Kubernetes: fsGroup, or the csi-driver's fs-group).`
      : 'Look at the file system that holds this file.',
    context,
  });
}
