/** Certificates and keys of openssl's making, in a directory of files that a test lays out as it likes. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { CA_EXTENSIONS, LEAF_EXTENSIONS, OpenSsl } from '../../../test/support/openssl.ts';

/** A root, an issuing CA below it, and a leaf of that; PEM. */
export interface Material {
  readonly openssl: OpenSsl;
  readonly root: string;
  readonly rootKey: string;
  readonly issuing: string;
  readonly leaf: string;
  readonly key: string;
  /** {@link key} under the passphrase `open sesame`. */
  readonly lockedKey: string;
  /** A key that belongs to nothing. */
  readonly otherKey: string;
  readonly request: string;
}

export const PASSPHRASE = 'open sesame';

export function makeMaterial(): Material {
  const openssl = new OpenSsl();
  const [rootKey, issuingKey, key, otherKey] = [openssl.key(), openssl.key(), openssl.key(), openssl.key()];
  // Each ends days before its issuer, however long making them takes: 36, 34 and 30 days from now.
  const root = openssl.certificate({
    ...{ subject: '/O=Example/CN=Root', key: rootKey, extensions: CA_EXTENSIONS, args: ['-days', '36'] },
  });
  const issuing = openssl.certificate({
    ...{ subject: '/O=Example/CN=Issuing', key: issuingKey, extensions: CA_EXTENSIONS, args: ['-days', '34'] },
    issuer: { certificate: root, key: rootKey },
  });
  const leaf = openssl.certificate({
    ...{ subject: '/O=Example/CN=worker', key },
    extensions: [...LEAF_EXTENSIONS, 'subjectAltName=DNS:worker.example.com'],
    issuer: { certificate: issuing, key: issuingKey },
  });
  openssl.run('pkcs8', '-topk8', '-in', key, '-out', 'locked.pem', '-iter', '1', '-passout', `pass:${PASSPHRASE}`);
  const read = (name: string): string => openssl.read(name);
  return {
    openssl,
    ...{ root: read(root), rootKey: read(rootKey), issuing: read(issuing), leaf: read(leaf), key: read(key) },
    ...{ lockedKey: read('locked.pem'), otherKey: read(otherKey), request: read(`${leaf}.csr`) },
  };
}

/** A directory that is removed after the test. */
export function layOut(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'rotey-inspect-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), content);
  }
  return directory;
}

/** A directory as the kubelet mounts a Secret: links to links into a hidden directory. */
export function layOutVolume(t: TestContext, files: Readonly<Record<string, string>>): string {
  const names = Object.keys(files);
  const directory = layOut(t, Object.fromEntries(names.map((name) => [`..2026_11_26/${name}`, files[name] ?? ''])));
  symlinkSync('..2026_11_26', path.join(directory, '..data'));
  for (const name of names) symlinkSync(path.join('..data', name), path.join(directory, name));
  return directory;
}

export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ''), 'base64');
}
