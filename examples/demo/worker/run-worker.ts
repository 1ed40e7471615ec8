/**
 * The Worker of the demo: the greeting Worker with two more workflows, and with eyes. The same with and without rotey;
 * what differs is the connection, see with-rotey.ts and without-rotey.ts.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import {
  type ActivityInterceptorsFactory,
  DefaultLogger,
  type InjectedSinks,
  type LogEntry,
  type NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import * as activities from './activities.ts';
import { tell } from './messages.ts';
import type { ReplaySinks } from './replay-watch.ts';

/** Sends warnings and errors of the SDK to the demo. Called before anything else of the SDK is used. */
export function installRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', (entry) => tell({ type: 'log', level: entry.level, message: oneLine(entry) })),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}

/** Runs until SIGTERM, or until the demo is gone. */
export async function runWorker(connection: NativeConnection): Promise<void> {
  const worker = await Worker.create({
    connection,
    namespace: process.env['TEMPORAL_NAMESPACE'] ?? 'default',
    taskQueue: 'greeting-tasks',
    workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    activities,
    interceptors: {
      workflowModules: [fileURLToPath(new URL('./replay-watch.ts', import.meta.url))],
      activity: [noteRetries],
    },
    sinks,
    // A heartbeat is sent every second, not only when the server is about to lose patience.
    maxHeartbeatThrottleInterval: '1s',
    // Few polls, so that those of an old connection are soon answered and the timeline shows its end.
    maxConcurrentWorkflowTaskPolls: 2,
    maxConcurrentActivityTaskPolls: 2,
    shutdownGraceTime: '2s',
    shutdownForceTime: '5s',
  });
  const leave = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.once('disconnect', leave);
  try {
    await worker.run();
  } finally {
    process.off('disconnect', leave);
  }
}

const sinks: InjectedSinks<ReplaySinks> = {
  replays: {
    replayed: {
      fn: ({ workflowType }) => tell({ type: 'replayed', workflowType }),
      callDuringReplay: true,
    },
  },
};

const noteRetries: ActivityInterceptorsFactory = ({ info: { activityType, attempt } }) => ({
  inbound: {
    async execute(input, next) {
      if (attempt > 1) tell({ type: 'retried', activityType, attempt });
      return await next(input);
    },
  },
});

function oneLine({ message, meta }: LogEntry): string {
  const error: unknown = meta?.['error'];
  const detail = error instanceof Error ? error.message : error;
  const line = (detail === undefined ? message : `${message}: ${String(detail)}`).replaceAll(/\s+/g, ' ');
  // The reason is deep inside what the native side prints.
  return line.replace(/(Status \{|code: ).*(received fatal alert: \w+).*/, '$2');
}
