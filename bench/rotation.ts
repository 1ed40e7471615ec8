/**
 * How fast a rotation is, beside what a Worker does without it: a restart.
 *
 * ```
 * node --import tsx bench/rotation.ts [--rotations 200] [--cached 1000]
 * ```
 *
 * Everything runs in one process tree on one machine, one after the other in the same run, so only the ratios mean
 * something elsewhere. All times are taken from the frontend's own reports and this process's clock, which are the same
 * machine's.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { publishPair } from '../src/pki/index.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/index.ts';
import { type CertificateRotation, rotateCertificates } from '../src/worker/index.ts';
import { activities } from '../test/e2e/support/activities.ts';

const { values } = parseArgs({ options: { rotations: { type: 'string' }, cached: { type: 'string' } } });
const ROTATIONS = Number(values.rotations ?? 200);
const CACHED = Number(values.cached ?? 1000);
const OVERLAPPING = 10;
const TASK_QUEUE = 'bench';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const logger = new DefaultLogger('ERROR');
const workflowsPath = fileURLToPath(new URL('../test/e2e/support/workflows/index.ts', import.meta.url));
const sandbox = await startSandbox({ onProgress: (line) => print(line) });
const directory = await mkdtemp(join(tmpdir(), 'rotey-bench-'));
try {
  await publish(sandbox);
  const rotation = await rotateCertificates({
    certPath: join(directory, 'tls.crt'),
    keyPath: join(directory, 'tls.key'),
    caPath: sandbox.files.serverCa,
    logger: false,
  });
  const connection = await NativeConnection.connect({ address: sandbox.address, plugins: [rotation] });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  const options = { connection, taskQueue: TASK_QUEUE, workflowBundle, activities, maxCachedWorkflows: CACHED + 50 };
  const observer = await observe(sandbox);
  let worker = await Worker.create(options);
  let running = worker.run();

  const firstCall = await timeFirstCalls(sandbox, rotation);
  print(`files in place → first call on the new identity, ${ROTATIONS} rotations: ${describe(firstCall)}`);

  const ids = Array.from({ length: CACHED }, (_, n) => `cached-${n}`);
  for (const some of chunks(ids, 50)) {
    await Promise.all(some.map((workflowId) => observer.workflow.start('open', { taskQueue: TASK_QUEUE, workflowId })));
    await stepAll(observer, some);
  }
  const rotated = await timed(async () => {
    await rotate(sandbox, rotation);
    await stepAll(observer, ids);
  });
  const restarted = await timed(async () => {
    worker.shutdown();
    await running;
    worker = await Worker.create(options);
    running = worker.run();
    await stepAll(observer, ids);
  });
  print(`${CACHED} cached workflows each do one step after a rotation: ${rotated.toFixed(0)} ms`);
  print(`${CACHED} cached workflows each do one step after a restart:  ${restarted.toFixed(0)} ms`);
  print(`a restart costs ${(restarted / rotated).toFixed(2)} times a rotation`);

  const lastCall = await timeLastCalls(sandbox, rotation);
  print(
    `new identity in use → last call on the old one ended, ${OVERLAPPING} overlapping rotations: ${describe(lastCall)}`,
  );
  print(
    '  bounded by the long polls that were in flight: the server answers them after at most 60 s, the SDK gives up after 70 s',
  );

  worker.shutdown();
  await running;
  await connection.close();
  await rotation.close({ graceMs: 0 });
  await observer.connection.close();
} finally {
  await sandbox.stop();
  await rm(directory, { recursive: true, force: true });
}

/** @returns the serial, and when the files were in place. */
async function publish(server: Sandbox): Promise<{ serial: string; atMs: number }> {
  const leaf = await server.issueClient({ commonName: 'bench' });
  await publishPair(directory, { certificatePem: leaf.chainPem, privateKeyPem: leaf.revealPrivateKey() });
  return { serial: leaf.serial, atMs: performance.timeOrigin + performance.now() };
}

async function rotate(server: Sandbox, rotation: CertificateRotation): Promise<{ serial: string; atMs: number }> {
  const { promise, resolve } = withResolver();
  let wanted = '';
  const listener = ({ pair }: { pair: { serial: string } }): void => {
    if (wanted === '' || pair.serial === wanted) resolve();
  };
  const published = await publish(server);
  wanted = published.serial;
  if (rotation.status().connections[0]?.current?.pair.serial !== wanted) {
    rotation.on('rotated', listener);
    await promise;
    rotation.off('rotated', listener);
  }
  return published;
}

async function timeFirstCalls(server: Sandbox, rotation: CertificateRotation): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < ROTATIONS; n++) {
    const { serial, atMs } = await rotate(server, rotation);
    // Not the proof's own calls: the one by which the SDK's new connection says hello comes after those.
    const hello = ({ method, serial: with_ }: { method: string; serial?: string }): boolean =>
      method === 'GetSystemInfo' && with_ === serial;
    await server.calls.waitFor((call) => hello(call) && server.calls.entries().filter(hello).length >= 2);
    const second = server.calls.entries().filter(hello)[1];
    if (second !== undefined) took.push(second.startedAtMs - atMs);
  }
  return took;
}

async function timeLastCalls(server: Sandbox, rotation: CertificateRotation): Promise<number[]> {
  const replaced: { serial: string; atMs: number }[] = [];
  for (let n = 0; n < OVERLAPPING; n++) {
    const before = rotation.currentPair.leaf.serial;
    await rotate(server, rotation);
    replaced.push({ serial: before, atMs: performance.timeOrigin + performance.now() });
  }
  const took: number[] = [];
  for (const { serial, atMs } of replaced) {
    const open = (): boolean =>
      server.calls.entries().some((call) => call.serial === serial && call.endedAtMs === undefined);
    while (open()) await server.calls.waitFor((call) => call.serial !== undefined && !open(), { timeoutMs: 90_000 });
    const ends = server.calls.entries().flatMap((call) => (call.serial === serial ? [call.endedAtMs ?? 0] : []));
    took.push(Math.max(0, Math.max(...ends) - atMs));
  }
  return took;
}

/** Signals every workflow and returns when each has done its step. */
async function stepAll(client: Client, ids: readonly string[]): Promise<void> {
  for (const some of chunks(ids, 50)) {
    await Promise.all(some.map(async (id) => await client.workflow.getHandle(id).executeUpdate('stepped')));
  }
}

async function observe(server: Sandbox): Promise<Client> {
  const leaf = await server.issueClient({ commonName: 'observer' });
  const tls = {
    serverRootCACertificate: Buffer.from(server.serverCaPem),
    clientCertPair: { crt: Buffer.from(leaf.chainPem), key: Buffer.from(leaf.revealPrivateKey()) },
  };
  const connection = await Connection.connect({
    address: server.address,
    tls: { ...tls, serverNameOverride: 'localhost' },
  });
  return new Client({ connection });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function describe(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
