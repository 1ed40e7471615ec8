import assert from 'node:assert/strict';
import { appendFile, mkdir, open, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { CsiVolume } from '../../test/support/csi-volume.ts';
import { type IssuedPair, issuePair } from '../../test/support/issued-pair.ts';
import { ManualClock, untilDue } from '../../test/support/manual-clock.ts';
import { temporaryDirectory, WatchedSource } from '../../test/support/watched-source.ts';
import { createAuthority, issueLeaf } from '../pki/index.ts';
import type { FileSourceOptions } from './file-source.ts';

interface PlainFiles {
  readonly directory: string;
  readonly certPath: string;
  readonly keyPath: string;
}

async function plainFiles(t: TestContext, { certificatePem, privateKeyPem }: IssuedPair): Promise<PlainFiles> {
  const directory = join(await temporaryDirectory(t), 'certs');
  await mkdir(directory);
  const files = { directory, certPath: join(directory, 'tls.crt'), keyPath: join(directory, 'tls.key') };
  await writeFile(files.certPath, certificatePem);
  await writeFile(files.keyPath, privateKeyPem);
  return files;
}

async function watchPlain(
  t: TestContext,
  issued: IssuedPair,
  options: Partial<FileSourceOptions> = {},
): Promise<{ readonly files: PlainFiles; readonly watched: WatchedSource }> {
  const files = await plainFiles(t, issued);
  const { certPath, keyPath } = files;
  const watched = await WatchedSource.open(t, { certPath, keyPath, settleMs: 50, ...options });
  assert.equal(watched.current?.id, issued.pair.id);
  return { files, watched };
}

for (const order of ['certificate, then key', 'key, then certificate']) {
  test(`overwritten, ${order}, with a short gap: one event and no problem`, async (t) => {
    const [one, two] = [await issuePair('one'), await issuePair('two')];
    const { files, watched } = await watchPlain(t, one, { graceMs: 20_000 });
    const steps = [
      () => writeFile(files.certPath, two.certificatePem),
      () => writeFile(files.keyPath, two.privateKeyPem),
    ];
    if (order.startsWith('key')) steps.reverse();
    for (const step of steps) {
      await step();
      await watched.source.readNow(); // looked at in between
    }
    watched.assertPairs([one.pair, two.pair]);
    assert.deepEqual(watched.log.names, ['pair']);
  });

  test(`overwritten, ${order}, with a gap longer than the grace: mismatch, then recovered`, async (t) => {
    const [one, two] = [await issuePair('one'), await issuePair('two')];
    const { files, watched } = await watchPlain(t, one, { graceMs: 100 });
    const steps = [
      () => writeFile(files.certPath, two.certificatePem),
      () => writeFile(files.keyPath, two.privateKeyPem),
    ];
    if (order.startsWith('key')) steps.reverse();
    await steps[0]?.();
    await watched.untilProblem('ROTEY_PAIR_MISMATCH');
    assert.equal(watched.current?.id, one.pair.id, 'the last good pair stays');
    const status = watched.source.status();
    assert.equal(status.problem?.code, 'ROTEY_PAIR_MISMATCH');
    assert.ok((status.lastReadAtMs ?? 0) > (status.lastGoodAtMs ?? 0));
    for (let looks = 0; looks < 3; looks++) await watched.source.readNow();
    assert.deepEqual(watched.log.names, ['problem'], 'told once');
    await steps[1]?.();
    await watched.untilCurrent(two.pair);
    assert.deepEqual(watched.log.names, ['problem', 'recovered', 'pair']);
    assert.equal(watched.source.status().problem, undefined);
  });
}

test('another reason is another problem, and the pair that was there before is no event', async (t) => {
  const one = await issuePair('one');
  const { files, watched } = await watchPlain(t, one, { graceMs: 50 });
  await writeFile(files.certPath, 'not a certificate');
  await watched.untilProblem('ROTEY_PEM_NO_CERTIFICATE');
  await rm(files.certPath);
  await watched.untilProblem('ROTEY_FILE_MISSING');
  await writeFile(files.certPath, one.certificatePem);
  await watched.log.until('recovered', () => watched.log.names.at(-1) === 'recovered');
  assert.deepEqual(watched.log.names, ['problem', 'problem', 'recovered']);
});

test('written in place byte by byte, a chain of two: no leaf without its intermediate comes out', async (t) => {
  const root = await createAuthority({ commonName: 'root' });
  const authority = await createAuthority({ commonName: 'intermediate', issuer: root });
  const [one, two] = [await issuePair('one', { authority }), await issuePair('two', { authority })];
  assert.equal(two.pair.chain.length, 2);
  const { files, watched } = await watchPlain(t, one, { settleMs: 300, graceMs: 20_000 });
  for (const [file, content] of [
    [files.keyPath, two.privateKeyPem],
    [files.certPath, two.certificatePem],
  ] as const) {
    const handle = await open(file, 'w');
    for (const byte of content) {
      await handle.write(byte);
      if (byte === '\n') await immediate();
    }
    await handle.close();
  }
  await watched.untilCurrent(two.pair);
  watched.assertPairs([one.pair, two.pair]);
  assert.deepEqual(watched.problems, []);
});

test('a CA volume that is swapped meanwhile does not make half a chain count', async (t) => {
  const authority = await createAuthority({
    commonName: 'intermediate',
    issuer: await createAuthority({ commonName: 'root' }),
  });
  const [one, two] = [await issuePair('one'), await issuePair('two', { authority })];
  const { certPath, keyPath } = await plainFiles(t, one);
  const volume = new CsiVolume(join(await temporaryDirectory(t), 'trust'));
  await volume.publish(one);
  const clock = new ManualClock();
  const { caPath } = volume.files;
  const opening = WatchedSource.open(t, { certPath, keyPath, caPath, clock });
  await untilDue(clock, 100);
  await clock.advance(100);
  const watched = await opening;
  await writeFile(keyPath, two.privateKeyPem);
  await writeFile(certPath, two.pair.leaf.pem);
  await volume.publish(two);
  await untilDue(clock, 100); // it was looked at
  await appendFile(certPath, authority.certificatePem);
  for (let turns = 0; watched.current?.id !== two.pairWithTrust.id && turns < 100_000; turns++) {
    await clock.advance(clock.untilNextMs <= 100 ? 10 : 0);
  }
  watched.assertPairs([one.pairWithTrust, two.pairWithTrust]);
});

test('an intermediate that is appended later is a change of its own', async (t) => {
  const root = await createAuthority({ commonName: 'root' });
  const authority = await createAuthority({ commonName: 'intermediate', issuer: root });
  const [one, two] = [await issuePair('one'), await issuePair('two', { authority })];
  const { files, watched } = await watchPlain(t, one);
  await writeFile(files.keyPath, two.privateKeyPem);
  await writeFile(files.certPath, two.pair.leaf.pem);
  await watched.log.until('the leaf alone', () => watched.current?.leaf.sha256 === two.pair.leaf.sha256);
  await appendFile(files.certPath, authority.certificatePem);
  await watched.untilCurrent(two.pair);
  assert.deepEqual(
    watched.pairs.map(({ chain }) => chain.length),
    [1, 1, 2],
  );
});

test('renamed over, one file after the other', async (t) => {
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  const { files, watched } = await watchPlain(t, one);
  for (const [file, content] of [
    [files.keyPath, two.privateKeyPem],
    [files.certPath, two.certificatePem],
  ] as const) {
    await writeFile(`${file}.new`, content);
    await rename(`${file}.new`, file);
  }
  await watched.untilCurrent(two.pair);
  watched.assertPairs([one.pair, two.pair]);
  assert.deepEqual(watched.problems, []);
});

test('deleted and made again', async (t) => {
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  const { files, watched } = await watchPlain(t, one, { graceMs: 50 });
  await rm(files.certPath);
  await rm(files.keyPath);
  await watched.untilProblem('ROTEY_FILE_MISSING');
  await writeFile(files.certPath, two.certificatePem);
  await writeFile(files.keyPath, two.privateKeyPem);
  await watched.untilCurrent(two.pair);
  watched.assertPairs([one.pair, two.pair]);
});

test('the same contents written again, or only touched, are no event', async (t) => {
  const one = await issuePair('one');
  const { files, watched } = await watchPlain(t, one);
  await writeFile(files.certPath, one.certificatePem);
  await watched.source.readNow();
  await writeFile(files.keyPath, one.privateKeyPem);
  await watched.source.readNow();
  await utimes(files.certPath, new Date(), new Date());
  await writeFile(`${files.keyPath}.new`, one.privateKeyPem);
  await rename(`${files.keyPath}.new`, files.keyPath);
  await writeFile(
    files.certPath,
    `# a comment, with other line ends\r\n${one.certificatePem.replaceAll('\n', '\r\n')}`,
  );
  await watched.source.readNow();
  assert.deepEqual(watched.log.names, []);
});

test('going back to an earlier pair is a change', async (t) => {
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  const { files, watched } = await watchPlain(t, one);
  for (const next of [two, one, two]) {
    await writeFile(files.keyPath, next.privateKeyPem);
    await writeFile(files.certPath, next.certificatePem);
    await watched.untilCurrent(next.pair);
  }
  watched.assertPairs([one.pair, two.pair, one.pair, two.pair]);
});

test('a certificate that is renewed with the same key is a change', async (t) => {
  const one = await issuePair('one');
  const { files, watched } = await watchPlain(t, one);
  const authority = await createAuthority({ commonName: 'root' });
  const renewed = await issueLeaf(authority, { commonName: 'one', usage: 'client', key: one.privateKeyPem });
  await writeFile(files.certPath, renewed.chainPem);
  await watched.log.until('the renewed one', () => watched.current?.leaf.serial === renewed.serial);
  assert.deepEqual(watched.log.names, ['pair']);
});

test('certificate and key in one file', async (t) => {
  const file = join(await temporaryDirectory(t), 'both.pem');
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  await writeFile(file, one.certificatePem + one.privateKeyPem);
  const watched = await WatchedSource.open(t, { certPath: file, keyPath: file, settleMs: 50 });
  assert.equal(watched.current?.id, one.pair.id);
  await writeFile(file, two.privateKeyPem + two.certificatePem);
  await watched.untilCurrent(two.pair);
  watched.assertPairs([one.pair, two.pair]);
  assert.equal(watched.source.status().description, file);
});

test('a file that is far too large is refused before it fills the memory', async (t) => {
  const one = await issuePair('one');
  const { files, watched } = await watchPlain(t, one, { graceMs: 50 });
  await writeFile(files.certPath, Buffer.alloc(2 * 1024 * 1024));
  await watched.untilProblem('ROTEY_FILE_TOO_LARGE');
  assert.equal(watched.current?.id, one.pair.id);
});
