import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publishPair } from '../../src/pki/index.ts';
import { connectClient } from './support/connect-client.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { spawnWorker } from './support/spawn-worker.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKFLOWS = "export const greet = async (name: string): Promise<string> => ['Hello', name].join(' ');\n";

test('the Worker in the README runs as it is written, and rotates', { skip: await requireToolchain() }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const certs = join(sandbox.directory, 'certs');
  const publish = async (): Promise<string> => {
    const leaf = await sandbox.issueClient({ commonName: 'readme' });
    await publishPair(certs, { certificatePem: leaf.chainPem, privateKeyPem: leaf.revealPrivateKey() });
    return leaf.serial;
  };
  const first = await publish();
  const program = await writeProject(join(sandbox.directory, 'readme'), {
    '/certs/': `${certs}/`,
    'temporal.example.com:7233': sandbox.address,
  });
  const worker = spawnWorker(t, program, { TEMPORAL_TLS_SERVER_CA_CERT_PATH: sandbox.files.serverCa });
  const polls = (serial: string) =>
    sandbox.calls.waitFor((call) => call.serial === serial && call.method === 'PollWorkflowTaskQueue', {
      timeoutMs: 90_000, // for a Worker to start on a busy machine
    });
  await Promise.race([polls(first), worker.failed]);
  const second = await publish();
  await Promise.race([sandbox.calls.waitFor(({ serial }) => serial === second), worker.failed]);
  const { workflowService } = await connectClient(t, sandbox, await sandbox.issueClient({ commonName: 'starter' }));
  const started = await workflowService.startWorkflowExecution({
    ...{ namespace: 'default', workflowId: 'readme', requestId: 'readme', workflowType: { name: 'greet' } },
    taskQueue: { name: 'greeting-tasks' },
    input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"README"') }] },
  });
  const { history } = await workflowService.getWorkflowExecutionHistory({
    ...{ namespace: 'default', execution: { workflowId: 'readme', runId: started.runId } },
    ...{ waitNewEvent: true, historyEventFilterType: 2 }, // the closing event
  });
  const result = history?.events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0]?.data;
  assert.equal(Buffer.from(result ?? []).toString(), '"Hello README"');
  await Promise.race([polls(second), worker.failed]);
  worker.process.kill('SIGTERM');
  assert.deepEqual(await once(worker.process, 'close'), [0, null], `it ends in order:\n${worker.log()}`);
});

/** A project as a user has it, with rotey and the SDK among its packages; answers with the path of the program. */
async function writeProject(directory: string, places: Readonly<Record<string, string>>): Promise<string> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  let code = /^## Use it in a Worker\n[^#]*?```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? assert.fail('no example');
  for (const [written, here] of Object.entries(places)) {
    assert.ok(code.includes(written), `the example names ${written}`);
    code = code.replaceAll(written, here);
  }
  await mkdir(join(directory, 'node_modules'), { recursive: true });
  await symlink(join(ROOT, 'node_modules', '@temporalio'), join(directory, 'node_modules', '@temporalio'));
  await symlink(ROOT, join(directory, 'node_modules', 'rotey'));
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(directory, 'workflows.ts'), WORKFLOWS);
  await writeFile(join(directory, 'worker.ts'), code);
  return join(directory, 'worker.ts');
}
