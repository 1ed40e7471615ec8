import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { watchPoints } from './watch-points.ts';

interface Watched {
  readonly watcher: FSWatcher;
  /** Device and inode: a directory that was replaced has the same path and another identity. */
  readonly identity: string;
  names: ReadonlySet<string>;
}

/**
 * Calls back when something happens to an entry that decides what the paths lead to. Directories are watched, never
 * files: a watch on a file (or on `..data`) dies silently with the first renewal.
 *
 * Events are a shortcut, not a promise (network mounts have none, inotify instances run out): the owner polls as well,
 * and calls {@link refresh} each time before it reads, so that watches follow directories that were replaced.
 */
export class DirectoryWatch {
  readonly #paths: readonly string[];
  readonly #onChange: () => void;
  #watched = new Map<string, Watched>();
  #closed = false;

  constructor(paths: readonly string[], onChange: () => void) {
    this.#paths = paths;
    this.#onChange = onChange;
  }

  /** Whether every directory that matters is watched. */
  get complete(): boolean {
    return this.#complete;
  }
  #complete = false;

  /** Brings the watches in line with where the paths lead now. What changes after this resolves is noticed. */
  async refresh(): Promise<void> {
    const wanted = await watchPoints(this.#paths);
    let complete = true;
    for (const [directory, names] of wanted) complete = (await this.#ensure(directory, names)) && complete;
    for (const directory of this.#watched.keys()) if (!wanted.has(directory)) this.#drop(directory);
    this.#complete = complete && !this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#complete = false;
    for (const directory of [...this.#watched.keys()]) this.#drop(directory);
  }

  async #ensure(directory: string, names: ReadonlySet<string>): Promise<boolean> {
    try {
      const stats = await stat(directory, { bigint: true });
      const identity = `${stats.dev}:${stats.ino}`;
      const existing = this.#watched.get(directory);
      if (existing?.identity === identity) {
        existing.names = names;
        return true;
      }
      this.#drop(directory);
      if (this.#closed) return false;
      this.#watched.set(directory, { watcher: this.#watch(directory), identity, names });
      return true;
    } catch {
      this.#drop(directory);
      return false; // gone, not permitted, or no watches left: polling sees to it
    }
  }

  #watch(directory: string): FSWatcher {
    const watcher = watch(directory, { persistent: false }, (event, name) => {
      const entry = this.#watched.get(directory);
      if (entry?.watcher !== watcher) return;
      // Its own name: it was removed or moved, and the watch is dead. Another directory may have its path and inode.
      const isItself = event === 'rename' && name === path.basename(directory);
      if (isItself) this.#drop(directory);
      if (isItself || name === null || entry.names.has(name)) this.#onChange();
    });
    watcher.on('error', () => {
      if (this.#watched.get(directory)?.watcher === watcher) this.#drop(directory);
      else watcher.close();
      this.#complete = false;
    });
    return watcher;
  }

  #drop(directory: string): void {
    this.#watched.get(directory)?.watcher.close();
    this.#watched.delete(directory);
  }
}
