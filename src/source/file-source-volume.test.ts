import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { CsiVolume } from '../../test/support/csi-volume.ts';
import { issuePair } from '../../test/support/issued-pair.ts';
import { ManualClock, untilDue } from '../../test/support/manual-clock.ts';
import { temporaryDirectory, WatchedSource } from '../../test/support/watched-source.ts';
import { createAuthority, publishPair } from '../pki/index.ts';

test('the csi-driver renews twice, with a new key each time: two events, at once', async (t) => {
  const volume = new CsiVolume(join(await temporaryDirectory(t), 'certs'));
  const issued = await Promise.all(['one', 'two', 'three'].map((name) => issuePair(name)));
  const [one, two, three] = issued;
  if (!one || !two || !three) return assert.fail();
  await volume.publish(one);
  const { certPath, keyPath } = volume.files;
  const watched = await WatchedSource.open(t, { certPath, keyPath });
  assert.equal(watched.current?.id, one.pair.id);
  assert.equal(watched.source.status().noticedBy, 'events');
  for (const next of [two, three]) {
    await volume.publish(next);
    await watched.untilCurrent(next.pair);
    assert.equal(watched.current?.revealPrivateKey(), next.privateKeyPem);
  }
  watched.assertPairs(issued.map(({ pair }) => pair));
  return assert.deepEqual(watched.problems, []);
});

test('what came whole by a swap is not made to hold still first', async (t) => {
  const volume = new CsiVolume(join(await temporaryDirectory(t), 'certs'));
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  await volume.publish(one);
  const clock = new ManualClock();
  const opening = WatchedSource.open(t, { ...volume.files, clock });
  await untilDue(clock, 100); // the first contents have to hold still, whatever brought them
  await clock.advance(100);
  const watched = await opening;
  await volume.publish(two);
  await watched.untilCurrent(two.pairWithTrust); // and the clock stands still
});

test('the CA is replaced together with the leaf, or alone', async (t) => {
  const volume = new CsiVolume(join(await temporaryDirectory(t), 'certs'));
  const authority = await createAuthority({ commonName: 'another root' });
  const [old, renewed] = [await issuePair('worker'), await issuePair('worker', { authority })];
  await volume.publish(old);
  const watched = await WatchedSource.open(t, volume.files);
  await volume.publish(renewed);
  await watched.untilCurrent(renewed.pairWithTrust);
  assert.equal(watched.current?.trust[0]?.commonName, 'another root');
  const { trustPem } = old;
  await volume.publish({ ...renewed, trustPem });
  await watched.log.until('the first CA again', () => watched.current?.trust[0]?.commonName === 'root for tests');
  assert.equal(watched.current?.leaf.sha256, renewed.pair.leaf.sha256);
  assert.equal(watched.pairs.length, 3);
});

test('the issuer is out of order: expired files stay in place and are no event', async (t) => {
  const volume = new CsiVolume(join(await temporaryDirectory(t), 'certs'));
  const [ended, renewed] = [await issuePair('ended', { lifetimeMs: -1000 }), await issuePair('renewed')];
  await volume.publish(ended);
  const watched = await WatchedSource.open(t, volume.files);
  assert.equal(watched.current?.id, ended.pairWithTrust.id);
  for (let looks = 0; looks < 3; looks++) await watched.source.readNow();
  assert.deepEqual(watched.log.names, []);
  await volume.publish(renewed);
  await watched.untilCurrent(renewed.pairWithTrust);
});

test('two swaps in a row end with the second', async (t) => {
  const volume = new CsiVolume(join(await temporaryDirectory(t), 'certs'));
  const issued = await Promise.all(['one', 'two', 'three'].map((name) => issuePair(name)));
  const [one, two, three] = issued;
  if (!one || !two || !three) return assert.fail();
  await volume.publish(one);
  const watched = await WatchedSource.open(t, volume.files);
  await volume.publish(two);
  await volume.publish(three);
  await watched.untilCurrent(three.pairWithTrust);
  await watched.source.readNow();
  return assert.deepEqual(watched.problems, []);
});

