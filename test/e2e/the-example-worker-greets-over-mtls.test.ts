import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publishPair } from '../../src/pki/index.ts';
import { ensureTemporalCli, type Sandbox } from '../../src/sandbox/index.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { spawnWorker } from './support/spawn-worker.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const WORKER = fileURLToPath(new URL('../../examples/greeting-worker/worker.ts', import.meta.url));
/** For a Worker to start, or to come to its next poll: a long poll takes up to a minute. */
const TIMEOUT_MS = 90_000;

test("the guide's command is answered, before and after a rotation", { skip: await requireToolchain() }, async (t) => {
  const cli = await ensureTemporalCli({ onProgress: (line) => process.stderr.write(`${line}\n`) });
  const sandbox = await startTestSandbox(t);
  const directory = join(sandbox.directory, 'certs');
  const polls = (serial: string) =>
    sandbox.calls.waitFor((call) => call.serial === serial && call.method === 'PollWorkflowTaskQueue', {
      timeoutMs: TIMEOUT_MS,
    });

  const first = await publish(sandbox, directory);
  const worker = spawnWorker(t, WORKER, {
    TEMPORAL_ADDRESS: sandbox.address,
    TEMPORAL_TLS_CERT: join(directory, 'tls.crt'),
    TEMPORAL_TLS_KEY: join(directory, 'tls.key'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: sandbox.files.serverCa,
  });
  await Promise.race([polls(first), worker.failed]);
  assert.match(await greet(cli, sandbox, directory), /"Hello Rotey McRoteface!"/);

  const second = await publish(sandbox, directory);
  await sandbox.calls.waitFor(({ serial }) => serial === second);
  assert.match(await greet(cli, sandbox, directory), /"Hello Rotey McRoteface!"/);
  await polls(second);

  worker.process.kill('SIGTERM');
  assert.deepEqual(await once(worker.process, 'close'), [0, null], `it ends in order:\n${worker.log()}`);
});

async function publish(sandbox: Sandbox, directory: string): Promise<string> {
  const leaf = await sandbox.issueClient({ commonName: 'greeting-worker' });
  await publishPair(directory, { certificatePem: leaf.chainPem, privateKeyPem: leaf.revealPrivateKey() });
  return leaf.serial;
}

/** The command of the guide, with the flags that mTLS takes. */
async function greet(cli: string, sandbox: Sandbox, directory: string): Promise<string> {
  const command = ['workflow', 'execute', '--type', 'GreetSomeone', '--task-queue', 'greeting-tasks'];
  const { stdout } = await promisify(execFile)(cli, [
    ...command,
    ...['--input', '"Rotey McRoteface"'],
    ...['--address', sandbox.address, '--tls-ca-path', sandbox.files.serverCa],
    ...['--tls-cert-path', join(directory, 'tls.crt'), '--tls-key-path', join(directory, 'tls.key')],
  ]);
  return stdout;
}
