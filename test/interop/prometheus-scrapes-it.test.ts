import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { METRICS, openEndpoints, prometheusMetrics, reportProcess } from '../../src/observe/index.ts';
import { Observation } from '../../src/rotation/index.ts';
import { freePorts } from '../../src/sandbox/free-ports.ts';
import { eventually } from '../e2e/support/eventually.ts';
import { fakePair } from '../support/fake-pair.ts';
import { requireProgram } from '../support/require-program.ts';
import { Bench } from '../support/rotation-bench.ts';
import { scrape } from '../support/scrape.ts';
import { temporaryDirectory } from '../support/watched-source.ts';

const missing = requireProgram('prometheus');

/** A process with a rotation that has rotated and holds a refused certificate, and all that is told of it. */
async function listen(t: TestContext): Promise<string> {
  const bench = new Bench();
  bench.consumer.retiresAtOnce = true;
  const metrics = await prometheusMetrics();
  const report = reportProcess(metrics, 'watch');
  const observation = new Observation({ consumer: 'watch', metrics, clock: bench.clock });
  const { rotation } = bench.adopt({ pair: fakePair('with "quotes", \\ and ünïcode') });
  observation.addSource('orders', bench.source);
  observation.addRotation({ name: 'orders', address: 'localhost:7233' }, rotation);
  await bench.offer('B');
  await bench.accept();
  await bench.offer('with "quotes", \\ and\nmore');
  await bench.refuse();
  const endpoints = await openEndpoints({
    health: { listen: '127.0.0.1:0' },
    status: () => observation.status(),
    metrics: metrics.registry,
    commands: {},
  });
  t.after(async () => {
    await endpoints.close();
    await rotation.close({ graceMs: 0 });
    report.close();
  });
  return endpoints.healthAddress ?? '';
}

test('Prometheus scrapes a health listener, and has the values that were reported', { skip: missing }, async (t) => {
  const address = await listen(t);
  const directory = await temporaryDirectory(t);
  const config = {
    global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
    scrape_configs: [{ job_name: 'rotey', static_configs: [{ targets: [address] }] }],
  };
  await writeFile(join(directory, 'prometheus.yml'), JSON.stringify(config)); // JSON is YAML
  const [port] = await freePorts(1);
  const server = spawn(
    'prometheus',
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  t.after(async () => {
    server.kill('SIGTERM');
    await ended;
  });
  const query = async (expression: string): Promise<readonly Found[]> => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const response = await fetch(url).catch(() => undefined);
    if (response?.status !== 200) return [];
    const { data } = (await response.json()) as { data: { result: readonly Found[] } };
    return data.result;
  };
  await eventually('Prometheus has scraped it', async () => (await query('up == 1')).length === 1, {
    timeoutMs: 30_000,
  }).catch((error: unknown) => assert.fail(`${error}\n${log}`));

  const value = async (expression: string): Promise<unknown> =>
    (await query(expression)).map(({ value: [, text] }) => text);
  assert.deepEqual(await value('rotey_rotation_generation{name="orders",address="localhost:7233"}'), ['2']);
  assert.deepEqual(await value('rotey_candidate_held{reason="refused"}'), ['1']);
  assert.deepEqual(await value('rotey_rotation_state == 1'), ['1']);
  assert.deepEqual(await value('sum(rotey_rotation_attempts_total)'), ['2']);
  assert.deepEqual(await value('rotey_rotation_duration_seconds_count'), ['1']);
  const subjects = (await query('rotey_certificate_info')).map(({ metric }) => [metric['role'], metric['subject']]);
  assert.deepEqual(subjects.sort(), [
    ['candidate', 'CN=with "quotes", \\ and\nmore'],
    ['in_use', 'CN=B'],
    ['on_disk', 'CN=with "quotes", \\ and\nmore'],
  ]);
  // A certificate on disk that is not in use: two series of different labels, as an alert would join them.
  const waiting = await query(
    'rotey_certificate_not_after_timestamp_seconds{role="in_use"} == on(consumer, name) group_left() rotey_certificate_not_after_timestamp_seconds{role="on_disk"}',
  );
  assert.equal(waiting.length, 1);
  // Prometheus knows every metric that has series, by the type and the help of our table.
  const metadata = (await (await fetch(`http://127.0.0.1:${port}/api/v1/metadata`)).json()) as {
    data: Readonly<Record<string, readonly { type: string; help: string }[]>>;
  };
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    assert.deepEqual(metadata.data[name], [{ type, help: `${help}.`, unit: '' }], name);
  }
});

test('promtool finds nothing to complain about', { skip: missing }, async (t) => {
  const address = await listen(t);
  assert.ok((await scrape(address)).all.size > 0);
  const input = await (await fetch(`http://${address}/metrics`)).text();
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
});

interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, text: string];
}
