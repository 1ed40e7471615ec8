import { textOf } from '../errors.ts';
import type { CounterName, GaugeName, HistogramName, LabelsOf } from './metric-table.ts';

/** Says what a gauge is at this moment. */
export type SetGauge = <Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number) => void;

/**
 * Where metrics go: a registry of prom-client, an OpenTelemetry meter, or nowhere. Only what stands in the table of
 * metrics can be reported.
 */
export interface Metrics {
  /** Adds to a counter. Adding 0 makes the series known, so that the first increase is seen as one. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  /** Adds a value to a histogram. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /**
   * Calls `collect` at each scrape. The gauges that it sets hold for that scrape: a series that is not set any more is
   * gone, so labels whose values change (serial numbers) never pile up. One that throws is left out, with a process
   * warning.
   *
   * @returns stops it; its series are gone from the next scrape on
   */
  onCollect(collect: (set: SetGauge) => void): () => void;
}

/** For who wants no metrics. */
export const NO_METRICS: Metrics = Object.freeze({
  count: () => undefined,
  observe: () => undefined,
  onCollect: () => () => undefined,
});

/** Runs collectors; one that fails costs its own series and nothing else. */
export class Collectors {
  readonly #collectors = new Set<(set: SetGauge) => void>();

  get size(): number {
    return this.#collectors.size;
  }

  add(collect: (set: SetGauge) => void): () => void {
    const own = (set: SetGauge): void => collect(set); // the same function may be added twice
    this.#collectors.add(own);
    return () => void this.#collectors.delete(own);
  }

  run(set: SetGauge): void {
    for (const collect of this.#collectors) {
      try {
        collect(set);
      } catch (error) {
        const message = error instanceof Error ? (error.stack ?? error.message) : textOf(error);
        process.emitWarning(`Metrics could not be collected: ${message}`, 'RoteyMetricsWarning');
      }
    }
  }
}

/** Empty labels are as good as none, and are left out. */
export function withoutEmpty(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
