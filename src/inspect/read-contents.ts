import path from 'node:path';
import { RoteyError } from '../errors.ts';
import { type Entry, pairingOf, type ReadInput, type ReadInputOptions, TLS_FILES, tryReading } from './entry.ts';
import { readManifest, type SecretEntry } from './read-manifest.ts';
import { describeForeign, readMaterial } from './read-material.ts';
import { recognise } from './recognise.ts';

/**
 * Reads a file, or what was piped in.
 *
 * @throws {RoteyError} what `readManifest` and `readMaterial` throw; `ROTEY_PEM_NO_CERTIFICATE` for Secrets without any.
 */
export async function readContents(
  bytes: Uint8Array,
  { input, kind, name }: Pick<ReadInput, 'input' | 'kind'> & { readonly name: string },
  options: ReadInputOptions,
): Promise<ReadInput> {
  if (recognise(bytes) === 'manifest') {
    const entries = (await readManifest(bytes, name)).flatMap((entry) => entryOfSecret(entry, options));
    if (entries.length > 0) return { input, kind: 'secret-manifest', entries, skipped: [] };
    throw new RoteyError('ROTEY_PEM_NO_CERTIFICATE', `The Secrets in ${name} hold neither a certificate nor a key.`, {
      hint: 'Check that the right Secret is named.',
      context: { name },
    });
  }
  const material = readMaterial(bytes, name, options.passphrase);
  const skipped = material.others.map((other) => ({ where: name, what: describeForeign(other) }));
  const entry = { where: name, pairing: pairingOf(name), named: true, ofServer: false, material, problem: undefined };
  return { input, kind, entries: [entry], skipped };
}

function entryOfSecret(entry: SecretEntry, { passphrase }: ReadInputOptions): readonly Entry[] {
  const { where, secret, key, bytes, problem } = entry;
  const known = TLS_FILES.has(key);
  const base = { where, pairing: pairingOf(path.join(secret, key)), named: false, ofServer: false };
  if (bytes === undefined) return [{ ...base, material: undefined, problem }];
  const kind = recognise(bytes);
  if (!known && (kind === 'unknown' || kind === 'empty' || kind === 'manifest')) return [];
  return [{ ...base, ...tryReading(bytes, where, passphrase) }];
}
