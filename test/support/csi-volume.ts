import { chmod, mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IssuedPair } from './issued-pair.ts';

/**
 * What cert-manager's csi-driver does to a volume, step by step as recorded from csi-driver 0.16.0: the same entries,
 * modes and order of events (0750 instead of 0550 for the directory, so that it works without being root).
 */
export class CsiVolume {
  readonly directory: string;
  #swaps = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  get files(): { readonly certPath: string; readonly keyPath: string; readonly caPath: string } {
    const [certPath, keyPath, caPath] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => join(this.directory, name));
    return { certPath: certPath ?? '', keyPath: keyPath ?? '', caPath: caPath ?? '' };
  }

  /** Issues or renews: the new set appears in one rename, the old directory is gone within half a millisecond. */
  async publish({ certificatePem, privateKeyPem, trustPem }: IssuedPair): Promise<void> {
    const { directory } = this;
    const data = join(directory, '..data');
    const old = await readlink(data).catch(() => undefined);
    if (old === undefined) await mkdir(directory, { recursive: true, mode: 0o750 });
    const generation = `..2026_11_23_23_02_39.${3_295_449_837 + this.#swaps++}`;
    const target = join(directory, generation);
    await mkdir(target, { mode: 0o700 });
    await chmod(target, 0o755);
    for (const [name, content] of shuffled([
      ['tls.crt', certificatePem],
      ['tls.key', privateKeyPem],
      ['ca.crt', trustPem],
    ] as const)) {
      await writeFile(join(target, name), content);
      await chmod(join(target, name), 0o440);
    }
    await symlink(generation, join(directory, '..data_tmp'));
    await rename(join(directory, '..data_tmp'), data);
    if (old !== undefined) await rm(join(directory, old), { recursive: true });
    else for (const name of ['tls.crt', 'tls.key', 'ca.crt']) await symlink(`..data/${name}`, join(directory, name));
  }

  /** Unmounts: `..data` goes first, then the files. */
  async unpublish(): Promise<void> {
    const data = join(this.directory, '..data');
    const old = await readlink(data);
    await rm(data);
    await rm(join(this.directory, old), { recursive: true });
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
