import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory of the test's own. */
export async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * An environment in which `go` is this shell script, and nothing else of Go exists. The arguments are `$@`; without a
 * script there is no `go`.
 */
export async function environmentWithGo(t: TestContext, script?: string): Promise<NodeJS.ProcessEnv> {
  const directory = await temporaryDirectory(t);
  if (script !== undefined) await writeFile(join(directory, 'go'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${directory}:/usr/bin:/bin`, HOME: directory, ROTEY_CACHE_DIR: join(directory, 'cache') };
}

/** Says a version when it is asked, and does `build` for everything else. */
export function goScript(version: string, build: string): string {
  return `if [ "$1" = version ]; then echo "go version go${version} linux/amd64"; exit; fi\n${build}`;
}
