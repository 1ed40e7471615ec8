import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startSandbox } from '../../src/sandbox/index.ts';
import { connectClient } from './support/connect-client.ts';
import { eventually } from './support/eventually.ts';
import { pollForever } from './support/poll-forever.ts';
import { processExists } from './support/process-exists.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const skip = await requireToolchain();

test('stop() ends the server, open long polls or not, and removes the directory', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const { pid = 0, directory } = sandbox;
  pollForever(await connectClient(t, sandbox, await sandbox.issueClient())).catch(() => undefined); // by the stop
  await sandbox.calls.waitFor(({ method }) => method === 'PollWorkflowTaskQueue');
  await sandbox.stop();
  assert.ok(!processExists(pid));
  await assert.rejects(access(directory));
});

test('a suspended sandbox stops as well', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const { pid = 0 } = sandbox;
  sandbox.suspend();
  await sandbox.stop();
  assert.ok(!processExists(pid));
});

test('stop() keeps a directory that was given', { skip }, async (t) => {
  const directory = await temporaryDirectory(t);
  const sandbox = await startTestSandbox(t, { directory });
  await sandbox.stop();
  await access(sandbox.files.serverCa);
});

test('an abort during the start leaves no server', { skip }, async (t) => {
  const directory = await temporaryDirectory(t);
  const abort = new AbortController();
  const starting = startSandbox({ directory, signal: abort.signal });
  starting.catch(() => undefined); // looked at below
  await eventually('the server has its configuration', async () =>
    (await readdir(directory)).includes('server-config.yaml'),
  );
  const reason = new Error('changed my mind');
  abort.abort(reason);
  await assert.rejects(starting, reason);
});

test('starts and stops leave no listener on a signal that lives on', { skip }, async (t) => {
  const { signal } = new AbortController();
  const sandbox = await startTestSandbox(t, { signal });
  const whileItRuns = getEventListeners(signal, 'abort').length;
  await sandbox.kill();
  await sandbox.start();
  assert.equal(getEventListeners(signal, 'abort').length, whileItRuns);
  await sandbox.stop();
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('an abort later ends the server at once', { skip }, async (t) => {
  const abort = new AbortController();
  const sandbox = await startTestSandbox(t, { signal: abort.signal });
  const { pid = 0, directory } = sandbox;
  abort.abort();
  await sandbox.stop();
  assert.ok(!processExists(pid));
  await assert.rejects(access(directory));
});

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
