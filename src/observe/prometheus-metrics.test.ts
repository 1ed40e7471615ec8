import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Registry } from 'prom-client';
import { METRICS } from './metric-table.ts';
import { prometheusMetrics } from './prometheus-metrics.ts';

const LABELS = { consumer: 'worker', name: 'orders', address: 'localhost:7233' } as const;

/** The lines that hold values, without what is in the text anyway. */
function series(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('every metric of the table is there with its help and type before anything is reported', async () => {
  const { registry } = await prometheusMetrics();
  const text = await registry.metrics();
  for (const [name, { help, type }] of Object.entries(METRICS)) {
    assert.ok(text.includes(`# HELP ${name} ${help}.\n# TYPE ${name} ${type}\n`), name);
  }
  assert.deepEqual(series(text), []);
});

test('values are written with their labels, escaped; empty labels are left out', async () => {
  const metrics = await prometheusMetrics();
  metrics.count('rotey_calls_cut_total', LABELS, 0);
  metrics.count('rotey_drains_total', { ...LABELS, result: 'cut' });
  metrics.count('rotey_drains_total', { ...LABELS, result: 'cut' }, 2);
  metrics.onCollect((set) => {
    set('rotey_certificate_not_after_timestamp_seconds', { ...LABELS, address: '', role: 'on_disk' }, 1_767_225_600.5);
    set('rotey_source_last_read_timestamp_seconds', { consumer: 'watch', name: 'a "b"\\\nc' }, 1);
  });
  assert.deepEqual(series(await metrics.registry.metrics()).sort(), [
    'rotey_calls_cut_total{consumer="worker",name="orders",address="localhost:7233"} 0',
    'rotey_certificate_not_after_timestamp_seconds{consumer="worker",name="orders",role="on_disk"} 1767225600.5',
    'rotey_drains_total{consumer="worker",name="orders",address="localhost:7233",result="cut"} 3',
    'rotey_source_last_read_timestamp_seconds{consumer="watch",name="a \\"b\\"\\\\\\nc"} 1',
  ]);
});

test('a histogram counts into the buckets of the table', async () => {
  const metrics = await prometheusMetrics();
  metrics.observe('rotey_drain_duration_seconds', LABELS, 65);
  const text = await metrics.registry.metrics();
  const count = (bound: string): string | undefined =>
    series(text)
      .find((line) => line.startsWith('rotey_drain_duration_seconds_bucket') && line.includes(`le="${bound}"`))
      ?.split(' ')
      .at(-1);
  assert.deepEqual([count('60'), count('70'), count('+Inf')], ['0', '1', '1']);
});

test('a gauge that is not set any more is gone, however often its labels change', async () => {
  const metrics = await prometheusMetrics();
  let serial = 0;
  const stop = metrics.onCollect((set) => {
    serial++;
    const certificate = { serial: `${serial}`, issuer: 'CN=ca', subject: 'CN=worker', fingerprint: `f${serial}` };
    set('rotey_certificate_info', { ...LABELS, role: 'in_use', ...certificate }, 1);
  });
  for (let scrape = 1; scrape <= 100; scrape++) {
    const found = series(await metrics.registry.metrics());
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', new RegExp(`serial="${scrape}"`), 'collected once a scrape, not once a metric');
  }
  stop();
  assert.deepEqual(series(await metrics.registry.metrics()), []);
});

test('the registry may be the user’s: what else is in it stays, and several rotations report to it', async () => {
  const registry = new Registry();
  new Counter({ name: 'orders_total', help: 'Orders.', registers: [registry] }).inc();
  const [one, other] = await Promise.all([prometheusMetrics(registry), prometheusMetrics(registry)]);
  one.onCollect((set) => set('rotey_rotation_frozen', LABELS, 0));
  other.onCollect((set) => set('rotey_rotation_frozen', { ...LABELS, name: 'bills' }, 1));
  assert.deepEqual(series(await registry.metrics()).sort(), [
    'orders_total 1',
    'rotey_rotation_frozen{consumer="worker",name="bills",address="localhost:7233"} 1',
    'rotey_rotation_frozen{consumer="worker",name="orders",address="localhost:7233"} 0',
  ]);
});

test('a registry with a metric of the same name is refused', async () => {
  const registry = new Registry();
  new Counter({ name: 'rotey_calls_cut_total', help: 'Another one.', registers: [registry] });
  await assert.rejects(prometheusMetrics(registry), /rotey_calls_cut_total has already been registered/);
});

test('a collector that throws costs its own series only, and says so', async (t) => {
  const metrics = await prometheusMetrics();
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  metrics.onCollect(() => {
    throw new Error('no status');
  });
  metrics.onCollect((set) => set('rotey_rotation_frozen', LABELS, 0));
  assert.equal(series(await metrics.registry.metrics()).length, 1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    warnings.map(({ name, message }) => [name, /no status/.test(message)]),
    [['RoteyMetricsWarning', true]],
  );
});
