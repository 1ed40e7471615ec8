import path from 'node:path';
import { RoteyError } from '../errors.ts';
import { readSingleFile } from '../source/index.ts';
import {
  asProblem,
  type Entry,
  pairingOf,
  type ReadInput,
  type ReadInputOptions,
  TLS_FILES,
  tryReading,
} from './entry.ts';
import { listDirectory } from './list-directory.ts';
import { describeForeign } from './read-material.ts';
import { type ForeignKind, recognise } from './recognise.ts';

/**
 * Reads every certificate and key in a directory. What is none of it is left out; what is damaged is an entry with a
 * problem.
 *
 * @throws {RoteyError} what `listDirectory` throws; `ROTEY_PEM_NO_CERTIFICATE` when there is none.
 */
export async function readDirectory(directory: string, { passphrase, signal }: ReadInputOptions): Promise<ReadInput> {
  const { layout, files, tooLarge } = await listDirectory(directory);
  const skipped = tooLarge.map((where) => ({ where, what: 'too large' }));
  const entries: Entry[] = [];
  for (const { where, real } of files) {
    signal?.throwIfAborted();
    const base = { where, pairing: pairingOf(where), named: false, ofServer: false };
    const bytes = await readSingleFile(real).catch(asProblem);
    if (bytes instanceof RoteyError) {
      entries.push({ ...base, material: undefined, problem: bytes });
      continue;
    }
    const kind = recognise(bytes);
    if (kind === 'unknown' || kind === 'manifest' || (kind === 'empty' && !TLS_FILES.has(path.basename(where))))
      continue;
    const outcome = tryReading(bytes, where, passphrase);
    const { problem } = outcome;
    if (problem?.code === 'ROTEY_INPUT_UNSUPPORTED') {
      const foreign = problem.context['kind'] as ForeignKind; // as readMaterial sets it
      skipped.push({ where, what: describeForeign(foreign) });
    } else if (problem?.code !== 'ROTEY_INPUT_UNRECOGNISED') entries.push({ ...base, ...outcome });
  }
  if (entries.length > 0) return { input: directory, kind: 'directory', layout, entries, skipped };
  throw new RoteyError('ROTEY_PEM_NO_CERTIFICATE', `${directory} holds neither a certificate nor a private key.`, {
    hint: 'Check the directory; those below it are not looked into.',
    context: { path: directory },
  });
}
