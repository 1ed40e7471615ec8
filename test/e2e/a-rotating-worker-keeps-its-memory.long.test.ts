import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publishPair } from '../../src/pki/index.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { spawnWorker } from './support/spawn-worker.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const ROTATIONS = Number(process.env['ROTEY_TEST_ROTATIONS'] ?? 1000);
/** Until then caches fill. */
const WARM_UP = 50;
/** What resident memory was seen to go up and down by is 20 MB; a connection that is not let go of takes 100 kB or more. */
const SWING_KB = 60 * 1024;
const WORKER = fileURLToPath(new URL('../../examples/greeting-worker/worker.ts', import.meta.url));

test('a Worker that rotates a thousand times takes no more memory than after the first', {
  skip: process.platform === 'linux' ? await requireToolchain() : 'resident memory is read from /proc',
}, async (t) => {
  const sandbox = await startTestSandbox(t);
  const directory = join(sandbox.directory, 'certs');
  const publish = async (): Promise<string> => {
    const leaf = await sandbox.issueClient({ commonName: 'worker' });
    await publishPair(directory, { certificatePem: leaf.chainPem, privateKeyPem: leaf.revealPrivateKey() });
    return leaf.serial;
  };
  const first = await publish();
  const worker = spawnWorker(t, WORKER, {
    TEMPORAL_ADDRESS: sandbox.address,
    TEMPORAL_TLS_CERT: join(directory, 'tls.crt'),
    TEMPORAL_TLS_KEY: join(directory, 'tls.key'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: sandbox.files.serverCa,
  });
  const polls = sandbox.calls.waitFor((call) => call.serial === first && call.method === 'PollWorkflowTaskQueue', {
    timeoutMs: 90_000,
  });
  await Promise.race([polls, worker.failed]);
  const resident: number[] = [];
  for (let n = 0; n < ROTATIONS; n++) {
    const serial = await publish();
    const greetings = new Set<number>();
    // The proof says hello, and then the connection that serves.
    const rotated = sandbox.calls.waitFor((call) => {
      if (call.serial === serial && call.method === 'GetSystemInfo') greetings.add(call.id);
      return greetings.size === 2;
    });
    await Promise.race([rotated, worker.failed]);
    const status = await readFile(`/proc/${worker.process.pid}/status`, 'utf8');
    resident.push(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]));
  }
  const before = Math.max(...resident.slice(0, WARM_UP));
  const after = Math.min(...resident.slice(-WARM_UP));
  t.diagnostic(`${ROTATIONS} rotations: ${before} kB resident at the beginning, ${after} kB at the end`);
  assert.ok(after < before + SWING_KB, `${before} kB before, ${after} kB after`);
});
