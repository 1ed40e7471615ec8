import { type GaugeName, type MetricDefinition, metricsOfType } from './metric-table.ts';
import { Collectors, type Metrics, withoutEmpty } from './metrics.ts';

/** What rotey needs of a `Registry` of prom-client 15: the user's own, or one that rotey makes. */
export interface PrometheusRegistry {
  /** Of what {@link PrometheusRegistry.metrics} answers with. */
  readonly contentType: string;
  metrics(): Promise<string>;
  registerMetric(metric: never): void;
}

/** Metrics that a Prometheus server can scrape. */
export interface PrometheusMetrics extends Metrics {
  readonly registry: PrometheusRegistry;
}

interface Sample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** A registry takes each name once, however many rotations report to it. */
const known = new WeakMap<PrometheusRegistry, Promise<PrometheusMetrics>>();

/**
 * Reports to a registry of prom-client, by default a new one that holds nothing else. prom-client is loaded when this is
 * called. The same registry has the same answer.
 *
 * @throws when the registry holds a metric of one of our names that we did not put there
 */
export function prometheusMetrics(registry?: PrometheusRegistry): Promise<PrometheusMetrics> {
  const before = registry && known.get(registry);
  if (before !== undefined) return before;
  const made = create(registry);
  if (registry !== undefined) {
    known.set(registry, made);
    made.catch(() => known.delete(registry));
  }
  return made;
}

async function create(given: PrometheusRegistry | undefined): Promise<PrometheusMetrics> {
  const { Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const registry = given ?? new Registry();
  const registers = [registry as InstanceType<typeof Registry>]; // of the user's copy of prom-client
  const collectors = new Collectors();
  const collected = onceATurn(() => collectSamples(collectors));
  const counters = new Map(
    metricsOfType('counter').map(([name, definition]) => [
      name,
      new Counter({ ...describe(name, definition), registers }),
    ]),
  );
  const histograms = new Map(
    metricsOfType('histogram').map(([name, definition]) => {
      const buckets = [...(definition.buckets ?? [])];
      return [name, new Histogram({ ...describe(name, definition), buckets, registers })];
    }),
  );
  for (const [name, definition] of metricsOfType('gauge')) {
    new Gauge({
      ...describe(name, definition),
      registers,
      collect() {
        this.reset();
        for (const { labels, value } of collected().get(name) ?? []) this.set(labels, value);
      },
    });
  }
  return {
    registry,
    count: (name, labels, by = 1) => counters.get(name)?.inc(withoutEmpty(labels), by),
    observe: (name, labels, value) => histograms.get(name)?.observe(withoutEmpty(labels), value),
    onCollect: (collect) => collectors.add(collect),
  };
}

function describe(
  name: string,
  { help, labels }: MetricDefinition,
): { name: string; help: string; labelNames: string[] } {
  return { name, help: `${help}.`, labelNames: [...labels] };
}

function collectSamples(collectors: Collectors): ReadonlyMap<GaugeName, readonly Sample[]> {
  const samples = new Map<GaugeName, Sample[]>();
  collectors.run((name, labels, value) => {
    const sample = { labels: withoutEmpty(labels), value };
    const others = samples.get(name);
    if (others === undefined) samples.set(name, [sample]);
    else others.push(sample);
  });
  return samples;
}

/** A registry asks each of its metrics in turn, without a pause: all of them get the answer of one moment. */
function onceATurn<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    if (made === undefined) {
      made = { value: make() };
      queueMicrotask(() => {
        made = undefined;
      });
    }
    return made.value;
  };
}
