import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { issuePair } from '../../test/support/issued-pair.ts';
import { Scraped, scrape } from '../../test/support/scrape.ts';
import { temporaryDirectory } from '../../test/support/watched-source.ts';
import { callControl, fetchStatus } from '../observe/index.ts';
import { freePorts } from '../sandbox/free-ports.ts';
import { MemorySource } from '../source/index.ts';
import { openObservability } from './observability.ts';
import { rotateCertificates } from './rotate-certificates.ts';

test('by default nothing listens and nothing is collected; the document is there all the same', async () => {
  const { pair } = await issuePair('worker');
  const rotation = await rotateCertificates({ source: new MemorySource(pair), logger: false });
  assert.equal(rotation.healthAddress, undefined);
  const { sources, rotations, ready } = rotation.statusDocument();
  assert.deepEqual([sources[0]?.name, sources[0]?.onDisk?.serial], ['default', pair.leaf.serial]);
  assert.deepEqual([rotations, ready], [[], false]);
  await rotation.close();
});

test('who waits for a pair can be looked at meanwhile, and told to look', async (t) => {
  const controlSocket = join(await temporaryDirectory(t), 'control.sock');
  const source = new MemorySource();
  const starting = rotateCertificates({ source, waitForPair: true, controlSocket, logger: false, name: 'orders' });
  let document = await fetchStatus({ controlSocket }).catch(() => undefined);
  while (document === undefined || document.sources.length === 0) {
    document = await fetchStatus({ controlSocket }).catch(() => undefined);
  }
  assert.deepEqual([document.ready, document.sources[0]?.onDisk], [false, null]);
  assert.deepEqual(await callControl(controlSocket, 'reload'), []);
  const { pair } = await issuePair('worker');
  source.set(pair);
  const rotation = await starting;
  assert.equal((await fetchStatus({ controlSocket })).sources[0]?.onDisk?.serial, pair.leaf.serial);
  await rotation.close();
  await assert.rejects(fetchStatus({ controlSocket }), { code: 'ROTEY_STATUS_UNREACHABLE' });
});

test('a start that fails leaves nothing open', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { pair } = await issuePair('worker');
  const options = { source: new MemorySource(pair), logger: false } as const;
  const health = { listen: `127.0.0.1:${address.port}` };
  await assert.rejects(rotateCertificates({ ...options, health }), { code: 'ROTEY_LISTEN_FAILED' });

  const [port] = await freePorts(1);
  const listen = `127.0.0.1:${port}`;
  const controlSocket = join(await temporaryDirectory(t), 'no', 'control.sock');
  await assert.rejects(rotateCertificates({ ...options, health: { listen }, controlSocket }), {
    code: 'ROTEY_LISTEN_FAILED',
  });
  await assert.rejects(rotateCertificates({ source: new MemorySource(), health: { listen }, logger: false }), {
    code: 'ROTEY_NO_PAIR',
  });
  const rotation = await rotateCertificates({ ...options, health: { listen } });
  assert.equal(rotation.healthAddress, listen, 'neither of the two has kept it');
  await rotation.close();
});

test('metrics go where they are wanted', async (t) => {
  const { pair } = await issuePair('worker');
  const health = { listen: '127.0.0.1:0' };
  await t.test('the user’s registry, which /metrics shows whole', async () => {
    const metrics = new Registry();
    const observability = await openObservability({ metrics, health }, new MemorySource(pair));
    const scraped = await scrape(observability.healthAddress ?? '');
    const own = new Scraped(await metrics.metrics());
    for (const found of [scraped, own]) {
      assert.deepEqual(
        found.labelsOf('rotey_certificate_info').map(({ name, serial }) => [name, serial]),
        [['default', pair.leaf.serial]],
      );
    }
    await observability.close();
    assert.equal(new Scraped(await metrics.metrics()).labelsOf('rotey_certificate_info').length, 0);
  });
  await t.test('a registry of rotey alone, for /metrics', async () => {
    const observability = await openObservability({ health }, new MemorySource(pair));
    const scraped = await scrape(observability.healthAddress ?? '');
    assert.equal(scraped.labelsOf('rotey_build_info').length, 1);
    await observability.close();
  });
  await t.test('an OpenTelemetry meter: /metrics has nothing', async () => {
    const provider = new MeterProvider();
    const observability = await openObservability(
      { metrics: provider.getMeter('rotey'), health },
      new MemorySource(pair),
    );
    await assert.rejects(scrape(observability.healthAddress ?? ''), /HTTP status 404/);
    await observability.close();
    await provider.shutdown();
  });
  await t.test('anything else is a mistake', async () => {
    const metrics = {} as Registry;
    await assert.rejects(openObservability({ metrics }, new MemorySource(pair)), TypeError);
  });
});
