import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectClient } from './support/connect-client.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const CANCELLED = 1;

const skip = await requireToolchain();

test('calls are refused by certificate, method and namespace', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t, { namespaces: ['default', 'orders'] });
  const leaf = await sandbox.issueClient();
  const refused = (await connectClient(t, sandbox, leaf)).workflowService;
  const free = (await connectClient(t, sandbox, await sandbox.issueClient())).workflowService;

  const filter = await sandbox.refuse({ serial: leaf.serial, methods: ['DescribeNamespace'], namespace: 'orders' });
  await assert.rejects(refused.describeNamespace({ namespace: 'orders' }), {
    code: PERMISSION_DENIED,
    details: 'Request unauthorized.',
  });
  await refused.describeNamespace({ namespace: 'default' });
  await refused.getSystemInfo({});
  await free.describeNamespace({ namespace: 'orders' });
  await sandbox.calls.waitFor((call) => call.serial === leaf.serial && call.code === 'PERMISSION_DENIED');

  await sandbox.refuse({ serial: leaf.serial, code: 'FAILED_PRECONDITION', message: 'later' });
  await assert.rejects(refused.getSystemInfo({}), { code: FAILED_PRECONDITION, details: 'later' });
  await sandbox.clear();
  await refused.describeNamespace({ namespace: 'orders' });
  await filter.clear(); // gone already, and that is fine
  await assert.rejects(sandbox.refuse({ code: 'NO_SUCH_CODE' }), { code: 'ROTEY_SANDBOX_FAILED' });
});

test('calls are held until the rule ends or the caller gives up', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const leaf = await sandbox.issueClient();
  const connection = await connectClient(t, sandbox, leaf);
  const service = connection.workflowService;

  const hold = await sandbox.delay({ serial: leaf.serial, methods: ['GetClusterInfo'] });
  const held = service.getClusterInfo({});
  const call = await sandbox.calls.waitFor(({ method }) => method === 'GetClusterInfo');
  await service.getSystemInfo({}); // others pass
  assert.equal(sandbox.calls.get(call.id)?.code, undefined, 'still held');
  await hold.clear();
  await held;

  await sandbox.delay({ methods: ['GetClusterInfo'] });
  const stop = new AbortController();
  const givenUp = connection.withAbortSignal(stop.signal, () => service.getClusterInfo({}));
  const another = await sandbox.calls.waitFor(({ id, method }) => id !== call.id && method === 'GetClusterInfo');
  stop.abort();
  await assert.rejects(givenUp, { code: CANCELLED });
  await sandbox.calls.waitFor(({ id, code }) => id === another.id && code !== undefined);
  await sandbox.clear();

  await sandbox.delay({ methods: ['GetClusterInfo'], forMs: 200 });
  await service.getClusterInfo({});
  const last = sandbox.calls.entries().at(-1);
  assert.ok(last);
  const ended = await sandbox.calls.waitFor(({ id, code }) => id === last.id && code !== undefined);
  assert.ok((ended.endedAtMs ?? 0) - ended.startedAtMs >= 199);
});