test('a hot loop of swaps while reading: only whole pairs come out, in their order', async (t) => {
  const volume = new CsiVolume(join(await temporaryDirectory(t), 'certs'));
  const issued = await Promise.all(Array.from({ length: 25 }, (_, index) => issuePair(`pair ${index}`)));
  const [first] = issued;
  if (!first) return assert.fail();
  await volume.publish(first);
  const watched = await WatchedSource.open(t, volume.files);
  const swaps = 150;
  for (let swap = 1; swap <= swaps; swap++) {
    const next = issued[swap % issued.length];
    if (!next) return assert.fail();
    await volume.publish(next);
    if (swap % 4 === 0) await immediate();
    // However fast this machine swaps: some looks have to end in between.
    if (swap % 20 === 0) await watched.source.readNow();
  }
  const last = issued[swaps % issued.length];
  if (!last) return assert.fail();
  await watched.source.readNow();
  assert.equal(watched.current?.id, last.pairWithTrust.id);
  const order = new Map(issued.map(({ pairWithTrust }, index) => [pairWithTrust.id, index]));
  let position = 0;
  for (const pair of watched.pairs) {
    const index = order.get(pair.id);
    const published = issued[index ?? -1];
    assert.ok(index !== undefined && published !== undefined, 'a pair that was never published');
    assert.equal(pair.revealPrivateKey(), published.privateKeyPem);
    while (position % issued.length !== index) position++;
    assert.ok(position <= swaps, 'a pair came out after a newer one');
  }
  return assert.ok(watched.pairs.length > 3, `only ${watched.pairs.length} of ${swaps} swaps were seen`);
});

test('unmounted: a problem after a moment, the last pair stays; mounted again: recovered', async (t) => {
  const volume = new CsiVolume(join(await temporaryDirectory(t), 'certs'));
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  await volume.publish(one);
  const watched = await WatchedSource.open(t, { ...volume.files, graceMs: 200 });
  await volume.unpublish();
  await watched.untilProblem('ROTEY_FILE_MISSING');
  assert.equal(watched.current?.id, one.pairWithTrust.id);
  assert.equal(watched.source.status().problem?.code, 'ROTEY_FILE_MISSING');
  await rm(volume.directory, { recursive: true });
  await volume.publish(two);
  await watched.untilCurrent(two.pairWithTrust);
  assert.deepEqual(watched.log.names, ['problem', 'recovered', 'pair']);
  assert.equal(watched.source.status().problem, undefined);
});

for (const layout of ['volume', 'plain'] as const) {
  test(`our own publisher, ${layout}: every pair comes out, and nothing else`, async (t) => {
    const directory = join(await temporaryDirectory(t), 'certs');
    const issued = await Promise.all(['one', 'two', 'three', 'four'].map((name) => issuePair(name)));
    const [first, ...renewals] = issued;
    if (!first) return assert.fail();
    const { certificatePath, keyPath } = await publishPair(directory, first, { layout });
    const caPath = join(directory, 'ca.crt');
    const watched = await WatchedSource.open(t, { certPath: certificatePath, keyPath, caPath, settleMs: 50 });
    for (const renewal of renewals) {
      await publishPair(directory, renewal, { layout });
      await watched.untilCurrent(renewal.pairWithTrust);
    }
    watched.assertPairs(issued.map(({ pairWithTrust }) => pairWithTrust));
    return assert.deepEqual(watched.problems, []);
  });
}

test('live and archive, as certbot has it: a link for each file, turned one after the other', async (t) => {
  const root = await temporaryDirectory(t);
  const [archive, live, mount] = ['archive', 'live', 'mount'].map((name) => join(root, name));
  if (!archive || !live || !mount) return assert.fail();
  const [one, two] = [await issuePair('one'), await issuePair('two')];
  await mkdir(archive);
  await mkdir(live);
  await symlink('live', mount); // a chain of links: mount → live, cert → archive
  const put = async (version: number, { certificatePem, privateKeyPem }: typeof one): Promise<void> => {
    await writeFile(join(archive, `cert${version}.pem`), certificatePem);
    await writeFile(join(archive, `privkey${version}.pem`), privateKeyPem);
    for (const name of ['cert', 'privkey']) {
      await rm(join(live, `${name}.pem`), { force: true });
      await symlink(`../archive/${name}${version}.pem`, join(live, `${name}.pem`));
    }
  };
  await put(1, one);
  const files = { certPath: join(mount, 'cert.pem'), keyPath: join(mount, 'privkey.pem') };
  const watched = await WatchedSource.open(t, files);
  assert.equal(watched.source.status().noticedBy, 'events');
  await put(2, two);
  await watched.untilCurrent(two.pair);
  watched.assertPairs([one.pair, two.pair]);
  return assert.deepEqual(watched.problems, []);
});
