import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { eventually } from './support/eventually.ts';
import { processExists } from './support/process-exists.ts';
import { requireToolchain } from './support/require-toolchain.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

test('rotey sandbox hands out what a client needs, runs until it is interrupted, and ends with 0', {
  skip: await requireToolchain(),
}, async (t) => {
  const rotey = start(t, ['sandbox', '--json', '--namespace', 'orders', '--namespace', 'payments']);
  const handout = JSON.parse(await firstLine(rotey.stdout));
  assert.deepEqual(handout.namespaces, ['orders', 'payments']);
  assert.equal(handout.env.TEMPORAL_NAMESPACE, 'orders');
  await useSandbox(handout);

  rotey.kill('SIGINT');
  assert.deepEqual(await once(rotey, 'close'), [0, null]);
  assert.ok(!processExists(handout.pid));
  await assert.rejects(access(handout.directory), 'its directory is gone');
});

test('rotey sandbox says so when the server ends by itself', { skip: await requireToolchain() }, async (t) => {
  const rotey = start(t, ['sandbox', '--json']);
  const errors = collect(rotey.stderr);
  const { pid } = JSON.parse(await firstLine(rotey.stdout));
  process.kill(pid, 'SIGKILL');
  assert.deepEqual(await once(rotey, 'close'), [1, null]);
  assert.match(errors.join(''), /ROTEY_SANDBOX_FAILED: The Temporal server has ended by itself \(SIGKILL\)/);
});

test('an interrupt during the build ends it with 130', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const go = `#!/bin/sh
if [ "$1" = version ]; then echo "go version go1.99.0 linux/amd64"; exit; fi
echo $$ > "${directory}/pid"
exec sleep 60
`;
  await writeFile(join(directory, 'go'), go);
  await chmod(join(directory, 'go'), 0o755);
  const env = {
    ...process.env,
    PATH: `${directory}:${process.env['PATH']}`,
    ROTEY_CACHE_DIR: directory,
    ROTEY_TEMPORAL_SERVER: '',
  };
  const rotey = start(t, ['sandbox'], env);
  const errors = collect(rotey.stderr);
  await eventually('the build has begun', () => access(join(directory, 'pid')).then(...yesOrNo));
  rotey.kill('SIGINT');
  assert.deepEqual(await once(rotey, 'close'), [130, null]);
  assert.match(errors.join(''), /building the Temporal server[\s\S]*ROTEY_INTERRUPTED/);
  const pid = Number(await readFile(join(directory, 'pid'), 'utf8'));
  assert.ok(!processExists(pid), 'the compiler has ended');
});

async function useSandbox(handout: Record<'address' | 'certPath' | 'keyPath' | 'serverCaPath', string>): Promise<void> {
  const [crt, key, ca] = await Promise.all(
    [handout.certPath, handout.keyPath, handout.serverCaPath].map((path) => readFile(path)),
  );
  assert.ok(crt && key && ca);
  const tls = { clientCertPair: { crt, key }, serverRootCACertificate: ca };
  const connection = await Connection.connect({ address: handout.address, tls });
  const client = new Client({ connection, namespace: 'payments' });
  await client.workflow.start('never', { taskQueue: 'nobody', workflowId: 'one' });
  await connection.close();
}

type Rotey = ChildProcessByStdio<null, Readable, Readable>;

function start(t: TestContext, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Rotey {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error('It ended without a line.');
}

function collect(stream: Readable): string[] {
  const pieces: string[] = [];
  stream.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  return pieces;
}

const yesOrNo = [() => true, () => false] as const;
