import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  METRICS,
  type MetricDefinition,
  metricsOfType,
} from './metric-table.ts';
import { Collectors, type Metrics, withoutEmpty } from './metrics.ts';

type Attributes = Record<string, string>;

interface InstrumentOptions {
  readonly description?: string;
  readonly unit?: string;
  readonly advice?: { explicitBucketBoundaries?: number[] };
}

interface Recorder {
  add(value: number, attributes?: Attributes): void;
}

interface Distribution {
  record(value: number, attributes?: Attributes): void;
}

interface BatchResult {
  observe(instrument: never, value: number, attributes?: Attributes): void;
}

/** What rotey needs of a `Meter` of @opentelemetry/api 1.3 or newer; the user's own is handed in as it is. */
export interface OpenTelemetryMeter {
  createCounter(name: string, options?: InstrumentOptions): Recorder;
  createHistogram(name: string, options?: InstrumentOptions): Distribution;
  createObservableGauge(name: string, options?: InstrumentOptions): object;
  addBatchObservableCallback(callback: (result: BatchResult) => void, instruments: never[]): void;
  removeBatchObservableCallback(callback: (result: BatchResult) => void, instruments: never[]): void;
}

/** A gauge with certain attributes, and what it is worth when it ends. */
interface Series {
  readonly instrument: never;
  readonly attributes: Attributes;
  readonly gone: number | undefined;
}

/** A meter complains when an instrument is created twice. */
const known = new WeakMap<OpenTelemetryMeter, Metrics>();

/**
 * Reports to an OpenTelemetry meter: names, labels (as attributes) and units as for Prometheus; gauges are observable.
 * The same meter has the same answer.
 *
 * OpenTelemetry's SDK (2.12) never forgets a combination of attributes: it exports the last value of an observable gauge
 * for ever, and refuses new ones after 2,000. So what has labels that change is not reported, and a series that ends is
 * told its last value.
 */
export function openTelemetryMetrics(meter: OpenTelemetryMeter): Metrics {
  const before = known.get(meter);
  if (before !== undefined) return before;
  const metrics = create(meter);
  known.set(meter, metrics);
  return metrics;
}

function create(meter: OpenTelemetryMeter): Metrics {
  const counters = new Map<CounterName, Recorder>(
    metricsOfType('counter').map(([name, definition]) => [name, meter.createCounter(name, describe(name, definition))]),
  );
  const histograms = new Map<HistogramName, Distribution>(
    metricsOfType('histogram').map(([name, definition]) => [
      name,
      meter.createHistogram(name, describe(name, definition)),
    ]),
  );
  const gauges = new Map<GaugeName, never>(
    boundedGauges().map(([name, definition]) => {
      const instrument = meter.createObservableGauge(name, describe(name, definition));
      return [name, instrument as never]; // a meter takes back only what it made; its type is its own business
    }),
  );
  const collectors = new Collectors();
  let alive: ReadonlyMap<string, Series> = new Map();
  let isRegistered = false;
  const callback = (result: BatchResult): void => {
    const before = alive;
    alive = observe(result, collectors, gauges);
    for (const [key, { instrument, gone, attributes }] of before) {
      if (gone !== undefined && !alive.has(key)) result.observe(instrument, gone, attributes);
    }
    // Not at once: the SDK is going through its callbacks.
    if (collectors.size === 0) queueMicrotask(unregister);
  };
  const unregister = (): void => {
    if (!isRegistered || collectors.size > 0) return;
    isRegistered = false;
    meter.removeBatchObservableCallback(callback, [...gauges.values()]);
  };
  return {
    count: (name, labels, by = 1) => counters.get(name)?.add(by, withoutEmpty(labels)),
    observe: (name, labels, value) => histograms.get(name)?.record(value, withoutEmpty(labels)),
    onCollect(collect) {
      if (!isRegistered) meter.addBatchObservableCallback(callback, [...gauges.values()]);
      isRegistered = true;
      return collectors.add(collect);
    },
  };
}

/** Those whose labels take a bounded number of values. */
function boundedGauges(): readonly (readonly [GaugeName, MetricDefinition])[] {
  return metricsOfType('gauge').filter(([, { labelsChange }]) => labelsChange !== true);
}

function observe(
  result: BatchResult,
  collectors: Collectors,
  gauges: ReadonlyMap<GaugeName, never>,
): ReadonlyMap<string, Series> {
  const alive = new Map<string, Series>();
  collectors.run((name, labels, value) => {
    const instrument = gauges.get(name);
    if (instrument === undefined) return;
    const attributes = withoutEmpty(labels);
    const { gone }: MetricDefinition = METRICS[name];
    alive.set(JSON.stringify([name, attributes]), { instrument, attributes, gone });
    result.observe(instrument, value, attributes);
  });
  return alive;
}

function describe(name: string, { help, buckets }: MetricDefinition): InstrumentOptions {
  return {
    description: `${help}.`,
    ...(name.endsWith('_seconds') ? { unit: 's' } : {}),
    ...(buckets === undefined ? {} : { advice: { explicitBucketBoundaries: [...buckets] } }),
  };
}
