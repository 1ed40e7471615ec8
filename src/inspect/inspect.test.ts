import assert from 'node:assert/strict';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { rootCertificates } from 'node:tls';
import { cannotHang, mountHanging } from '../../test/support/hanging-mount.ts';
import { LEAF_EXTENSIONS } from '../../test/support/openssl.ts';
import { systemClock } from '../clock.ts';
import { inspectInputs } from './inspect.ts';
import { codes, entryAt, first, inspect, inspectFile, positions } from './testing/look.ts';
import { derOf, layOut, makeMaterial, PASSPHRASE } from './testing/material.ts';

const material = makeMaterial();
const { openssl, root, issuing, leaf, key, lockedKey, otherKey, request } = material;
after(() => openssl.remove());

const NO_FINDINGS: readonly string[] = [];

describe('a file', () => {
  it('is told by its contents: a leaf with its chain and its key', async (t) => {
    const { report, entry } = await inspectFile(t, 'anything', `# ours\r\n${leaf}${issuing}${root}${key}`);
    assert.deepEqual(positions(entry), ['CN=worker leaf', 'CN=Issuing issuer', 'CN=Root root']);
    const { sha1, sha256, serial, secondsLeft, notBefore, notAfter, chain, privateKey, ...facts } = first(entry);
    assert.deepEqual(facts, {
      ...{ position: 'leaf', subject: 'O=Example, CN=worker', issuer: 'O=Example, CN=Issuing', version: 3 },
      ...{ selfSigned: false, validity: 'valid', key: { type: 'ec', bits: 256, curve: 'prime256v1' } },
      ...{ signatureAlgorithm: 'ecdsa-with-SHA256', sans: ['DNS:worker.example.com'], ca: false, pathLength: null },
      ...{ keyUsage: ['digitalSignature'], extendedKeyUsage: ['clientAuth'], chainEnd: 'root' },
    });
    openssl.write('leaf.pem', leaf);
    const shown = (...args: string[]): string =>
      openssl
        .run('x509', '-in', 'leaf.pem', '-noout', ...args)
        .toString()
        .trim();
    assert.equal(
      `sha1 Fingerprint=${sha1}`.toLowerCase(),
      shown('-fingerprint', '-sha1').replaceAll(':', '').toLowerCase(),
    );
    assert.equal(
      `sha256 Fingerprint=${sha256}`.toLowerCase(),
      shown('-fingerprint', '-sha256').replaceAll(':', '').toLowerCase(),
    );
    assert.equal(`serial=${serial}`, shown('-serial'));
    assert.equal(Date.parse(notAfter), Date.parse(shown('-enddate').replace('notAfter=', '')));
    assert.equal(Date.parse(notBefore), Date.parse(shown('-startdate').replace('notBefore=', '')));
    assert.ok(secondsLeft > 29 * 86_400 && secondsLeft <= 30 * 86_400);
    assert.deepEqual(
      chain.map(({ subject }) => subject),
      ['O=Example, CN=Issuing', 'O=Example, CN=Root'],
    );
    assert.deepEqual(privateKey, { match: 'found', where: [entry.where] });
    assert.deepEqual(codes(entry), NO_FINDINGS);
    assert.equal(report.worst, 'none');
  });

  it('with DER inside is the same', async (t) => {
    const directory = layOut(t, { 'leaf.der': derOf(leaf), 'key.der': derOf(key), 'ca.der': derOf(issuing) });
    const report = await inspect(['leaf.der', 'key.der', 'ca.der'].map((name) => path.join(directory, name)));
    const entry = entryAt(report, 'leaf.der');
    assert.deepEqual(first(entry).privateKey.where, [path.join(directory, 'key.der')]);
    assert.equal(first(entry).chain[0]?.where, path.join(directory, 'ca.der'));
    assert.equal(first(entry).nextIssuer, 'O=Example, CN=Root');
    assert.deepEqual(codes(entry), ['CHAIN_INCOMPLETE info']);
    assert.equal(entryAt(report, 'key.der').keys[0]?.belongsTo[0]?.where, path.join(directory, 'leaf.der'));
  });

  it('of CAs alone is a bundle, a leaf when it is said to be one', async (t) => {
    const { entry } = await inspectFile(t, 'ca.pem', issuing + root);
    assert.equal(entry.role, 'ca-bundle');
    assert.deepEqual(positions(entry), ['CN=Issuing ca', 'CN=Root ca']);
    const asked = await inspectFile(t, 'ca.pem', root, { role: 'leaf' });
    assert.equal(asked.entry.role, 'leaf');
    assert.deepEqual(codes(asked.entry), ['LEAF_IS_CA warning', 'SELF_SIGNED warning', 'NO_DIGITAL_SIGNATURE warning']);
    const mixed = await inspectFile(t, 'mixed.pem', leaf + root, { role: 'ca-bundle', rules: 'cloud' });
    assert.ok(codes(mixed.entry).includes('BUNDLE_NOT_CA error'));
  });

  it('tells what is out of order in it', async (t) => {
    const stranger = openssl.certificate({ subject: '/CN=stranger', key: openssl.key(), extensions: LEAF_EXTENSIONS });
    const { entry } = await inspectFile(t, 'x.pem', issuing + leaf + leaf + root + openssl.read(stranger));
    // Two leaves: nothing can be said of an order.
    assert.deepEqual(positions(entry), [
      'CN=Issuing issuer',
      'CN=worker leaf',
      'CN=worker leaf',
      'CN=Root root',
      'CN=stranger leaf',
    ]);
    const { entry: one } = await inspectFile(t, 'x.pem', issuing + leaf + leaf + root + key + otherKey);
    assert.deepEqual(codes(one), ['LEAF_NOT_FIRST info', 'SEVERAL_KEYS info', 'CERTIFICATE_REPEATED info']);
  });

  it('may hold a key alone, which is not an error, and a locked one, which is not opened', async (t) => {
    const { entry } = await inspectFile(t, 'x.key', key);
    assert.equal(entry.role, 'keys');
    assert.deepEqual(entry.keys, [
      { line: 1, encrypted: false, key: { type: 'ec', bits: 256, curve: 'prime256v1' }, belongsTo: [] },
    ]);
    assert.deepEqual(codes(entry), NO_FINDINGS);
    const locked = await inspectFile(t, 'x.key', lockedKey);
    assert.deepEqual(locked.entry.keys, [{ line: 1, encrypted: true, belongsTo: [] }]);
    assert.deepEqual(codes(locked.entry), ['KEY_PASSPHRASE_MISSING info']);
  });

  it('that is of another kind is refused with what to do about it', async (t) => {
    for (const [name, content, code, hint] of [
      ['x.csr', request, 'ROTEY_INPUT_UNSUPPORTED', /openssl req/],
      ['x.der', derOf(request), 'ROTEY_INPUT_UNSUPPORTED', /openssl req/],
      [
        'x.p12',
        Buffer.from('3080020103308006092a864886f70d010701', 'hex'),
        'ROTEY_INPUT_UNSUPPORTED',
        /openssl pkcs12/,
      ],
      ['x.txt', 'hello', 'ROTEY_INPUT_UNRECOGNISED', /Secret manifest/],
      ['x.pem', '', 'ROTEY_PEM_NO_CERTIFICATE', /written/],
      ['x.pem', leaf.slice(0, 300), 'ROTEY_PEM_TRUNCATED', /written/],
      ['x.pem', leaf.replace(/\n.{40}/, '\n'), 'ROTEY_CERTIFICATE_MALFORMED', /openssl x509/],
    ] as const) {
      const report = await inspect([path.join(layOut(t, { [name]: content }), name)]);
      assert.equal(report.inputs[0]?.error?.code, code, name);
      assert.match(report.inputs[0]?.error?.hint ?? '', hint);
      assert.equal(report.worst, 'error');
    }
  });

  it('that cannot be read does not hide the others', async (t) => {
    const directory = layOut(t, { 'leaf.pem': leaf });
    const report = await inspect([path.join(directory, 'nothing'), path.join(directory, 'leaf.pem')]);
    assert.deepEqual(
      report.inputs.map(({ error, entries }) => [error?.code, entries.length]),
      [
        ['ROTEY_FILE_MISSING', 0],
        [undefined, 1],
      ],
    );
    assert.match(report.inputs[0]?.error?.hint ?? '', /host:port/);
  });

  it('may be called like an address: an existing path wins', async (t) => {
    const directory = layOut(t, { 'localhost:7233': leaf });
    assert.equal((await inspect([path.join(directory, 'localhost:7233')])).inputs[0]?.kind, 'file');
    assert.equal((await inspect(['127.0.0.1:1'])).inputs[0]?.kind, 'server');
    assert.equal((await inspect([path.join(directory, 'other:7233')])).inputs[0]?.error?.code, 'ROTEY_FILE_MISSING');
  });
});

