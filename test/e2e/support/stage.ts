import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { IssuedLeaf, PairFiles } from '../../../src/pki/index.ts';
import { publishPair } from '../../../src/pki/index.ts';
import type { ClientLeafOptions, Sandbox, SandboxOptions } from '../../../src/sandbox/index.ts';
import {
  type CertificateRotation,
  type CertificateRotationEvents,
  type RotateCertificatesOptions,
  rotateCertificates,
} from '../../../src/worker/index.ts';
import { activities } from './activities.ts';
import { requireToolchain } from './require-toolchain.ts';
import { startTestSandbox } from './start-sandbox.ts';

export const TASK_QUEUE = 'test';
/** Far more than anything here takes; only a failure waits this long. */
const DEADLINE_MS = 60_000;

let installed = false;
let bundle: ReturnType<typeof bundleWorkflowCode> | undefined;

/** A real server, a volume with a certificate, and a rotation whose connection a Worker can be made from. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly directory: string;
  readonly rotation: CertificateRotation;
  readonly connection: NativeConnection;
  /** The serial that was published first. */
  readonly firstSerial: string;
  /** A Client with a certificate of its own that never changes, over grpc-js. */
  readonly observer: Client;
  readonly observerSerial: string;
  issue(options?: ClientLeafOptions): Promise<IssuedLeaf>;
  /** Puts a pair into the volume as the csi-driver does. */
  publish(leaf: IssuedLeaf, other?: Partial<PairFiles>): Promise<void>;
  /** Issues, publishes, and returns when new work goes to it. */
  rotate(options?: ClientLeafOptions): Promise<string>;
  createWorker(options?: Partial<WorkerOptions>): Promise<Worker>;
  greet(client: Client, name: string): Promise<string>;
}

export interface StageOptions {
  readonly sandbox?: SandboxOptions;
  readonly rotation?: RotateCertificatesOptions;
}

export async function stage(t: TestContext, options: StageOptions = {}): Promise<Stage | undefined> {
  if (!installed) Runtime.install({ logger: quiet });
  installed = true;
  const missing = await requireToolchain();
  if (missing !== false) {
    t.skip(missing);
    return undefined;
  }
  const sandbox = await startTestSandbox(t, options.sandbox);
  const directory = await mkdtemp(join(tmpdir(), 'rotey-stage-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const issue = (leaf: ClientLeafOptions = {}): Promise<IssuedLeaf> =>
    sandbox.issueClient({ commonName: 'worker', ...leaf });
  const publish = async (leaf: IssuedLeaf, other: Partial<PairFiles> = {}): Promise<void> => {
    await publishPair(directory, { certificatePem: leaf.chainPem, privateKeyPem: leaf.revealPrivateKey(), ...other });
  };
  const first = await issue();
  await publish(first);
  const rotation = await rotateCertificates({
    certPath: join(directory, 'tls.crt'),
    keyPath: join(directory, 'tls.key'),
    caPath: sandbox.files.serverCa,
    logger: false,
    ...options.rotation,
  });
  t.after(() => rotation.close({ graceMs: 0 }));
  const connection = await NativeConnection.connect({ address: sandbox.address, plugins: [rotation] });
  const { observer, observerSerial } = await observe(t, sandbox);
  return {
    ...{ sandbox, directory, rotation, connection, observer, observerSerial, issue, publish },
    firstSerial: first.serial,
    async rotate(leaf = {}) {
      const issued = await issue(leaf);
      const rotated = next(rotation, 'rotated', ({ pair }) => pair.serial === issued.serial);
      await publish(issued);
      await rotated;
      return issued.serial;
    },
    async createWorker(workerOptions = {}) {
      bundle ??= bundleWorkflowCode({
        workflowsPath: fileURLToPath(new URL('workflows/index.ts', import.meta.url)),
        logger: quiet,
      });
      return await Worker.create({
        connection,
        taskQueue: TASK_QUEUE,
        workflowBundle: await bundle,
        activities,
        ...workerOptions,
      });
    },
    async greet(client, name) {
      const workflowId = `greeting-${name}-${Math.random()}`;
      return await client.workflow.execute('greeting', { taskQueue: TASK_QUEUE, workflowId, args: [name] });
    },
  };
}

async function observe(t: TestContext, sandbox: Sandbox): Promise<{ observer: Client; observerSerial: string }> {
  const leaf = await sandbox.issueClient({ commonName: 'observer' });
  const tls = {
    serverNameOverride: sandbox.serverName,
    serverRootCACertificate: Buffer.from(sandbox.serverCaPem),
    clientCertPair: { crt: Buffer.from(leaf.chainPem), key: Buffer.from(leaf.revealPrivateKey()) },
  };
  const connection = await Connection.connect({ address: sandbox.address, tls });
  t.after(() => connection.close());
  return { observer: new Client({ connection }), observerSerial: leaf.serial };
}

/** Resolves with the next event for which the predicate holds; rejects at the deadline, naming the event. */
export async function next<Name extends keyof CertificateRotationEvents>(
  rotation: CertificateRotation,
  name: Name,
  predicate: (...event: CertificateRotationEvents[Name]) => boolean = () => true,
): Promise<CertificateRotationEvents[Name]> {
  return await new Promise((resolve, reject) => {
    const listener = (...event: CertificateRotationEvents[Name]): void => {
      if (!predicate(...event)) return;
      clearTimeout(deadline);
      rotation.off(name, listener as never);
      resolve(event);
    };
    const deadline = setTimeout(() => {
      rotation.off(name, listener as never);
      reject(new Error(`no '${name}' within ${DEADLINE_MS} ms; status: ${JSON.stringify(rotation.status())}`));
    }, DEADLINE_MS);
    rotation.on(name, listener as never);
  });
}

const nothing = (): void => undefined;
const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
