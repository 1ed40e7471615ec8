import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { RoteyError } from '../errors.ts';
import { fromFsError, MAX_FILE_BYTES } from '../source/index.ts';

/** Who has laid out a directory, as far as its names tell. */
export type DirectoryLayout = 'kubernetes-volume' | 'certstrap' | 'files';

export interface ListedFile {
  readonly name: string;
  /** The path to show. */
  readonly where: string;
  /** The path to read. */
  readonly real: string;
}

export interface ListedDirectory {
  readonly layout: DirectoryLayout;
  readonly files: readonly ListedFile[];
  /** Names of files that are too large to be any of it. */
  readonly tooLarge: readonly string[];
}

/** A depot of certstrap has three files for each name; whoever names a directory of thousands meant another one. */
const MAX_FILES = 1000;

/**
 * Lists the regular files of a directory, without those of its directories and without hidden ones. In a Kubernetes
 * volume, where `..data` leads is resolved once: files of one moment are read, whatever is swapped meanwhile.
 *
 * @throws {RoteyError} `ROTEY_FILE_UNREADABLE`; `ROTEY_FILE_TOO_LARGE` when there are more than {@link MAX_FILES}.
 */
export async function listDirectory(directory: string): Promise<ListedDirectory> {
  const data = await realpath(path.join(directory, '..data')).catch(() => undefined);
  const real = data ?? directory;
  const names = (await namesIn(real, directory)).filter((name) => !name.startsWith('.')).sort();
  if (names.length > MAX_FILES) {
    throw new RoteyError('ROTEY_FILE_TOO_LARGE', `${directory} has ${names.length} files; the limit is ${MAX_FILES}.`, {
      hint: 'Name the files themselves.',
      context: { path: directory, count: names.length, limit: MAX_FILES },
    });
  }
  const files: ListedFile[] = [];
  const tooLarge: string[] = [];
  for (const name of names) {
    const file = { name, where: path.join(directory, name), real: path.join(real, name) };
    const stats = await stat(file.real).catch(() => undefined); // a link to nowhere: reading it will say so
    if (stats !== undefined && !stats.isFile()) continue;
    if ((stats?.size ?? 0) > MAX_FILE_BYTES) tooLarge.push(file.where);
    else files.push(file);
  }
  return { layout: data === undefined ? layoutOf(new Set(names)) : 'kubernetes-volume', files, tooLarge };
}

async function namesIn(real: string, shown: string): Promise<readonly string[]> {
  try {
    return await readdir(real);
  } catch (error) {
    throw fromFsError(error, shown);
  }
}

/** certstrap writes an (empty) revocation list beside each CA; nobody else does. */
function layoutOf(names: ReadonlySet<string>): DirectoryLayout {
  if (names.has('tls.crt') && names.has('tls.key')) return 'kubernetes-volume';
  const authorities = [...names].filter((name) => name.endsWith('.crl')).map((name) => name.slice(0, -4));
  return authorities.some((name) => names.has(`${name}.crt`)) ? 'certstrap' : 'files';
}
