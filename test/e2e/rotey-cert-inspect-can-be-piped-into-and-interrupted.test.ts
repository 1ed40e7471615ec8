import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { issuePair } from '../support/issued-pair.ts';
import { outcomeOf, spawnRotey } from './support/run-rotey.ts';

test('rotey cert inspect - reads what is piped in', async (t) => {
  const { certificatePem, privateKeyPem } = await issuePair('worker');
  const rotey = spawnRotey(t, ['cert', 'inspect', '-', '--json']);
  rotey.stdin.end(certificatePem + privateKeyPem);
  const { stdout, exitCode } = await outcomeOf(rotey);
  assert.equal(exitCode, 0);
  assert.equal(JSON.parse(stdout).inputs[0].entries[0].certificates[0].privateKey.match, 'found');
});

test('rotey cert inspect says by its exit code what it found, also to a reader that has seen enough', async (t) => {
  const rotey = spawnRotey(t, ['cert', 'inspect', '-']);
  rotey.stdout.destroy();
  rotey.stdin.end('no certificate');
  const { exitCode, stderr } = await outcomeOf(rotey);
  assert.equal(stderr, '');
  assert.equal(exitCode, 3);
});

test('rotey cert inspect is interrupted at once while it waits for stdin', async (t) => {
  const rotey = spawnRotey(t, ['cert', 'inspect', '127.0.0.1:1', '-']);
  const outcome = outcomeOf(rotey);
  // More than the pipe holds: once this is written it reads, and it listens to signals before it does.
  await new Promise<void>((resolve) => rotey.stdin.write('#'.repeat(900_000), () => resolve()));
  rotey.kill('SIGINT');
  const { exitCode, stderr } = await outcome;
  assert.equal(exitCode, 130);
  assert.match(stderr, /ROTEY_INTERRUPTED/);
});

test('rotey cert inspect is interrupted at once while a server says nothing', async (t) => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const rotey = spawnRotey(t, ['cert', 'inspect', `127.0.0.1:${address.port}`]);
  const outcome = outcomeOf(rotey);
  const [socket] = await once(server, 'connection');
  await once(socket, 'data');
  rotey.kill('SIGINT');
  assert.equal((await outcome).exitCode, 130);
});
