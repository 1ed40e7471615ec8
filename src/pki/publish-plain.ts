import { randomBytes } from 'node:crypto';
import { link, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, syncDirectory, writeDurably } from './durable-file.ts';

/**
 * Publishes each file by writing it beside its name and renaming it. All are written before the first is renamed, so a
 * full disk changes nothing; when a later rename fails, the earlier ones are undone.
 *
 * Between two renames a reader can see files that do not belong together. They appear in the order of `files`.
 *
 * @param files file name to content.
 */
export async function publishPlain(
  directory: string,
  files: ReadonlyMap<string, string>,
  fileMode: number,
): Promise<void> {
  await removeTemporaries(directory);
  const suffix = randomBytes(6).toString('hex');
  try {
    for (const [name, content] of files) {
      await writeDurably(join(directory, temporaryName(name, suffix, 'new')), content, fileMode);
    }
    await renameAll(directory, [...files.keys()], suffix);
  } finally {
    await removeTemporaries(directory);
  }
  await syncDirectory(directory);
}

async function renameAll(directory: string, names: readonly string[], suffix: string): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const name of names) {
      const path = join(directory, name);
      const kept = join(directory, temporaryName(name, suffix, 'old'));
      const keeping = await keep(path, kept);
      await rename(join(directory, temporaryName(name, suffix, 'new')), path);
      if (keeping === 'kept') undo.push(() => rename(kept, path));
      if (keeping === 'absent') undo.push(() => rm(path, { force: true }));
    }
  } catch (error) {
    const undone = await Promise.allSettled(undo.map((step) => step()));
    const failures = undone.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length === 0) throw error;
    throw new AggregateError([error, ...failures], 'A file could not be renamed, nor those before it put back.');
  }
}

/** A second name for the old file, to go back to. Some file systems know none; there a failed rename is not undone. */
async function keep(path: string, kept: string): Promise<'kept' | 'absent' | 'impossible'> {
  try {
    await link(path, kept);
    return 'kept';
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? 'absent' : 'impossible';
  }
}

async function removeTemporaries(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (TEMPORARY.test(name)) await rm(join(directory, name), { force: true });
  }
}

function temporaryName(name: string, suffix: string, what: 'new' | 'old'): string {
  return `.${name}.${suffix}.rotey-${what}`;
}

const TEMPORARY = /^\..+\.[0-9a-f]{12}\.rotey-(?:new|old)$/;
