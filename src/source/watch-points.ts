/**
 * Which directory entries decide what a path leads to.
 *
 * @module
 */
import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';

/** Directory (without symlinks in its path) → names in it whose change may change what is read. */
export type WatchPoints = Map<string, Set<string>>;

/** Linux gives up after 40 links (path_resolution(7)); so do we. */
const MAX_LINKS = 40;

/**
 * Walks a path as the kernel does and notes every entry that, when replaced, changes where the path leads: each
 * symlink on the way (`..data` in a Kubernetes volume, whose visible links never emit an event), the file itself, and
 * the directory that holds it (it may be replaced whole).
 *
 * Entries that do not exist yet are noted too; the walk ends there. Never rejects: what cannot be looked at is left to
 * polling.
 */
export async function watchPoints(paths: readonly string[]): Promise<WatchPoints> {
  const points: WatchPoints = new Map();
  // Not path.resolve: it takes `link/..` for nothing, and the kernel for the parent of where the link leads.
  for (const file of paths) await walk(path.isAbsolute(file) ? file : `${process.cwd()}${path.sep}${file}`, points);
  return points;
}

async function walk(file: string, points: WatchPoints): Promise<void> {
  let pending = componentsOf(file);
  let directory = path.parse(file).root;
  let links = 0;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === '..') {
      directory = path.dirname(directory);
      continue;
    }
    const entry = path.join(directory, name);
    const target = await readLinkOrUndefined(entry);
    // The last two components: the file, and the directory that holds it.
    if (target !== undefined || pending.length <= 1) note(points, directory, name);
    if (target === undefined) {
      if (!(await exists(entry))) {
        note(points, directory, name);
        return;
      }
      directory = entry;
      continue;
    }
    if (++links > MAX_LINKS) return;
    if (path.isAbsolute(target)) directory = path.parse(target).root;
    pending = [...componentsOf(target), ...pending];
  }
}

function componentsOf(file: string): string[] {
  return file.split(path.sep).filter((part) => part !== '' && part !== '.');
}

function note(points: WatchPoints, directory: string, name: string): void {
  const names = points.get(directory);
  if (names === undefined) points.set(directory, new Set([name]));
  else names.add(name);
}

async function readLinkOrUndefined(entry: string): Promise<string | undefined> {
  try {
    return await readlink(entry);
  } catch {
    return undefined; // not a link, or not there
  }
}

async function exists(entry: string): Promise<boolean> {
  try {
    await lstat(entry);
    return true;
  } catch {
    return false;
  }
}
