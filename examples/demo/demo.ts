import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { CertificateManager, LIFETIME_MS } from './certificates.ts';
import { FrontendView } from './frontend-view.ts';
import { Load } from './load.ts';
import { Narrator } from './narrator.ts';
import type { DemoOptions } from './options.ts';
import type { DemoResult } from './result.ts';
import {
  CONNECTION_AGE_MS,
  connectClient,
  startServer,
  startWorker,
  untilDisconnected,
  untilPolling,
} from './setting.ts';
import type { Timeline } from './timeline.ts';
import { WorkerNotes } from './worker-notes.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What a run leaves behind. */
export interface Outcome {
  readonly result: DemoResult;
  readonly workerPid: number | undefined;
}

/**
 * Runs everything from the server's start to its end.
 *
 * @param stop ends it early and in order; the outcome is what has happened until then.
 * @throws the signal's reason when it was aborted before the Worker was ready.
 */
export async function runDemo(options: DemoOptions, timeline: Timeline, stop: AbortSignal): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-demo-'));
  try {
    return await play(options, timeline, stop, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function play(
  { durationMs, withoutRotey }: DemoOptions,
  timeline: Timeline,
  stop: AbortSignal,
  directory: string,
): Promise<Outcome> {
  const narrator = new Narrator(timeline);
  await using sandbox = await startServer(timeline, stop);
  const view = new FrontendView(sandbox);
  narrator.followFrontend(view);
  const certificates = new CertificateManager(sandbox, directory, (published) => narrator.published(published));
  const over = new AbortController();
  const enough = new AbortController();
  const connection = await connectClient(sandbox);
  try {
    timeline.begin();
    const age = CONNECTION_AGE_MS / 1000;
    timeline.say('demo', `Temporal Service at ${sandbox.address}; it closes connections that are ${age} s old`);
    await certificates.publish();
    const renewing = certificates.renewEvery(renewalIntervalMs(durationMs), enough.signal);

    await using worker = startWorker(sandbox, directory, withoutRotey);
    const notes = new WorkerNotes(worker);
    narrator.followWorker(worker);
    await untilPolling(sandbox, worker, stop);
    timeline.say('worker', `process ${worker.pid} polls`);

    const load = new Load(new Client({ connection }));
    narrator.followLoad(load);
    await load.start();
    if (withoutRotey) load.once('workflowFailed', () => endSoon(over));
    await untilOver(durationMs, { worker, load, view, narrator, stop, enough, over });
    await renewing;
    await load.finish(load.failed > 0 ? IMPATIENCE_MS : PATIENCE_MS);

    view.workerStops();
    const { endedEarly } = worker;
    // Without a connection it could not end in order.
    if (withoutRotey && load.failed > 0) worker.kill();
    timeline.say('worker', `process ${worker.pid} has ended: ${await worker.stop()}`);
    await untilDisconnected(sandbox);
    return { workerPid: worker.pid, result: resultOf({ load, view, notes, certificates }, endedEarly) };
  } finally {
    enough.abort();
    over.abort();
    await connection.close();
  }
}

interface Witnesses {
  readonly load: Load;
  readonly view: FrontendView;
  readonly notes: WorkerNotes;
  readonly certificates: CertificateManager;
}

function resultOf({ load, view, notes, certificates }: Witnesses, workerEndedEarly: boolean): DemoResult {
  return {
    rotations: notes.rotations,
    workflowsCompleted: load.completed,
    workflowsFailed: load.failed,
    activitiesFailed: load.activitiesFailed + notes.retries,
    rpcFailures: view.rpcFailures,
    workerRestarts: workerEndedEarly ? 1 : 0,
    replays: notes.replays,
    identities: view.identities.map(({ serial, firstSeenMs, lastSeenMs }) => ({
      serial,
      notAfter: new Date(certificates.published.get(serial)?.notAfterMs ?? 0).toISOString(),
      firstSeenMs: Math.round(firstSeenMs),
      lastSeenMs: Math.round(lastSeenMs),
    })),
  };
}

interface Playing {
  readonly worker: WorkerProcess;
  readonly load: Load;
  readonly view: FrontendView;
  readonly narrator: Narrator;
  readonly stop: AbortSignal;
  /** No more renewals. */
  readonly enough: AbortController;
  readonly over: AbortController;
}

/** Returns when the time is up, somebody wants it to end, or the Worker has ended; and says so with `over`. */
async function untilOver(durationMs: number, playing: Playing): Promise<void> {
  const { worker, load, view, narrator, stop, enough, over } = playing;
  const end = () => over.abort();
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  void worker.exited.then(end);
  const progress = setInterval(() => narrator.progress(load, view), PROGRESS_EVERY_MS);
  try {
    await sleep(durationMs - LAST_CERTIFICATE_MS, undefined, { signal: over.signal });
    enough.abort();
    await sleep(LAST_CERTIFICATE_MS, undefined, { signal: over.signal });
  } catch {
    enough.abort(); // ended early
  }
  clearInterval(progress);
  stop.removeEventListener('abort', end);
  end();
}

/** Without rotey the first failure is not the last, and a few more make the point. */
function endSoon(over: AbortController): void {
  sleep(AFTERMATH_MS, undefined, { signal: over.signal }).then(
    () => over.abort(),
    () => undefined, // it has ended
  );
}

/** At half of a certificate's life. A short demo renews more often, so that it has enough to show. */
function renewalIntervalMs(durationMs: number): number {
  return Math.min(LIFETIME_MS / 2, durationMs / 4);
}

const PROGRESS_EVERY_MS = 10_000;
/** How long the last certificate is in use at least: otherwise the end could come in the middle of a rotation. */
const LAST_CERTIFICATE_MS = 3_000;
const AFTERMATH_MS = 3_000;
/** Longer than a greeting may take. */
const PATIENCE_MS = 15_000;
/** When something has failed before. */
const IMPATIENCE_MS = 2_000;