describe('stdin', () => {
  it('is read to its end, in any pieces', async () => {
    const pieces = (leaf + key).match(/[\s\S]{1,100}/g)?.map((piece) => Buffer.from(piece)) ?? [];
    const report = await inspect(['-'], { stdin: Readable.from(pieces) });
    assert.equal(report.inputs[0]?.kind, 'stdin');
    assert.equal(first(entryAt(report, 'stdin')).privateKey.match, 'found');
  });

  it('is not read without end, and may be interrupted', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536, '#');
      })(),
    );
    assert.equal((await inspect(['-'], { stdin: endless })).inputs[0]?.error?.code, 'ROTEY_FILE_TOO_LARGE');
    const stop = new AbortController();
    const silent = new Readable({ read: () => stop.abort(new Error('enough')) });
    await assert.rejects(inspect(['-'], { stdin: silent, signal: stop.signal }), /enough/);
    assert.ok(silent.destroyed);
  });
});

describe('a key', () => {
  it('is found in another input, and told when it belongs to another certificate', async (t) => {
    const directory = layOut(t, { 'tls.crt': leaf, 'tls.key': otherKey, 'elsewhere.key': key });
    const [crt, wrong, right] = ['tls.crt', 'tls.key', 'elsewhere.key'].map((name) => path.join(directory, name));
    assert.ok(crt && wrong && right);
    const mismatch = await inspect([crt, wrong]);
    assert.deepEqual(codes(entryAt(mismatch, 'tls.key')), ['PAIR_MISMATCH error']);
    assert.match(
      entryAt(mismatch, 'tls.key').findings[0]?.message ?? '',
      /tls\.key, line 1, .*"O=Example, CN=worker".*tls\.crt\.$/,
    );
    assert.equal(first(entryAt(mismatch, 'tls.crt')).privateKey.match, 'not-found');
    assert.equal(mismatch.worst, 'error');
    const found = await inspect([crt, wrong, right]);
    assert.deepEqual(codes(entryAt(found, 'tls.key')), NO_FINDINGS);
    assert.deepEqual(first(entryAt(found, 'tls.crt')).privateKey, { match: 'found', where: [right] });
  });

  it('that is the only one is meant for the only leaf, whatever they are called', async (t) => {
    const directory = layOut(t, { 'a.pem': leaf, 'ca.pem': issuing + root, 'b.pem': otherKey });
    const files = ['a.pem', 'ca.pem', 'b.pem'].map((name) => path.join(directory, name));
    assert.deepEqual(codes(entryAt(await inspect(files), 'b.pem')), ['PAIR_MISMATCH error']);
    const withAnother = [...files, path.join(layOut(t, { 'c.pem': key }), 'c.pem')];
    assert.deepEqual(codes(entryAt(await inspect(withAnother), 'b.pem')), NO_FINDINGS);
  });

  it('that is locked leaves open whether it belongs, until it is opened', async (t) => {
    const directory = layOut(t, { 'tls.crt': leaf, 'tls.key': lockedKey });
    const locked = await inspect([directory]);
    const place = path.join(directory, 'tls.key');
    assert.deepEqual(first(entryAt(locked, 'tls.crt')).privateKey, { match: 'unknown', where: [place] });
    const opened = await inspect([directory], { passphrase: PASSPHRASE });
    assert.deepEqual(first(entryAt(opened, 'tls.crt')).privateKey, { match: 'found', where: [place] });
    const wrong = await inspect([directory], { passphrase: 'wrong' });
    assert.deepEqual(codes(entryAt(wrong, 'tls.key')), ['KEY_PASSPHRASE_WRONG error']);
  });

  it('that is damaged is an error', async (t) => {
    const der = derOf(key);
    const at = der.indexOf(Buffer.from('0201010420', 'hex')) + 20;
    der[at] = (der[at] ?? 0) ^ 1;
    const directory = layOut(t, { 'tls.crt': leaf, 'tls.key': der });
    assert.deepEqual(codes(entryAt(await inspect([directory]), 'tls.key')), ['KEY_MALFORMED error']);
  });
});

