import type { Clock } from '../clock.ts';
import { type ErrorSummary, summarizeError } from '../errors.ts';
import {
  type Endpoints,
  type HealthListenerOptions,
  NO_METRICS,
  openEndpoints,
  prometheusMetrics,
  reportProcess,
  type StatusDocument,
} from '../observe/index.ts';
import { Observation } from '../rotation/index.ts';
import type { WatchSpec } from './watch-spec.ts';
import { type SpecChanges, Watches, type WatchesOptions } from './watches.ts';

export interface WatchServiceOptions extends Omit<WatchesOptions, 'observation'> {
  /** What to watch; called at the start and for each reload. */
  readonly load: () => Promise<readonly WatchSpec[]>;
  /** Undefined: no health listener, and no metrics. */
  readonly health?: Pick<HealthListenerOptions, 'listen' | 'allowedHosts'> | undefined;
  /** Path of a Unix socket for `status` and `reload`. */
  readonly controlSocket?: string | undefined;
  /** What was loaded again is watched now, or why it is not. */
  readonly onReload?: ((result: SpecChanges | ErrorSummary) => void) | undefined;
  /** Nothing ran in this process for a second or more. */
  readonly onBlocked?: ((event: { readonly forMs: number }) => void) | undefined;
}

export interface WatchService extends AsyncDisposable {
  /** `host:port` of the health listener. */
  readonly healthAddress: string | undefined;
  /** Resolves when all files have been looked at once; a mount that does not answer delays it by 10 s. */
  readonly started: Promise<void>;
  status(): StatusDocument;
  /** Loads again. When that fails, what is watched stays as it is. */
  reload(): Promise<SpecChanges>;
  /** Ends everything. Idempotent. */
  close(): Promise<void>;
}

/**
 * Watches what `load` says, and can be looked at. Does not keep the process alive.
 *
 * @throws {RoteyError} `ROTEY_LISTEN_FAILED`, `ROTEY_CONFIG_INVALID`, whatever `load` throws; nothing is left then
 */
export async function startWatchService(options: WatchServiceOptions): Promise<WatchService> {
  const { load, health, controlSocket, onBlocked, onReload, clock } = options;
  const specs = await load();
  const metrics = health === undefined ? undefined : await prometheusMetrics();
  const observation = new Observation({ consumer: 'watch', metrics: metrics ?? NO_METRICS, clock });
  const watches = new Watches({ ...options, observation });
  let last: Promise<unknown> = Promise.resolve();
  const reload = (): Promise<SpecChanges> => {
    // One after the other: what was loaded first must not be applied last.
    const result = last.then(async () => await watches.apply(await load()));
    last = result.then(
      (changes) => onReload?.(changes),
      (error: unknown) => onReload?.(summarizeError(error)),
    );
    return result;
  };
  // First: whoever waits for files must be visible.
  const endpoints = await openEndpoints({
    health: health && { ...health, ref: true },
    controlSocket,
    status: () => observation.status(),
    metrics: metrics?.registry,
    commands: { reload: () => reload() },
  });
  const report = reportBlocks(metrics ?? NO_METRICS, onBlocked, clock);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeAll(watches, endpoints, report);
    return closing;
  };
  return {
    healthAddress: endpoints.healthAddress,
    started: watches.apply(specs).then(() => undefined),
    status: () => observation.status(),
    reload,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function reportBlocks(
  metrics: Parameters<typeof reportProcess>[0],
  onBlocked: WatchServiceOptions['onBlocked'],
  clock: Clock | undefined,
): ReturnType<typeof reportProcess> {
  const report = reportProcess(metrics, 'watch', clock);
  if (onBlocked !== undefined) report.eventLoop.events.on('blocked', onBlocked);
  return report;
}

async function closeAll(watches: Watches, endpoints: Endpoints, report: { close(): void }): Promise<void> {
  report.close();
  await endpoints.close();
  await watches.close();
}
