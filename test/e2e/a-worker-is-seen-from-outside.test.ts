import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Registry } from 'prom-client';
import { callControl, type StatusDocument } from '../../src/observe/index.ts';
import { createAuthority, issueLeaf } from '../../src/pki/index.ts';
import { scrape } from '../support/scrape.ts';
import { statusValidator } from '../support/status-validator.ts';
import { temporaryDirectory } from '../support/watched-source.ts';
import { next, stage } from './support/stage.ts';

const ROTEY = fileURLToPath(new URL('../../bin/rotey', import.meta.url));

test('a Worker is seen from outside: what is in use, a rotation, and a certificate that was refused', async (t) => {
  const controlSocket = join(await temporaryDirectory(t), 'control.sock');
  const registry = new Registry();
  const set = await stage(t, {
    rotation: { name: 'orders', metrics: registry, health: { listen: '127.0.0.1:0' }, controlSocket },
  });
  if (set === undefined) return;
  const { rotation, connection, sandbox } = set;
  const health = rotation.healthAddress ?? '';
  const labels = { consumer: 'worker', name: 'orders', address: sandbox.address };
  const get = async (path: string): Promise<{ code: number; text: string }> => {
    const response = await fetch(`http://${health}${path}`);
    return { code: response.status, text: await response.text() };
  };

  await t.test('before there is a Worker: the files are seen, and it is not ready', async () => {
    assert.deepEqual([(await get('/healthz')).code, (await get('/readyz')).code], [200, 503]);
    const before = await scrape(health);
    assert.ok(
      (before.value('rotey_certificate_not_after_timestamp_seconds', { role: 'on_disk' }) ?? 0) > Date.now() / 1000,
    );
    assert.equal(before.value('rotey_rotation_generation', labels), undefined);
  });

  const worker = await set.createWorker();
  const unpinned = next(rotation, 'rotated', ({ cause }) => cause === 'worker-started');
  const running = worker.run();
  await unpinned;
  const second = await set.rotate();

  await t.test('a rotation is counted, and the certificate in use is the new one', async () => {
    assert.equal((await get('/readyz')).code, 200);
    const scraped = await scrape(health);
    const attempts = (result: string, cause: string): number | undefined =>
      scraped.value('rotey_rotation_attempts_total', { ...labels, result, cause });
    assert.deepEqual([attempts('rotated', 'new-pair'), attempts('renewed', 'worker-started')], [1, 1]);
    assert.equal(scraped.value('rotey_rotation_generation', labels), 3);
    assert.equal(scraped.value('rotey_rotation_state', { ...labels, state: 'serving' }), 1);
    assert.equal(scraped.value('rotey_rotation_duration_seconds_count', labels), 2);
    assert.deepEqual(
      scraped
        .labelsOf('rotey_certificate_info')
        .map(({ role, serial }) => [role, serial])
        .sort(),
      [
        ['in_use', second],
        ['on_disk', second],
      ],
    );
    assert.ok((await registry.metrics()).includes('rotey_build_info'), 'it is the registry that was handed in');
  });

  await t.test('a certificate that is refused shows with its code, and the one in use stays', async () => {
    const stranger = await createAuthority({ commonName: 'a stranger' });
    const leaf = await issueLeaf(stranger, { commonName: 'worker', usage: 'client' });
    const failed = next(rotation, 'attemptFailed', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    await failed;
    const scraped = await scrape(health);
    const failure = { ...labels, verdict: 'refused', code: 'ROTEY_CERTIFICATE_UNKNOWN_CA' };
    assert.ok((scraped.value('rotey_proof_failures_total', failure) ?? 0) >= 1);
    assert.equal(scraped.value('rotey_candidate_held', { ...labels, reason: 'refused' }), 1);
    assert.deepEqual(
      scraped
        .labelsOf('rotey_certificate_info')
        .map(({ role, serial }) => [role, serial])
        .sort(),
      [
        ['candidate', leaf.serial],
        ['in_use', second],
        ['on_disk', leaf.serial],
      ],
    );
    assert.equal((await get('/readyz')).code, 200, 'there is a proven identity');
    assert.match((await get('/readyz')).text, /error: orders .* is refused/);
  });

  await t.test('the status document is what its schema says, on both ways, and `rotey status` reads it', async () => {
    const validate = await statusValidator();
    const document: StatusDocument = JSON.parse((await get('/status')).text);
    for (const each of [document, await callControl(controlSocket, 'status'), rotation.statusDocument()]) {
      validate(JSON.parse(JSON.stringify(each)));
    }
    assert.equal(document.rotations[0]?.inUse?.certificate.serial, second);
    assert.equal(document.rotations[0]?.candidate?.held, 'refused');
    assert.doesNotMatch(JSON.stringify(document), /PRIVATE KEY/);
    for (const args of [
      ['--health-address', health],
      ['--socket', controlSocket],
    ]) {
      const ended = promisify(execFile)(ROTEY, ['status', ...args]);
      await assert.rejects(ended, (error: { code: number; stdout: string }) => {
        assert.equal(error.code, 3);
        assert.match(error.stdout, /error {2}orders, .* is refused/);
        assert.match(error.stdout, new RegExp(`in use .*serial ${second}`));
        return true;
      });
    }
  });

  await t.test('`freeze`, `reload` and `unfreeze` come in on the control socket', async () => {
    const leaf = await set.issue();
    await callControl(controlSocket, 'freeze');
    const held = next(rotation, 'held', ({ pair }) => pair.serial === leaf.serial);
    await set.publish(leaf);
    await held;
    assert.deepEqual(await callControl(controlSocket, 'reload', { timeoutMs: 60_000 }), [
      { outcome: 'held', reason: 'frozen' },
    ]);
    assert.equal((await scrape(health)).value('rotey_rotation_frozen', labels), 1);
    const rotated = next(rotation, 'rotated', ({ pair }) => pair.serial === leaf.serial);
    await callControl(controlSocket, 'unfreeze');
    await rotated;
    const { stdout } = await promisify(execFile)(ROTEY, ['status', '--socket', controlSocket, '--json']);
    assert.deepEqual((JSON.parse(stdout) as StatusDocument).problems, []);
  });

  worker.shutdown();
  await running;
  await connection.close();
  await t.test('a connection that was closed is not reported any more', async () => {
    const { text } = await get('/metrics');
    assert.doesNotMatch(text, /^rotey_rotation_state\{/m);
    assert.equal((await get('/readyz')).code, 503);
  });
  await rotation.close();
  await assert.rejects(get('/healthz'), 'nothing listens any more');
  await assert.rejects(callControl(controlSocket, 'status'), { code: 'ROTEY_STATUS_UNREACHABLE' });
});
