import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPair } from '../../src/identity/index.ts';
import { proveCandidate } from '../../src/probe/index.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

test('probe refuses a candidate that may do less than the current one', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t);
  const target = { address: sandbox.address, trustPem: sandbox.serverCaPem, namespaces: sandbox.namespaces };
  const [candidate, current] = (await Promise.all([sandbox.issueClient(), sandbox.issueClient()])).map((leaf) =>
    readPair({ certificate: leaf.chainPem, key: leaf.revealPrivateKey() }),
  );
  assert.ok(candidate && current);
  const prove = () => proveCandidate(target, candidate, { pair: current });

  assert.equal((await prove()).verdict, 'accepted');
  const methods = ['DescribeNamespace'];
  const rule = await sandbox.refuse({ serial: candidate.leaf.serial, methods });
  const refused = await prove();
  assert.deepEqual([refused.verdict, refused.error?.code], ['refused', 'ROTEY_RPC_DENIED']);

  await rule.clear();
  await sandbox.refuse({ methods });
  const both = await prove();
  assert.deepEqual([both.verdict, both.warnings.length], ['accepted', 1]);
  assert.deepEqual(new Set(sandbox.sessions.entries().map(({ resumed }) => resumed)), new Set([false]));
});