describe('time', () => {
  const at = (daysFromNow: number) => ({ ...systemClock, now: () => Date.now() + daysFromNow * 86_400_000 });

  it('makes an expired leaf an error, by the clock that is handed in', async (t) => {
    const { entry } = await inspectFile(t, 'x.pem', leaf + issuing + root, { clock: at(40) });
    assert.equal(first(entry).validity, 'expired');
    assert.ok(first(entry).secondsLeft < 0);
    assert.deepEqual(codes(entry), ['EXPIRED error', 'ISSUER_EXPIRED warning', 'ISSUER_EXPIRED warning']);
    const { entry: early } = await inspectFile(t, 'x.pem', leaf, { clock: at(-1) });
    assert.equal(first(early).validity, 'not-yet-valid');
  });

  it('makes one that ends too soon an error where it was asked for, each told once', async (t) => {
    const within = { expiresWithinMs: 60 * 86_400_000 };
    const { entry } = await inspectFile(t, 'x.pem', leaf + issuing, within);
    assert.deepEqual(codes(entry), ['EXPIRES_WITHIN error', 'EXPIRES_WITHIN error', 'CHAIN_INCOMPLETE info']);
    const { entry: expired } = await inspectFile(t, 'x.pem', leaf, { ...within, clock: at(31) });
    assert.deepEqual(codes(expired), ['EXPIRES_WITHIN error', 'CHAIN_INCOMPLETE info']);
    const { entry: bundle } = await inspectFile(t, 'x.pem', root, within);
    assert.deepEqual(codes(bundle), ['EXPIRES_WITHIN error']);
    const { entry: fine } = await inspectFile(t, 'x.pem', root, { expiresWithinMs: 86_400_000 });
    assert.deepEqual(codes(fine), NO_FINDINGS);
  });
});

