import { open } from 'node:fs/promises';

/**
 * Writes a new file and returns when its bytes are on the disk: a rename that survives a power cut must not lead to an
 * empty file.
 *
 * @param mode permission bits, exactly: the umask does not change them. Until everything is written only the owner can
 * read it.
 */
export async function writeDurably(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Returns when the directory's entries (names, renames, removals) are on the disk. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    if (!UNSUPPORTED.has(errnoOf(error) ?? '')) throw error;
  } finally {
    await directory.close();
  }
}

/** The symbolic error code of a failed system call, for example `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What network and FUSE file systems answer that cannot sync a directory; nothing more can be done there. */
const UNSUPPORTED: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);
