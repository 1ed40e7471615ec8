import { type Clock, systemClock } from '../clock.ts';
import { EventLoopWatch } from './event-loop-watch.ts';
import type { ConsumerName } from './metric-table.ts';
import type { Metrics } from './metrics.ts';
import { VERSION } from './version.ts';

/** What is reported of the process. */
export interface ProcessReport {
  readonly eventLoop: EventLoopWatch;
  /** Stops it, unless somebody else reports the same. Idempotent. */
  close(): void;
}

interface Shared {
  readonly eventLoop: EventLoopWatch;
  readonly stop: () => void;
  users: number;
}

/** There is one event loop, however many rotations of a process report to the same place. */
const shared = new WeakMap<Metrics, Map<ConsumerName, Shared>>();

/** Reports what there is once in a process: its versions, and how late its event loop is. */
export function reportProcess(metrics: Metrics, consumer: ConsumerName, clock: Clock = systemClock): ProcessReport {
  const reports = shared.get(metrics) ?? new Map<ConsumerName, Shared>();
  shared.set(metrics, reports);
  const report = reports.get(consumer) ?? start(metrics, consumer, clock);
  reports.set(consumer, report);
  report.users++;
  let isClosed = false;
  return {
    eventLoop: report.eventLoop,
    close() {
      if (isClosed) return;
      isClosed = true;
      report.users--;
      if (report.users > 0) return;
      reports.delete(consumer);
      report.stop();
    },
  };
}

function start(metrics: Metrics, consumer: ConsumerName, clock: Clock): Shared {
  const eventLoop = new EventLoopWatch(clock);
  metrics.count('rotey_event_loop_blocks_total', { consumer }, 0);
  eventLoop.events.on('blocked', () => metrics.count('rotey_event_loop_blocks_total', { consumer }));
  const stopCollecting = metrics.onCollect((set) => {
    set('rotey_build_info', { consumer, version: VERSION, node_version: process.versions.node }, 1);
    set('rotey_event_loop_lag_seconds', { consumer }, eventLoop.lagMs / 1000);
  });
  const stop = (): void => {
    stopCollecting();
    eventLoop.close();
  };
  return { eventLoop, stop, users: 0 };
}
