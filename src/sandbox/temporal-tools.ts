/**
 * The two binaries of the sandbox: found, or built once per machine.
 *
 * @module
 */
import { delimiter, join } from 'node:path';
import { RoteyError } from '../errors.ts';
import { type BuildOptions, buildOnce, isExecutable } from './build-once.ts';
import { cacheFolder } from './cache-folder.ts';
import { temporalServerSource } from './temporal-server-source.ts';

/** The newest CLI that `go install` can build: later ones replace a nested module by a path. */
const CLI_VERSION = 'v1.5.1';
/** The `go` directive of that CLI. */
const CLI_GO_VERSION = '1.25.0';

/**
 * The path of rotey's Temporal server: `$ROTEY_TEMPORAL_SERVER`, else the one in the cache folder, which is built when
 * it is not there (about 5 minutes and 150 MB, once per machine and version; needs Go).
 *
 * @throws {RoteyError} `ROTEY_TOOLCHAIN_MISSING` when there is neither a binary nor Go, or when the binary that was
 * named cannot be executed; `ROTEY_TOOLCHAIN_TOO_OLD`; `ROTEY_TOOLCHAIN_BUILD_FAILED`.
 * @throws the signal's reason when it was aborted.
 */
export async function ensureTemporalServer(options: BuildOptions = {}): Promise<string> {
  const { env = process.env } = options;
  const named = await namedBinary('ROTEY_TEMPORAL_SERVER', env);
  if (named !== undefined) return named;
  const source = await temporalServerSource();
  const recipe = {
    title: 'the Temporal server',
    duration: 'about 5 minutes',
    goVersion: source.goVersion,
    target: cached(`temporal-server-${source.serverVersion}-${source.hash.slice(0, 12)}`, env),
    cwd: source.folder,
    steps: (folder: string) => {
      const output = join(folder, 'temporal-server');
      // Without symbol tables: 150 MB instead of 210.
      return { args: ['build', '-v', '-ldflags=-s -w', '-o', output, '.'], env: {}, output };
    },
  };
  return await buildOnce(recipe, options);
}

/**
 * The path of a `temporal` CLI: `$ROTEY_TEMPORAL_CLI`, else the one on the PATH, else the one in the cache folder, which
 * is built when it is not there (about 2 minutes and 180 MB; needs Go).
 *
 * @throws as {@link ensureTemporalServer}.
 */
export async function ensureTemporalCli(options: BuildOptions = {}): Promise<string> {
  const { env = process.env } = options;
  const found = (await namedBinary('ROTEY_TEMPORAL_CLI', env)) ?? (await onPath('temporal', env));
  if (found !== undefined) return found;
  const recipe = {
    title: 'the Temporal CLI',
    duration: 'about 2 minutes',
    goVersion: CLI_GO_VERSION,
    target: cached(`temporal-${CLI_VERSION}`, env),
    cwd: process.cwd(),
    steps: (folder: string) => ({
      args: ['install', '-v', '-ldflags=-s -w', `github.com/temporalio/cli/cmd/temporal@${CLI_VERSION}`],
      env: { GOBIN: folder },
      output: join(folder, 'temporal'),
    }),
  };
  return await buildOnce(recipe, options);
}

/** A cache folder may be shared between machines, so the platform is part of the name. */
function cached(name: string, env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), 'bin', `${name}-${process.platform}-${process.arch}`);
}

async function namedBinary(variable: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = env[variable];
  if (!path) return undefined;
  if (await isExecutable(path)) return path;
  throw new RoteyError('ROTEY_TOOLCHAIN_MISSING', `${variable} names a file that cannot be executed: ${path}`, {
    hint: `Correct ${variable}, or unset it to have the binary built.`,
    context: { variable, path },
  });
}

async function onPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}
