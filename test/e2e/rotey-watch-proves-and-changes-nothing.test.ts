import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAuthority, issueLeaf } from '../../src/pki/index.ts';
import { scrape } from '../support/scrape.ts';
import { statusValidator } from '../support/status-validator.ts';
import { eventually } from './support/eventually.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { WatchProcess, writePair } from './support/run-watch.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const skip = await requireToolchain();

/** Names, contents, modes and times of everything in a folder. */
async function pictureOf(folder: string): Promise<readonly unknown[]> {
  const names = (await readdir(folder, { recursive: true })).sort();
  return await Promise.all(
    names.map(async (name) => {
      const { mode, mtimeMs, size } = await stat(join(folder, name));
      return [name, mode, mtimeMs, size, await readFile(join(folder, name), 'utf8')];
    }),
  );
}

test('rotey watch tells good from refused from unreachable, proves what is renewed, and changes nothing', {
  skip,
}, async (t) => {
  const sandbox = await startTestSandbox(t, { namespaces: ['default', 'orders'] });
  const folder = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const first = await sandbox.issueClient();
  await writePair(folder, 'good', first);
  const stranger = await createAuthority({ commonName: 'nobody knows me' });
  await writePair(folder, 'stranger', await issueLeaf(stranger, { commonName: 'client', usage: 'client' }));
  const config = join(folder, 'watch.yaml');
  const yaml = `
defaults: {address: "${sandbox.address}", caPath: ${sandbox.files.serverCa}, namespaces: [orders]}
watches:
  - {name: good, certPath: good.crt, keyPath: good.key}
  - {name: stranger, certPath: stranger.crt, keyPath: stranger.key}
  - {name: down, certPath: good.crt, keyPath: good.key, address: "127.0.0.1:1"}
`;
  await writeFile(config, yaml);
  const before = await pictureOf(folder);
  const watch = WatchProcess.start(t, folder, '--config', config, '--health-listen', '127.0.0.1:0');
  const health = await watch.health();
  const labels = (name: string, address = sandbox.address) => ({ consumer: 'watch', name, address });

  await t.test('each has its status and its metrics', async () => {
    await watch.line('good is accepted', ({ watch: name, cause }) => name === 'good' && cause === 'new-pair');
    await watch.line('the stranger is refused', ({ verdict }) => verdict === 'refused');
    await watch.line('nobody answers', ({ verdict }) => verdict === 'unobtainable');
    const status = await watch.status();
    (await statusValidator())(status);
    const facts = status.rotations.map(({ name, inUse, candidate, lastError }) => [
      ...[name, inUse?.certificate.serial, candidate?.held, lastError?.code],
    ]);
    assert.deepEqual(
      facts.sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
      [
        ['down', undefined, 'unobtainable', 'ROTEY_CONNECT_REFUSED'],
        ['good', first.serial, undefined, undefined],
        ['stranger', undefined, 'refused', 'ROTEY_CERTIFICATE_UNKNOWN_CA'],
      ],
    );
    assert.equal(status.ready, false);
    assert.equal((await fetch(`http://${health}/readyz`)).status, 503);
    const scraped = await scrape(health);
    assert.equal(scraped.value('rotey_rotation_state', { ...labels('good'), state: 'serving' }), 1);
    assert.equal(scraped.value('rotey_candidate_held', { ...labels('stranger'), reason: 'refused' }), 1);
    assert.equal(
      scraped.value('rotey_candidate_held', { ...labels('down', '127.0.0.1:1'), reason: 'unobtainable' }),
      1,
    );
    assert.deepEqual(await pictureOf(folder), before);
  });

  await t.test('a renewed certificate is proven with the server', async () => {
    const second = await sandbox.issueClient();
    await writePair(folder, 'good', second);
    const renewed = await pictureOf(folder);
    await watch.line('it is accepted', ({ serial, previousSerial }) => {
      return serial === second.serial && previousSerial === first.serial;
    });
    const calls = sandbox.calls.entries().filter(({ serial }) => serial === second.serial);
    assert.deepEqual(
      calls.map(({ method, namespace }) => [method, namespace]),
      [
        ['GetSystemInfo', undefined],
        ['DescribeNamespace', 'orders'],
      ],
    );
    assert.equal((await watch.statusOf('good'))?.inUse?.certificate.serial, second.serial);
    await eventually('no connection stays open', () =>
      sandbox.sessions.entries().every(({ endedAtMs }) => endedAtMs !== undefined),
    );
    assert.deepEqual(await pictureOf(folder), renewed);
  });

  await t.test('SIGHUP reads the file again, and a file that is wrong changes nothing', async () => {
    await writeFile(config, `${yaml}  - {name: wrong}\n`);
    watch.signal('SIGHUP');
    const { message } = await watch.line('it is refused', ({ code }) => code === 'ROTEY_CONFIG_INVALID');
    assert.match(String(message), /watch\.yaml:7:5 watches\[3\]: certPath is missing/);
    assert.equal((await watch.status()).rotations.length, 3);
    await writeFile(config, yaml.replace(/.*(?:stranger|down).*\n/g, ''));
    watch.signal('SIGHUP');
    const { removed, unchanged } = await watch.line('it is read', (line) => Array.isArray(line['removed']));
    assert.deepEqual([removed, unchanged], [['down', 'stranger'], 1]);
    assert.equal((await fetch(`http://${health}/readyz`)).status, 200);
  });

  assert.deepEqual(await watch.end('SIGTERM'), [0, null]);
  assert.doesNotMatch(JSON.stringify(watch.lines), /PRIVATE KEY/);
});
