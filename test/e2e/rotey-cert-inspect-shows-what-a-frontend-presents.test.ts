import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { outcomeOf, spawnRotey } from './support/run-rotey.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

test('rotey cert inspect shows what a frontend presents and asks for, and shows it nothing', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t);
  const { address, serverName } = sandbox;
  const args = ['cert', 'inspect', address, '--tls-server-name', serverName];

  const { stdout, exitCode } = await outcomeOf(spawnRotey(t, [...args, '--json']));
  assert.equal(exitCode, 0, stdout);
  const [{ server, entries }] = JSON.parse(stdout).inputs;
  assert.equal(server.protocol, 'TLSv1.3');
  assert.equal(server.asksForClientCertificate, true);
  assert.deepEqual(
    server.acceptedClientCas.filter((name: string) => name.includes(sandbox.clientAuthority.commonName)).length,
    1,
    stdout,
  );
  assert.ok(entries[0].certificates[0].sans.includes(`DNS:${serverName}`));
  assert.equal(entries[0].role, 'server');

  const people = await outcomeOf(spawnRotey(t, args));
  assert.match(people.stdout, /Asks for a certificate\n {15}yes, from these CAs:/);
  await eventually('the frontend has seen both hang up', () => sandbox.failedHandshakes >= 2);
  assert.deepEqual(sandbox.sessions.entries(), [], 'no session came about');
  assert.deepEqual(sandbox.calls.entries(), []);
});
