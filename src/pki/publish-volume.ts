import { randomInt } from 'node:crypto';
import { chmod, mkdir, readdir, readlink, rename, rm, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, syncDirectory, writeDurably } from './durable-file.ts';

/** Files that appear together, and what of an earlier publication they replace. */
export interface VolumeContents {
  /** File name to content. */
  readonly files: ReadonlyMap<string, string>;
  /** Visible names of earlier publications that now lead nowhere. */
  readonly obsolete: readonly string[];
  readonly fileMode: number;
  readonly directoryMode: number;
  /** Milliseconds since the Unix epoch; names the new directory. */
  readonly nowMs: number;
}

/**
 * Publishes as Kubernetes and cert-manager's csi-driver do: a new `..YYYY_MM_DD_HH_MM_SS.<random>` directory with all
 * files, then one rename that turns the symbolic link `..data` to it. Who reads `..data` once and then reads the files
 * where it leads sees the old set or the new one. The visible names are links through `..data`, made once.
 *
 * What a crashed run left (`..data_tmp`, directories that `..data` does not lead to) is removed first.
 *
 * @returns paths of old directories that could not be removed; the next call tries again.
 */
export async function publishVolume(directory: string, contents: VolumeContents): Promise<readonly string[]> {
  const data = join(directory, DATA);
  const current = await linkTarget(data);
  await removeGenerations(directory, current);
  const generation = generationName(contents.nowMs);
  const swapLink = join(directory, `${DATA}_tmp`);
  try {
    await rm(swapLink, { force: true });
    await writeGeneration(join(directory, generation), contents);
    await symlink(generation, swapLink);
    await rename(swapLink, data);
  } catch (error) {
    await rm(swapLink, { force: true });
    await rm(join(directory, generation), { force: true, recursive: true });
    throw error;
  }
  // Before the old files go: a power cut must not bring back a ..data that leads to them.
  await syncDirectory(directory);
  await linkVisibleNames(directory, contents);
  return await removeGenerations(directory, generation);
}

async function writeGeneration(path: string, { files, fileMode, directoryMode }: VolumeContents): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  for (const [name, content] of files) await writeDurably(join(path, name), content, fileMode);
  await chmod(path, directoryMode);
  await syncDirectory(path);
}

async function linkVisibleNames(directory: string, { files, obsolete }: VolumeContents): Promise<void> {
  let changed = false;
  for (const name of files.keys()) {
    if ((await linkTarget(join(directory, name))) === join(DATA, name)) continue;
    // By rename, so that a plain file of that name (the other layout) is replaced and never missing.
    const temporary = join(directory, `..${name}_tmp`);
    await rm(temporary, { force: true });
    await symlink(join(DATA, name), temporary);
    await rename(temporary, join(directory, name));
    changed = true;
  }
  for (const name of obsolete) {
    if ((await linkTarget(join(directory, name))) !== join(DATA, name)) continue;
    await unlink(join(directory, name));
    changed = true;
  }
  if (changed) await syncDirectory(directory);
}

/** Removes every generation but one; says which could not be removed. */
async function removeGenerations(directory: string, keep: string | undefined): Promise<readonly string[]> {
  const leftovers: string[] = [];
  for (const name of await readdir(directory)) {
    if (name === keep || !GENERATION.test(name)) continue;
    const path = join(directory, name);
    await rm(path, { recursive: true, force: true }).catch(() => leftovers.push(path));
  }
  return leftovers;
}

/** Where a symbolic link leads; undefined when there is none of that name. */
async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (['ENOENT', 'EINVAL'].includes(errnoOf(error) ?? '')) return undefined; // nothing there, or not a link
    throw error;
  }
}

/** `..2026_11_23_23_02_39.3295449837` */
function generationName(nowMs: number): string {
  const stamp = new Date(nowMs)
    .toISOString()
    .slice(0, 19)
    .replace(/[^0-9]/g, '_');
  return `..${stamp}.${randomInt(2 ** 32)}`;
}

const DATA = '..data';
const GENERATION = /^\.\.\d{4}(?:_\d\d){5}\.\d+$/;
