import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publishPair } from '../../src/pki/index.ts';
import { eventually } from './support/eventually.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/greeting-worker/${name}`, import.meta.url));

test('the starter prints what the Worker answers, before and after a rotation', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t);
  const directory = join(sandbox.directory, 'certs');
  const publish = async (): Promise<string> => {
    const leaf = await sandbox.issueClient({ commonName: 'starter' });
    await publishPair(directory, { certificatePem: leaf.chainPem, privateKeyPem: leaf.revealPrivateKey() });
    return leaf.serial;
  };
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: sandbox.address,
    TEMPORAL_TLS_CERT: join(directory, 'tls.crt'),
    TEMPORAL_TLS_KEY: join(directory, 'tls.key'),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: sandbox.files.serverCa,
  };
  await publish();
  const worker = spawn(process.execPath, ['--import', 'tsx', example('worker.ts')], { stdio: 'ignore', env });
  t.after(() => worker.kill('SIGKILL'));

  const command = ['--import', 'tsx', example('starter.ts')];
  const { stdout } = await promisify(execFile)(process.execPath, [...command, 'Rotey McRoteface', 'you'], { env });
  assert.equal(stdout, 'Hello Rotey McRoteface!\nHello you!\n');

  const starter = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'], env });
  t.after(() => starter.kill('SIGKILL'));
  const answers = createInterface({ input: starter.stdout })[Symbol.asyncIterator]();
  const greet = async (name: string): Promise<string> => {
    starter.stdin.write(`${name}\n`);
    return String((await answers.next()).value);
  };
  assert.equal(await greet('early bird'), 'Hello early bird!');
  const serial = await publish();
  const usesTheNewOne = (): boolean =>
    sandbox.calls
      .entries()
      .filter(({ identity }) => identity?.startsWith(`${starter.pid}@`))
      .some((call) => call.method === 'StartWorkflowExecution' && call.serial === serial);
  await eventually('the starter uses the new certificate', async () => {
    assert.equal(await greet('night owl'), 'Hello night owl!');
    return usesTheNewOne();
  });
  starter.stdin.end();
  assert.deepEqual(await once(starter, 'exit'), [0, null]);
});
