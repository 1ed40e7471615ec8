import type { RoteyError } from '../errors.ts';
import type { Metrics, SetGauge, SourceLabels } from '../observe/index.ts';
import type { PairSource, SourceStatus } from '../source/index.ts';
import { summarizePair } from './events.ts';
import { setFlags } from './metric-flags.ts';
import { reportCertificate } from './report-certificate.ts';

const NOTICED_BY: readonly SourceStatus['noticedBy'][] = ['events', 'polling', 'caller'];

/** Reports a source of pairs until the answer is called. */
export function reportSource(source: PairSource, metrics: Metrics, labels: SourceLabels): () => void {
  const problem = new SourceProblem(source);
  const count = ({ code }: RoteyError): void => metrics.count('rotey_source_problems_total', { ...labels, code });
  source.events.on('problem', count);
  const stopCollecting = metrics.onCollect((set) => {
    setGauges(set, source.status(), labels);
    const { current: reported } = problem;
    if (reported !== undefined) set('rotey_source_problem', { ...labels, code: reported.code }, 1);
    const pair = source.current;
    if (pair !== undefined) reportCertificate(set, summarizePair(pair), { ...labels, address: '', role: 'on_disk' });
  });
  return () => {
    problem.close();
    source.events.off('problem', count);
    stopCollecting();
  };
}

/**
 * The problem that a source has told. What its status shows may be a moment old, as between two files that are replaced
 * one after the other, and then is no news.
 */
export class SourceProblem {
  readonly #source: PairSource;
  /** A source that had a problem before anybody listened has told it, or will tell it in a moment. */
  readonly #sinceBefore: number | undefined;
  #isTold = false;
  readonly #onProblem = (_error: RoteyError): void => {
    this.#isTold = true;
  };
  readonly #onRecovered = (): void => {
    this.#isTold = false;
  };

  constructor(source: PairSource) {
    this.#source = source;
    this.#sinceBefore = source.status().problem?.sinceMs;
    source.events.on('problem', this.#onProblem);
    source.events.on('recovered', this.#onRecovered);
  }

  get current(): SourceStatus['problem'] {
    const { problem } = this.#source.status();
    return this.#isTold || problem?.sinceMs === this.#sinceBefore ? problem : undefined;
  }

  close(): void {
    this.#source.events.off('problem', this.#onProblem);
    this.#source.events.off('recovered', this.#onRecovered);
  }
}

function setGauges(set: SetGauge, status: SourceStatus, labels: SourceLabels): void {
  const { noticedBy, lastReadAtMs, lastGoodAtMs, lastChangeAtMs } = status;
  setFlags(NOTICED_BY, noticedBy, (by, flag) => set('rotey_source_noticed_by', { ...labels, by }, flag));
  if (lastReadAtMs !== undefined) set('rotey_source_last_read_timestamp_seconds', labels, lastReadAtMs / 1000);
  if (lastGoodAtMs !== undefined) set('rotey_source_last_good_timestamp_seconds', labels, lastGoodAtMs / 1000);
  if (lastChangeAtMs !== undefined) set('rotey_source_last_change_timestamp_seconds', labels, lastChangeAtMs / 1000);
}
