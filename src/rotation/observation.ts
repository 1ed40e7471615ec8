import { type Clock, systemClock } from '../clock.ts';
import {
  type ConsumerName,
  findProblems,
  isHealthy,
  isReady,
  type Metrics,
  NO_METRICS,
  type RotationLabels,
  type StatusDocument,
  VERSION,
} from '../observe/index.ts';
import type { PairSource } from '../source/index.ts';
import { describeRotation, describeSource } from './describe-status.ts';
import { type ReportedRotation, reportRotation } from './report-rotation.ts';
import { reportSource, SourceProblem } from './report-source.ts';

export interface ObservationOptions {
  readonly consumer: ConsumerName;
  /** Default: none. */
  readonly metrics?: Metrics | undefined;
  readonly clock?: Clock | undefined;
}

interface SourceEntry {
  readonly name: string;
  readonly source: PairSource;
  readonly problem: SourceProblem;
}

interface RotationEntry {
  readonly labels: RotationLabels;
  readonly rotation: ReportedRotation;
}

/** Which rotation it is, for people and metrics. */
export interface RotationName {
  /** Of its source. */
  readonly name: string;
  /**
   * `host:port` of the server. When a rotation with the same name and address is there already, a number is put behind
   * it, as in `localhost:7233 (2)`.
   */
  readonly address: string;
  /** Default: what the process is. */
  readonly consumer?: ConsumerName | undefined;
}

/**
 * What one process shows of its sources and rotations: their metrics, and the status document. Whoever has sources and
 * rotations adds them here, each as early as it exists, and takes them out with the answer.
 */
export class Observation {
  readonly #consumer: ConsumerName;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #sources = new Set<SourceEntry>();
  readonly #rotations = new Set<RotationEntry>();

  constructor({ consumer, metrics = NO_METRICS, clock = systemClock }: ObservationOptions) {
    this.#consumer = consumer;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** @param name what the user calls it; the label `name` of its metrics */
  addSource(name: string, source: PairSource): () => void {
    const entry: SourceEntry = { name, source, problem: new SourceProblem(source) };
    this.#sources.add(entry);
    const stopReporting = reportSource(source, this.#metrics, { consumer: this.#consumer, name });
    return () => {
      if (!this.#sources.delete(entry)) return;
      entry.problem.close();
      stopReporting();
    };
  }

  addRotation({ name, address, consumer = this.#consumer }: RotationName, rotation: ReportedRotation): () => void {
    const labels: RotationLabels = { consumer, name, address: this.#free(consumer, name, address) };
    const entry: RotationEntry = { labels, rotation };
    this.#rotations.add(entry);
    const stopReporting = reportRotation(rotation, this.#metrics, labels);
    return () => {
      if (this.#rotations.delete(entry)) stopReporting();
    };
  }

  status(): StatusDocument {
    const sources = [...this.#sources].map(({ name, source, problem }) =>
      describeSource(source, name, problem.current),
    );
    const rotations = [...this.#rotations].map(({ rotation, labels }) => describeRotation(rotation.status(), labels));
    return {
      schema: 1,
      version: VERSION,
      consumer: this.#consumer,
      pid: process.pid,
      at: new Date(this.#clock.now()).toISOString(),
      healthy: isHealthy(rotations),
      ready: isReady(rotations),
      problems: findProblems(sources, rotations),
      sources,
      rotations,
    };
  }

  #free(consumer: ConsumerName, name: string, address: string): string {
    const taken = new Set<string>();
    for (const { labels } of this.#rotations) {
      if (labels.name === name && labels.consumer === consumer) taken.add(labels.address);
    }
    let free = address;
    for (let number = 2; taken.has(free); number++) free = `${address} (${number})`;
    return free;
  }
}
