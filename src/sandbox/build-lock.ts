/**
 * One build at a time per machine: a file that names the process which builds.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Clock, systemClock } from '../clock.ts';

export interface BuildLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  readonly onWait?: ((pid: number) => void) | undefined;
  readonly clock?: Clock;
}

/** How often to look again, in milliseconds: a build takes seconds at least. */
const LOOK_EVERY_MS = 200;

/**
 * Waits until no other process holds the lock, and takes it. A lock whose process is dead is broken.
 *
 * Two processes that break the same dead lock in the same moment may both come to hold it. What they protect has to
 * stay right then (a finished binary is renamed into place); only work is done twice.
 *
 * @returns gives the lock back.
 * @throws the signal's reason when it was aborted while waiting.
 */
export async function takeBuildLock(
  path: string,
  { signal, onWait, clock = systemClock }: BuildLockOptions = {},
): Promise<() => Promise<void>> {
  const mine = JSON.stringify({ pid: process.pid, token: randomUUID() });
  own.add(mine);
  try {
    for (let told = false; !(await create(path, mine)); ) {
      const theirs = await read(path);
      const pid = theirs === undefined ? undefined : holder(theirs);
      if (theirs !== undefined && (pid === undefined || isDead(pid, theirs))) {
        await remove(path, theirs);
        continue;
      }
      if (!told && pid !== undefined) {
        told = true;
        onWait?.(pid);
      }
      await clock.sleep(LOOK_EVERY_MS, { signal, ref: true });
    }
  } catch (error) {
    own.delete(mine);
    throw error;
  }
  return async () => {
    await remove(path, mine);
    own.delete(mine);
  };
}

/** The locks that this process holds, or is about to. */
const own = new Set<string>();

/** A lock with our pid that is not ours was left by a process before us: in containers the same pid comes each time. */
function isDead(pid: number, contents: string): boolean {
  return pid === process.pid ? !own.has(contents) : !isAlive(pid);
}

/** False when there is one already. A link appears with its contents, a file that is opened and written would not. */
async function create(path: string, contents: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, contents);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Moves the lock aside before it looks whose it is, so that of two processes only one gets hold of it. */
async function remove(path: string, expected: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await read(aside)) === expected) await rm(aside, { force: true });
  else await rename(aside, path);
}

function holder(contents: string): number | undefined {
  try {
    const { pid }: { pid?: unknown } = JSON.parse(contents);
    return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM'); // somebody else's process
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
