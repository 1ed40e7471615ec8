import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Meter } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { METRICS, type MetricDefinition } from './metric-table.ts';
import { openTelemetryMetrics } from './opentelemetry-metrics.ts';

const LABELS = { consumer: 'worker', name: 'orders', address: 'localhost:7233' } as const;

/** The real SDK, with an exporter that keeps what it gets. */
function meterFor(t: TestContext): { meter: Meter; collect: () => Promise<readonly MetricData[]> } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  t.after(() => provider.shutdown());
  const collect = async (): Promise<readonly MetricData[]> => {
    exporter.reset();
    await reader.forceFlush();
    return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  };
  return { meter: provider.getMeter('rotey'), collect };
}

/** Which batch callbacks the meter has. */
function countCallbacks(meter: Meter): ReadonlySet<unknown> {
  const callbacks = new Set<unknown>();
  const { addBatchObservableCallback: add, removeBatchObservableCallback: remove } = meter;
  meter.addBatchObservableCallback = (callback, instruments) => {
    callbacks.add(callback);
    add.call(meter, callback, instruments);
  };
  meter.removeBatchObservableCallback = (callback, instruments) => {
    callbacks.delete(callback);
    remove.call(meter, callback, instruments);
  };
  return callbacks;
}

/** `name{label=value,…} value`, sorted; a histogram shows how many values it has. */
function series(metrics: readonly MetricData[]): string[] {
  return metrics
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        const labels = Object.entries(attributes).map(([key, text]) => `${key}=${text}`);
        return `${descriptor.name}{${labels.join(',')}} ${typeof value === 'number' ? value : value.count}`;
      }),
    )
    .sort();
}

test('names, labels and units are those of the table', async (t) => {
  const { meter, collect } = meterFor(t);
  const metrics = openTelemetryMetrics(meter);
  metrics.count('rotey_drains_total', { ...LABELS, result: 'cut' }, 0);
  metrics.count('rotey_drains_total', { ...LABELS, result: 'cut' }, 2);
  metrics.observe('rotey_drain_duration_seconds', LABELS, 65);
  metrics.onCollect((set) => {
    set('rotey_certificate_not_after_timestamp_seconds', { ...LABELS, address: '', role: 'on_disk' }, 1_767_225_600);
  });
  const data = await collect();
  assert.deepEqual(series(data), [
    'rotey_certificate_not_after_timestamp_seconds{consumer=worker,name=orders,role=on_disk} 1767225600',
    'rotey_drain_duration_seconds{consumer=worker,name=orders,address=localhost:7233} 1',
    'rotey_drains_total{consumer=worker,name=orders,address=localhost:7233,result=cut} 2',
  ]);
  for (const { descriptor } of data) {
    const { help }: MetricDefinition = METRICS[descriptor.name as keyof typeof METRICS]; // only ours are reported
    assert.equal(descriptor.description, `${help}.`);
    assert.equal(descriptor.unit, descriptor.name.endsWith('_seconds') ? 's' : '');
  }
  const [drain] = data.filter(({ descriptor }) => descriptor.name === 'rotey_drain_duration_seconds');
  const value = drain?.dataPoints[0]?.value as { buckets: { boundaries: number[] } };
  assert.deepEqual(value.buckets.boundaries, [...METRICS.rotey_drain_duration_seconds.buckets]);
});

test('a gauge that is not set any more is told its last value, and no callback stays behind', async (t) => {
  const { meter, collect } = meterFor(t);
  const callbacks = countCallbacks(meter);
  const metrics = openTelemetryMetrics(meter);
  let calls = 0;
  const stopOne = metrics.onCollect((set) => {
    calls++;
    set('rotey_rotation_frozen', LABELS, 0);
  });
  const stopOther = metrics.onCollect((set) => set('rotey_rotation_frozen', { ...LABELS, name: 'bills' }, 1));
  assert.equal(series(await collect()).length, 2);
  stopOne();
  const [bills, orders] = [{ ...LABELS, name: 'bills' }, LABELS].map(
    ({ name }) => `rotey_rotation_frozen{consumer=worker,name=${name},address=localhost:7233}`,
  );
  assert.deepEqual(series(await collect()), [`${bills} 1`, `${orders} 0`]);
  stopOther();
  assert.deepEqual(series(await collect()), [`${bills} 0`, `${orders} 0`]);
  assert.equal(calls, 1);
  assert.equal(callbacks.size, 0);
  const stopThird = metrics.onCollect((set) => set('rotey_rotation_frozen', LABELS, 1));
  assert.deepEqual(series(await collect()), [`${bills} 0`, `${orders} 1`], 'and it begins again');
  stopThird();
  await collect();
  assert.equal(callbacks.size, 0);
});

test('a certificate that is not there any more never ends, and serial numbers do not pile up', async (t) => {
  const { meter, collect } = meterFor(t);
  const metrics = openTelemetryMetrics(meter);
  let serial: string | undefined = '1';
  metrics.onCollect((set) => {
    if (serial === undefined) return;
    const labels = { ...LABELS, role: 'candidate' };
    set('rotey_certificate_not_after_timestamp_seconds', labels, 1_767_225_600);
    set('rotey_certificate_info', { ...labels, serial, issuer: 'i', subject: 's', fingerprint: 'f' }, 1);
  });
  const labels = 'consumer=worker,name=orders,address=localhost:7233,role=candidate';
  const key = `rotey_certificate_not_after_timestamp_seconds{${labels}}`;
  assert.deepEqual(series(await collect()), [`${key} 1767225600`]);
  serial = undefined;
  const end = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;
  assert.deepEqual(series(await collect()), [`${key} ${end}`]);
  assert.deepEqual(series(await collect()), [`${key} ${end}`]);
});

test('the same meter is asked for its instruments once', (t) => {
  const { meter } = meterFor(t);
  assert.equal(openTelemetryMetrics(meter), openTelemetryMetrics(meter));
});
