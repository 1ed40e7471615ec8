import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority, issueLeaf } from '../../src/pki/index.ts';
import { connectClient } from './support/connect-client.ts';
import { eventually } from './support/eventually.ts';
import { isAccepted } from './support/is-accepted.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

test('the sandbox refuses clients without a certificate and with one of an unknown CA', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t);
  const stranger = await createAuthority({ commonName: 'stranger' });

  assert.equal(await isAccepted(sandbox, undefined), false);
  const unknown = await issueLeaf(stranger, { commonName: 'client', usage: 'client' });
  assert.equal(await isAccepted(sandbox, unknown), false);
  await eventually('both refusals are counted', () => sandbox.failedHandshakes >= 2);
  assert.deepEqual(sandbox.sessions.entries(), [], 'no session came about');

  await connectClient(t, sandbox, await sandbox.issueClient());
  await sandbox.sessions.waitFor(() => true);
  assert.equal(sandbox.sessions.entries().length, 1);
});

test('a sandbox that requires no certificate serves clients without one', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t, { requireClientCertificate: false });
  await connectClient(t, sandbox, undefined);
  const session = await sandbox.sessions.waitFor(() => true);
  assert.equal(session.serial, undefined);
  await assert.rejects(sandbox.setClientCas([]), { code: 'ROTEY_SANDBOX_FAILED' });
});
