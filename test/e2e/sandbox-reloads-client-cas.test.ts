import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority, issueLeaf } from '../../src/pki/index.ts';
import { connectClient } from './support/connect-client.ts';
import { isAccepted } from './support/is-accepted.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

test('the sandbox accepts exactly the client CAs that it was told last', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t);
  const old = await sandbox.issueClient();
  const authority = await createAuthority({ commonName: 'new CA' });
  const leaf = await issueLeaf(authority, { commonName: 'client', usage: 'client' });
  const open = await connectClient(t, sandbox, old);
  assert.equal(await isAccepted(sandbox, leaf), false);

  await sandbox.setClientCas([sandbox.clientAuthority.bundlePem, authority.bundlePem]);
  assert.equal(await isAccepted(sandbox, old), true);
  assert.equal(await isAccepted(sandbox, leaf), true);

  await sandbox.setClientCas([authority.bundlePem]);
  assert.equal(await isAccepted(sandbox, old), false);
  assert.equal(await isAccepted(sandbox, leaf), true);
  await open.workflowService.getSystemInfo({}); // a session that is open goes on

  await sandbox.kill();
  await sandbox.start();
  assert.equal(await isAccepted(sandbox, old), false, 'a restart does not bring the old CA back');
  assert.equal(await isAccepted(sandbox, leaf), true);
});
