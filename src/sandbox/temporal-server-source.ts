import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RoteyError } from '../errors.ts';

/** The Go program that the sandbox runs, as source. */
export interface TemporalServerSource {
  readonly folder: string;
  /** Of `go.temporal.io/server`, for example `v1.32.1`. */
  readonly serverVersion: string;
  /** The oldest Go that can build it, for example `1.26.8`. */
  readonly goVersion: string;
  /** Of everything that goes into the binary: tells a binary of these sources from one of other sources. */
  readonly hash: string;
}

/** The same in a checkout (src/sandbox) and in the installed package (dist/sandbox, beside tools). */
const FOLDER = fileURLToPath(new URL('../../tools/temporal-server/', import.meta.url));

/** @throws {RoteyError} `ROTEY_TOOLCHAIN_MISSING` when the folder did not come with this copy of rotey. */
export async function temporalServerSource(folder: string = FOLDER): Promise<TemporalServerSource> {
  try {
    const goMod = await readFile(join(folder, 'go.mod'), 'utf8');
    return {
      folder,
      serverVersion: only(goMod, /^\s*(?:require )?go\.temporal\.io\/server (v\S+)/m),
      goVersion: only(goMod, /^go (\S+)/m),
      hash: await hashOf(folder),
    };
  } catch (cause) {
    throw new RoteyError('ROTEY_TOOLCHAIN_MISSING', `The source of the Temporal server is not in ${folder}.`, {
      cause,
      hint: 'Reinstall rotey, or name a binary that was built elsewhere in ROTEY_TEMPORAL_SERVER.',
      context: { folder },
    });
  }
}

async function hashOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter(
    (name) => /^go\.(mod|sum)$/.test(name) || (name.endsWith('.go') && !name.endsWith('_test.go')),
  );
  const hash = createHash('sha256');
  for (const name of names.sort()) {
    const contents = await readFile(join(folder, name));
    hash.update(`${name} ${contents.length}\n`).update(contents);
  }
  return hash.digest('hex');
}

function only(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`go.mod does not match ${pattern}`);
  return found;
}
