/**
 * Building a tool once per machine: in a folder of its own, under a lock, renamed into place when it is whole.
 *
 * @module
 */
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { takeBuildLock } from './build-lock.ts';
import { requireGo, runGo } from './go-toolchain.ts';

/** What to build and how. */
export interface BuildRecipe {
  /** For people: `the Temporal server`. */
  readonly title: string;
  /** For people: `about 5 minutes`. */
  readonly duration: string;
  /** The oldest Go that can build it. */
  readonly goVersion: string;
  /** Where the finished binary belongs. */
  readonly target: string;
  readonly cwd: string;
  /** The arguments of `go`, and which file they produce, given a folder to build into. */
  readonly steps: (folder: string) => {
    readonly args: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    readonly output: string;
  };
}

export interface BuildOptions {
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Stops the build, compilers included. */
  readonly signal?: AbortSignal | undefined;
  /** Lines for people: what is done, then every few seconds how far it is. Silent when there is nothing to build. */
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** How often a build says that it is still at it, in milliseconds. */
const HEARTBEAT_MS = 5_000;

const FOLDER_PREFIX = 'build-';

/**
 * Returns the path of the finished binary, building it when it is not there. Processes that want the same binary at the
 * same time wait for the one that builds.
 *
 * @throws {RoteyError} `ROTEY_TOOLCHAIN_MISSING`, `ROTEY_TOOLCHAIN_TOO_OLD`, `ROTEY_TOOLCHAIN_BUILD_FAILED`.
 * @throws the signal's reason when it was aborted.
 */
export async function buildOnce(recipe: BuildRecipe, options: BuildOptions = {}): Promise<string> {
  const { target } = recipe;
  const { env = process.env, signal, onProgress, clock = systemClock } = options;
  if (await isExecutable(target)) return target;
  await requireGo(recipe.goVersion, { env, signal });
  await mkdir(dirname(target), { recursive: true });
  const giveBack = await takeBuildLock(`${target}.lock`, {
    signal,
    clock,
    onWait: (pid) => onProgress?.(`waiting for process ${pid}, which is building ${recipe.title}…`),
  });
  try {
    if (!(await isExecutable(target))) await build(recipe, { env, signal, onProgress, clock });
    return target;
  } finally {
    await giveBack();
  }
}

/** Whether a file is there and may be executed. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

interface ResolvedOptions extends BuildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

async function build(recipe: BuildRecipe, { env, signal, onProgress, clock }: ResolvedOptions): Promise<void> {
  const parent = dirname(recipe.target);
  const prefix = `${FOLDER_PREFIX}${basename(recipe.target)}-`;
  await removeLeftovers(parent, prefix);
  const folder = await mkdtemp(join(parent, prefix));
  const { args, env: extra, output } = recipe.steps(folder);
  onProgress?.(`building ${recipe.title} (once per machine, ${recipe.duration})…`);
  const startedAt = clock.monotonic();
  const elapsed = () => `${Math.round((clock.monotonic() - startedAt) / 1000)} s`;
  let last = 'starting';
  const stopHeart = heartbeat(clock, () => onProgress?.(`building ${recipe.title}: ${elapsed()}, ${last}`));
  try {
    const onLine = (line: string) => {
      last = line.trim();
    };
    await runGo(args, { cwd: recipe.cwd, env: { ...env, ...extra }, signal, onLine });
    await rename(output, recipe.target);
    onProgress?.(`built ${recipe.title} in ${elapsed()}: ${recipe.target}`);
  } finally {
    stopHeart();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What builds that were killed have left behind. Called by the only one who builds. */
async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  await Promise.all(names.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

function heartbeat(clock: Clock, beat: () => void): () => void {
  const stop = new AbortController();
  const run = async () => {
    for (;;) {
      await clock.sleep(HEARTBEAT_MS, { signal: stop.signal });
      beat();
    }
  };
  run().catch(() => undefined); // stopped
  return () => stop.abort();
}
