/**
 * What the demo plays in: a server, a client of its own, and the Worker's process.
 *
 * @module
 */
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { type Sandbox, startSandbox } from 'rotey/sandbox';
import { WORKER_NAME } from './certificates.ts';
import type { Timeline } from './timeline.ts';
import { WorkerProcess } from './worker-process.ts';

/** Far below Temporal Cloud's 5 minutes, so that a demo sees some. */
export const CONNECTION_AGE_MS = 20_000;

/** Starts the server; the first time on a machine it is built. */
export async function startServer(timeline: Timeline, stop: AbortSignal): Promise<Sandbox> {
  // A sandbox whose signal aborts is gone at once; once it runs, the demo wants to end in order.
  const starting = new AbortController();
  const giveUp = () => starting.abort(stop.reason);
  stop.throwIfAborted();
  stop.addEventListener('abort', giveUp);
  try {
    return await startSandbox({
      maxConnectionAgeMs: CONNECTION_AGE_MS,
      signal: starting.signal,
      onProgress: (line) => timeline.say('demo', line),
    });
  } finally {
    stop.removeEventListener('abort', giveUp);
  }
}

/** The demo's own connection, which starts workflows: with a certificate that outlives the demo. */
export async function connectClient(sandbox: Sandbox): Promise<Connection> {
  const leaf = await sandbox.issueClient({ commonName: 'demo-client' });
  return await Connection.connect({
    address: sandbox.address,
    tls: {
      serverNameOverride: sandbox.serverName,
      serverRootCACertificate: Buffer.from(sandbox.serverCaPem),
      clientCertPair: { crt: Buffer.from(leaf.chainPem), key: Buffer.from(leaf.revealPrivateKey()) },
    },
  });
}

/** The Worker knows nothing but these variables, as in a Pod. */
export function startWorker(sandbox: Sandbox, directory: string, withoutRotey: boolean): WorkerProcess {
  const script = withoutRotey ? './worker/without-rotey.ts' : './worker/with-rotey.ts';
  return new WorkerProcess(new URL(script, import.meta.url), {
    TEMPORAL_ADDRESS: sandbox.address,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_TLS_CLIENT_CERT_PATH: join(directory, 'tls.crt'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: join(directory, 'tls.key'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: sandbox.files.serverCa,
  });
}

/** @throws {Error} when the Worker ends instead; the signal's reason when it was aborted. */
export async function untilPolling(sandbox: Sandbox, worker: WorkerProcess, stop: AbortSignal): Promise<void> {
  const done = new AbortController();
  const signal = AbortSignal.any([stop, done.signal]);
  const polling = sandbox.calls.waitFor(
    ({ commonName, method }) => commonName === WORKER_NAME && method === 'PollWorkflowTaskQueue',
    { timeoutMs: WORKER_START_TIMEOUT_MS, signal },
  );
  const ended = worker.exited.then((how) => {
    if (!done.signal.aborted) throw new Error(`The Worker ended before it began to work: ${how}.`);
  });
  try {
    await Promise.race([polling, ended]);
  } finally {
    done.abort();
    polling.catch(() => undefined);
  }
}

/** Returns when the frontend has seen the end of the Worker's connections, and with them of its calls. */
export async function untilDisconnected(sandbox: Sandbox): Promise<void> {
  for (const { id, commonName, endedAtMs } of sandbox.sessions.entries()) {
    if (commonName !== WORKER_NAME || endedAtMs !== undefined) continue;
    await sandbox.sessions.waitFor((session) => session.id === id && session.endedAtMs !== undefined);
  }
}

/** Bundling the workflows is most of it: 2 s on an idle machine. */
const WORKER_START_TIMEOUT_MS = 60_000;
