import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { codes, entriesOf, entryAt, first, inspect } from './testing/look.ts';
import { layOut, layOutVolume, makeMaterial } from './testing/material.ts';

const material = makeMaterial();
const { openssl, root, rootKey, issuing, leaf, key, otherKey, request } = material;
after(() => openssl.remove());

describe('a directory', () => {
  it('that is a mounted Secret', async (t) => {
    const directory = layOutVolume(t, { 'tls.crt': leaf + issuing, 'tls.key': key, 'ca.crt': root });
    const report = await inspect([directory]);
    assert.equal(report.inputs[0]?.layout, 'kubernetes-volume');
    assert.deepEqual(
      entriesOf(report).map(({ where, role }) => [path.basename(where), role]),
      [
        ['ca.crt', 'ca-bundle'],
        ['tls.crt', 'leaf'],
        ['tls.key', 'keys'],
      ],
    );
    assert.equal(first(entryAt(report, 'tls.crt')).chainEnd, 'root');
    assert.equal(report.worst, 'none');
  });

  it('with an intermediate certificate in another file than the leaf: it is not presented', async (t) => {
    const directory = layOut(t, { 'tls.crt': leaf, 'tls.key': key, 'ca.crt': issuing + root });
    const entry = entryAt(await inspect([directory]), 'tls.crt');
    assert.deepEqual(codes(entry), ['CHAIN_INCOMPLETE info']);
    assert.match(entry.findings[0]?.message ?? '', /CN=Issuing.* stands in .*ca\.crt and not in .*tls\.crt/);
  });

  it('that is a depot of certstrap', async (t) => {
    const directory = layOut(t, {
      ...{
        'Root.crt': root,
        'Root.key': rootKey,
        'Root.crl': '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n',
      },
      ...{ 'worker.crt': leaf, 'worker.key': otherKey, 'worker.csr': request },
    });
    const report = await inspect([directory]);
    assert.equal(report.inputs[0]?.layout, 'certstrap');
    assert.equal(first(entryAt(report, 'Root.crt')).privateKey.match, 'found');
    assert.deepEqual(codes(entryAt(report, 'worker.key')), ['PAIR_MISMATCH error']);
    assert.deepEqual(
      report.inputs[0]?.skipped.map(({ where, what }) => [path.basename(where), what]),
      [
        ['Root.crl', 'a certificate revocation list'],
        ['worker.csr', 'a certificate request'],
      ],
    );
  });

  it('of any other kind: pairs by key, no directories below, no hidden files, nothing else', async (t) => {
    const directory = layOut(t, {
      ...{
        'README.md': 'hello',
        'values.yaml': 'kind: x\napiVersion: y\n',
        'sub/other.pem': root,
        '.hidden.pem': root,
      },
      ...{ 'a.pem': leaf, 'b.pem': key, 'big.bin': Buffer.alloc(1024 * 1024 + 1) },
    });
    const report = await inspect([directory]);
    assert.equal(report.inputs[0]?.layout, 'files');
    assert.deepEqual(
      entriesOf(report).map(({ where }) => path.basename(where)),
      ['a.pem', 'b.pem'],
    );
    assert.equal(first(entryAt(report, 'a.pem')).privateKey.match, 'found');
    assert.deepEqual(report.inputs[0]?.skipped, [{ where: path.join(directory, 'big.bin'), what: 'too large' }]);
  });

  it('with a file that cannot be read, or a damaged one, tells so and shows the rest', async (t) => {
    const directory = layOut(t, { 'a.pem': leaf, 'b.pem': leaf.slice(0, 200), 'tls.key': '' });
    const report = await inspect([directory]);
    assert.equal(entryAt(report, 'b.pem').error?.code, 'ROTEY_PEM_TRUNCATED');
    assert.equal(entryAt(report, 'tls.key').error?.code, 'ROTEY_PEM_NO_CERTIFICATE');
    assert.equal(entryAt(report, 'a.pem').error, undefined);
    assert.equal(report.worst, 'error');
  });

  it('that nobody may read', { skip: process.getuid?.() === 0 ? 'root may read anything' : false }, async (t) => {
    const directory = layOut(t, { 'a.pem': leaf });
    chmodSync(path.join(directory, 'a.pem'), 0);
    assert.equal(entryAt(await inspect([directory]), 'a.pem').error?.code, 'ROTEY_FILE_UNREADABLE');
  });

  it('without any of it', async (t) => {
    const report = await inspect([layOut(t, { 'README.md': 'hello' })]);
    assert.equal(report.inputs[0]?.error?.code, 'ROTEY_PEM_NO_CERTIFICATE');
  });
});

describe('a Secret manifest', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const manifest = (crt: string, keyText: string): string =>
    `apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata:\n  name: worker\n  namespace: orders\n` +
    `data:\n  tls.crt: ${base64(crt)}\n  tls.key: ${base64(keyText)}\n  password: ${base64('hunter2')}\n`;

  it('is taken for its files', async (t) => {
    const file = path.join(layOut(t, { 's.yaml': manifest(leaf + issuing + root, key) }), 's.yaml');
    const report = await inspect([file]);
    assert.equal(report.inputs[0]?.kind, 'secret-manifest');
    assert.deepEqual(
      entriesOf(report).map(({ where }) => where),
      [`${file} (orders/worker, tls.crt)`, `${file} (orders/worker, tls.key)`],
    );
    assert.deepEqual(first(entryAt(report, 'tls.crt)')).privateKey.where, [`${file} (orders/worker, tls.key)`]);
    assert.equal(report.worst, 'none');
  });

  it('tells that its files do not belong together, or cannot be read', async () => {
    const wrong = await inspect(['-'], { stdin: Readable.from([Buffer.from(manifest(leaf, otherKey))]) });
    assert.deepEqual(codes(entryAt(wrong, 'tls.key)')), ['PAIR_MISMATCH error']);
    const bad = await inspect(['-'], { stdin: Readable.from([Buffer.from(manifest('hello', ''))]) });
    assert.equal(entryAt(bad, 'tls.crt)').error?.code, 'ROTEY_INPUT_UNRECOGNISED');
    assert.equal(entryAt(bad, 'tls.key)').error?.code, 'ROTEY_PEM_NO_CERTIFICATE');
    const plain = Buffer.from(`${manifest(leaf, key)}  client.pem: not-base64\n`);
    const { error } = entryAt(await inspect(['-'], { stdin: Readable.from([plain]) }), 'client.pem)');
    assert.match(error?.message ?? '', /^stdin:11:15 data\.client\.pem is not base64/);
  });
});
