import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { scrape } from '../support/scrape.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { WatchProcess, writePair } from './support/run-watch.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

test('rotey watch tells when a CA is removed, a Namespace is denied and the server is gone, and when that is over', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t);
  const folder = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const leaf = await sandbox.issueClient();
  await writePair(folder, 'tls', leaf);
  const watch = WatchProcess.start(
    t,
    folder,
    ...['--address', sandbox.address, '--tls-ca-path', sandbox.files.serverCa, '--prove-every', '1s'],
    ...['--tls-cert-path', join(folder, 'tls.crt'), '--tls-key-path', join(folder, 'tls.key')],
    ...['--health-listen', '127.0.0.1:0'],
  );
  await watch.line('it is accepted', ({ cause }) => cause === 'new-pair');
  const labels = { consumer: 'watch', name: 'default', address: sandbox.address };

  /** One failure of the proof that is due, from its first line to the line that says that it is over. */
  const told = async (verdict: string, code: string): Promise<void> => {
    await watch.line(`${verdict}: ${code}`, (line) => line['code'] === code && line['cause'] === 'proof-due');
    const rotation = await watch.statusOf('default');
    assert.equal(rotation?.inUse?.certificate.serial, leaf.serial, 'it is what was accepted last');
    assert.deepEqual([rotation?.inUseFailure?.verdict, rotation?.inUseFailure?.code], [verdict, code]);
    const { problems, ready } = await watch.status();
    assert.deepEqual([problems.map(({ what }) => what), ready], [[`in-use-${verdict}`], true]);
    const scraped = await scrape(await watch.health());
    assert.equal(scraped.value('rotey_in_use_failing', { ...labels, reason: verdict }), 1);
    assert.ok((scraped.value('rotey_proof_failures_total', { ...labels, verdict, code }) ?? 0) > 0);
  };
  const over = async (): Promise<void> => {
    await watch.line('it is accepted again', ({ message }) => /accepts the certificate again/.test(String(message)));
    watch.lines.length = 1; // what is told next is told anew
    const scraped = await scrape(await watch.health());
    assert.equal(scraped.value('rotey_in_use_failing', { ...labels, reason: 'refused' }), 0);
    assert.deepEqual((await watch.status()).problems, []);
  };

  await sandbox.setClientCas([]);
  await told('refused', 'ROTEY_CERTIFICATE_UNKNOWN_CA');
  await sandbox.setClientCas([sandbox.clientAuthority.certificatePem]);
  await over();

  const rule = await sandbox.refuse({ serial: leaf.serial, methods: ['DescribeNamespace'] });
  await told('refused', 'ROTEY_RPC_DENIED');
  await rule.clear();
  await over();

  await sandbox.kill();
  await told('unobtainable', 'ROTEY_CONNECT_REFUSED');
  await sandbox.start();
  await over();
  assert.deepEqual(await watch.end('SIGINT'), [0, null]);
});
