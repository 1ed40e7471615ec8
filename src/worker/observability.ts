import { summarizeError } from '../errors.ts';
import {
  type ControlCommands,
  type Endpoints,
  type HealthListenerOptions,
  type Metrics,
  NO_METRICS,
  type OpenTelemetryMeter,
  openEndpoints,
  openTelemetryMetrics,
  type PrometheusMetrics,
  type PrometheusRegistry,
  prometheusMetrics,
  reportProcess,
  type StatusDocument,
} from '../observe/index.ts';
import { Observation, type ReportedRotation, type RotateNowResult, type RotationName } from '../rotation/index.ts';
import type { PairSource } from '../source/index.ts';

/** How the plugin can be looked at from outside. All of it is off by default. */
export interface ObservabilityOptions {
  /** What this rotation is called in metrics and status. Default: `default`. Give each of several in a process its own. */
  readonly name?: string | undefined;
  /** Where to report metrics: a registry of prom-client, or an OpenTelemetry meter. Default: nowhere. */
  readonly metrics?: PrometheusRegistry | OpenTelemetryMeter | undefined;
  /**
   * Answer `/healthz`, `/readyz`, `/metrics` and `/status` on an address of its own; `true`: 127.0.0.1:9464. `/metrics`
   * shows the registry of `metrics`, or without one a registry with rotey's metrics alone. Default: false.
   */
  readonly health?: boolean | Pick<HealthListenerOptions, 'listen' | 'allowedHosts'> | undefined;
  /** Path of a Unix socket for `status`, `reload`, `freeze` and `unfreeze`. Default: none. */
  readonly controlSocket?: string | undefined;
}

/** What the control socket can have done. */
export interface Commanded {
  rotateNow(): Promise<readonly RotateNowResult[]>;
  freeze(): void;
  unfreeze(): void;
}

/** What of the plugin can be looked at, and from where. */
export interface Observability {
  /** `host:port` of the health listener. */
  readonly healthAddress: string | undefined;
  status(): StatusDocument;
  add(name: Omit<RotationName, 'name'>, rotation: ReportedRotation): () => void;
  /** Whom commands go to; before that they only have the source looked at. */
  command(target: Commanded): void;
  /** Calls back when the event loop was blocked; never when nothing is switched on. */
  onBlocked(listener: (event: { readonly forMs: number }) => void): void;
  close(): Promise<void>;
}

/**
 * Opens what is asked for, while the source may not have a pair yet: who waits for one must be visible.
 *
 * @throws {RoteyError} `ROTEY_LISTEN_FAILED`, `ROTEY_CONFIG_INVALID`
 */
export async function openObservability(options: ObservabilityOptions, source: PairSource): Promise<Observability> {
  const { name = 'default', health, controlSocket } = options;
  const wantsHealth = health !== undefined && health !== false;
  const metrics = await metricsFor(options.metrics, wantsHealth);
  const observation = new Observation({ consumer: 'worker', metrics });
  let target: Commanded | undefined;
  const endpoints = await openEndpoints({
    health: wantsHealth ? (health === true ? {} : health) : undefined,
    controlSocket,
    status: () => observation.status(),
    metrics: 'registry' in metrics ? metrics.registry : undefined,
    commands: commandsFor(source, () => target),
  });
  // From here on nothing fails.
  const report = metrics === NO_METRICS ? undefined : reportProcess(metrics, 'worker');
  const removeSource = observation.addSource(name, source);
  return {
    healthAddress: endpoints.healthAddress,
    status: () => observation.status(),
    add: (subject, rotation) => observation.addRotation({ name, ...subject }, rotation),
    command(commanded) {
      target = commanded;
    },
    onBlocked: (listener) => void report?.eventLoop.events.on('blocked', listener),
    close: () => closeAll(endpoints, () => report?.close(), removeSource),
  };
}

async function closeAll(endpoints: Endpoints, ...stop: readonly (() => void)[]): Promise<void> {
  for (const each of stop) each();
  await endpoints.close();
}

async function metricsFor(
  given: ObservabilityOptions['metrics'],
  wantsHealth: boolean,
): Promise<Metrics | PrometheusMetrics> {
  if (given === undefined) return wantsHealth ? await prometheusMetrics() : NO_METRICS;
  if ('createObservableGauge' in given) return openTelemetryMetrics(given);
  if ('registerMetric' in given) return await prometheusMetrics(given);
  throw new TypeError('metrics must be a Registry of prom-client or a Meter of OpenTelemetry.');
}

function commandsFor(source: PairSource, target: () => Commanded | undefined): ControlCommands {
  return {
    async reload() {
      const commanded = target();
      if (commanded === undefined) await source.readNow();
      return (await commanded?.rotateNow())?.map(describeResult) ?? [];
    },
    freeze: () => target()?.freeze(),
    unfreeze: () => target()?.unfreeze(),
  };
}

function describeResult(result: RotateNowResult): object {
  return 'error' in result ? { ...result, error: summarizeError(result.error) } : result;
}
