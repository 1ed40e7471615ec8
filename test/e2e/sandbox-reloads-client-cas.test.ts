import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority, issueLeaf } from '../../src/pki/index.ts';
import { connectClient } from './support/connect-client.ts';
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
  await assert.rejects(connectClient(t, sandbox, leaf));

  await sandbox.setClientCas([sandbox.clientAuthority.bundlePem, authority.bundlePem]);
  await connectClient(t, sandbox, old);
  await connectClient(t, sandbox, leaf);

  await sandbox.setClientCas([authority.bundlePem]);
  await assert.rejects(connectClient(t, sandbox, old));
  await connectClient(t, sandbox, leaf);
  await open.workflowService.getSystemInfo({}); // a session that is open goes on

  await sandbox.kill();
  await sandbox.start();
  await assert.rejects(connectClient(t, sandbox, old), 'a restart does not bring the old CA back');
  await connectClient(t, sandbox, leaf);
});
