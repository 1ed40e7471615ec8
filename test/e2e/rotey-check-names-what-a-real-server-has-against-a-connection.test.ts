import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CheckReport } from '../../src/check/index.ts';
import { createAuthority, type IssuedLeaf, issueLeaf } from '../../src/pki/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const HOUR_MS = 3_600_000;
const skip = await requireToolchain();

/** Runs `rotey check --json` as a user would, in an environment without any other setting. */
async function roteyCheck(
  t: TestContext,
  sandbox: Sandbox,
  leaf: IssuedLeaf | undefined,
  ...more: readonly string[]
): Promise<{ readonly outcome: string; readonly report: CheckReport; readonly exitCode: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [crt, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  if (leaf !== undefined) await Promise.all([writeFile(crt, leaf.chainPem), writeFile(key, leaf.revealPrivateKey())]);
  const pair = leaf === undefined ? [] : ['--tls-cert-path', crt, '--tls-key-path', key];
  const connection = ['--address', sandbox.address, '--tls-ca-path', sandbox.files.serverCa, ...pair];
  const args = ['--import', 'tsx', MAIN, 'check', '--json', ...connection, ...more];
  const env = { PATH: process.env['PATH'], HOME: folder };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const report: CheckReport = JSON.parse(output);
  return { outcome: `${report.cause?.code ?? report.result} ${exitCode}`, report, exitCode };
}

test('rotey check names what a real server has against a connection', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t, { namespaces: ['default', 'orders'] });
  const good = await sandbox.issueClient();
  const outcomeOf = async (leaf: IssuedLeaf | undefined, ...more: readonly string[]): Promise<string> =>
    (await roteyCheck(t, sandbox, leaf, ...more)).outcome;

  const { outcome, report } = await roteyCheck(t, sandbox, good, '--namespace', 'orders');
  assert.equal(outcome, 'good 0', report.cause?.message);
  assert.ok(report.steps.every(({ result }) => result === 'ok'));
  assert.ok(report.server.acceptedAuthorities?.includes('CN=rotey sandbox: client CA'));

  assert.equal(await outcomeOf(undefined), 'ROTEY_CERTIFICATE_REQUIRED 3');
  assert.equal(await outcomeOf(good, '--namespace', 'nope'), 'ROTEY_CHECK_NAMESPACE_UNKNOWN 3');

  const stranger = await createAuthority({ commonName: 'nobody knows me' });
  const strangersLeaf = await issueLeaf(stranger, { commonName: 'client', usage: 'client' });
  assert.equal(await outcomeOf(strangersLeaf), 'ROTEY_CHECK_CA_OR_INTERMEDIATE 3');

  const twin = await createAuthority({ commonName: sandbox.clientAuthority.commonName });
  assert.equal(
    await outcomeOf(await issueLeaf(twin, { commonName: 'client', usage: 'client' })),
    'ROTEY_CHECK_CA_SAME_NAME 3',
  );

  const now = Date.now();
  const past = { notBeforeMs: now - 2 * HOUR_MS, notAfterMs: now - HOUR_MS, rules: 'tls' } as const;
  assert.equal(await outcomeOf(await sandbox.issueClient(past)), 'ROTEY_CHECK_CERTIFICATE_EXPIRED 3');
  const future = await sandbox.issueClient({ notBeforeMs: now + HOUR_MS });
  assert.equal(await outcomeOf(future), 'ROTEY_CHECK_CERTIFICATE_NOT_YET_VALID 3');
  assert.equal(await outcomeOf(good), 'good 0', 'nothing of that has hurt the server');
});

test('rotey check tells a denied Namespace from a denied certificate', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const leaf = await sandbox.issueClient();
  const rule = await sandbox.refuse({ serial: leaf.serial, methods: ['DescribeNamespace'] });
  const denied = await roteyCheck(t, sandbox, leaf);
  assert.equal(denied.outcome, 'ROTEY_CHECK_NAMESPACE_DENIED 3');
  assert.match(
    denied.report.cause?.message ?? '',
    /PERMISSION_DENIED: Request unauthorized\. The certificate is "CN=client"/,
  );
  await rule.clear();
  await sandbox.refuse({ serial: leaf.serial });
  assert.equal((await roteyCheck(t, sandbox, leaf)).outcome, 'ROTEY_CHECK_SYSTEM_INFO_DENIED 3');
  assert.equal((await roteyCheck(t, sandbox, await sandbox.issueClient())).outcome, 'good 0', 'others are let in');
});

test('rotey check knows nothing of a certificate when the server is frozen or down', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const leaf = await sandbox.issueClient();
  sandbox.suspend();
  assert.equal((await roteyCheck(t, sandbox, leaf, '--timeout', '700ms')).outcome, 'ROTEY_TLS_TIMEOUT 4');
  sandbox.resume();
  assert.equal((await roteyCheck(t, sandbox, leaf)).outcome, 'good 0');
  await sandbox.kill();
  const { outcome, report } = await roteyCheck(t, sandbox, leaf);
  assert.equal(outcome, 'ROTEY_CONNECT_REFUSED 4');
  assert.equal(report.result, 'unreachable');
});

test('rotey check finds a server that never uses the certificate', { skip }, async (t) => {
  const sandbox = await startTestSandbox(t, { requireClientCertificate: false });
  const { outcome, report } = await roteyCheck(t, sandbox, await sandbox.issueClient());
  assert.equal(outcome, 'ROTEY_CHECK_CERTIFICATE_NEVER_ASKED 3', report.cause?.message);
});