describe("Temporal Cloud's rules", () => {
  it('are for leaves', async (t) => {
    const bare = openssl.certificate({
      subject: '/CN=bare',
      key: openssl.key(),
      extensions: ['basicConstraints=CA:FALSE'],
    });
    const { entry, report } = await inspectFile(t, 'x.pem', openssl.read(bare), { rules: 'cloud' });
    assert.deepEqual(codes(entry), ['SELF_SIGNED error', 'KEY_USAGE_ABSENT error']);
    assert.equal(report.rules, 'cloud');
  });

  it('and for bundles, and know public CAs', async (t) => {
    const { entry } = await inspectFile(t, 'x.pem', issuing, { rules: 'cloud' });
    assert.deepEqual(codes(entry), ['BUNDLE_ISSUER_ABSENT error']);
    const { entry: known } = await inspectFile(t, 'x.pem', rootCertificates[0] ?? '', { rules: 'cloud' });
    assert.ok(codes(known).includes('BUNDLE_PUBLIC_CA warning'));
  });
});

it('waits for a file system that does not answer until somebody has had enough', { skip: cannotHang() }, async (t) => {
  const { directory } = await mountHanging(t);
  const stop = new AbortController();
  const looking = inspectInputs([{ t: 'argument', text: directory }], { signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(looking, /enough/);
});
