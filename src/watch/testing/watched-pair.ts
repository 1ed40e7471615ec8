import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryDirectory } from '../../../test/support/watched-source.ts';
import { type CertificateAuthority, type IssuedLeaf, issueLeaf } from '../../pki/index.ts';
import type { TestPki } from '../../probe/testing/servers.ts';
import type { WatchSpec } from '../watch-spec.ts';

/** A pair in a directory of its own, and what is needed to watch it. */
export interface WatchedPair {
  readonly directory: string;
  readonly spec: WatchSpec;
  readonly leaf: IssuedLeaf;
  /** Another certificate in its place. */
  replace(authority?: CertificateAuthority): Promise<IssuedLeaf>;
}

export interface WatchedPairOptions extends Partial<Omit<WatchSpec, 'target'>> {
  readonly address: string;
  readonly namespaces?: readonly string[];
  readonly authority?: CertificateAuthority;
}

/** Watched once a minute without an event, so that what is noticed is noticed by events; proven once. */
export async function publishPair(
  t: TestContext,
  pki: TestPki,
  { address, namespaces = ['orders'], authority = pki.authority, ...more }: WatchedPairOptions,
): Promise<WatchedPair> {
  const directory = await temporaryDirectory(t);
  const [certPath, keyPath, caPath] = ['tls.crt', 'tls.key', 'ca.crt'].map((file) => join(directory, file)) as [
    ...[string, string, string],
  ];
  const replace = async (by: CertificateAuthority = pki.authority): Promise<IssuedLeaf> => {
    const leaf = await issueLeaf(by, { commonName: 'worker', usage: 'client' });
    for (const [path, text] of [
      [keyPath, leaf.revealPrivateKey()],
      [certPath, leaf.chainPem],
    ] as const) {
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    }
    return leaf;
  };
  await writeFile(caPath, pki.trustPem);
  const leaf = await replace(authority);
  const target = { address, namespaces };
  const spec = { name: 'orders', certPath, keyPath, caPath, target, proveEveryMs: 0, pollMs: 60_000, ...more };
  return { directory, spec, leaf, replace };
}

/** For watches without secrets in files. */
export const NO_SECRETS = (file: string): Promise<never> => Promise.reject(new Error(`nobody should read ${file}`));
