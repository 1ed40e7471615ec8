import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

function start(t: TestContext, args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const env = { PATH: process.env['PATH'] };
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'check', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  child.stderr.resume();
  return child;
}

test('rotey check ends with 130 when it is interrupted while a server is silent', async (t) => {
  const connected = new Promise<Socket>((resolve) => {
    const server = createServer(resolve).listen(0, '127.0.0.1');
    t.after(() => server.close());
    server.once('listening', () => {
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      rotey = start(t, ['--address', `127.0.0.1:${address.port}`, '--timeout', '1h']);
    });
  });
  let rotey: ReturnType<typeof start> | undefined;
  const socket = await connected;
  socket.on('error', () => undefined);
  socket.resume();
  assert.ok(rotey);
  rotey.stdout.resume();
  const gone = once(socket, 'close');
  rotey.kill('SIGINT');
  assert.deepEqual(await once(rotey, 'close'), [130, null]);
  await gone;
});

test('rotey check --watch ends with the last exit code when it is interrupted', {
  skip: await requireToolchain(),
}, async (t) => {
  const sandbox = await startTestSandbox(t);
  const args = ['--address', sandbox.address, '--tls-ca-path', sandbox.files.serverCa, '--watch', '--json'];
  const rotey = start(t, [...args, '--interval', '100ms']);
  const lines = createInterface(rotey.stdout)[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value).cause.code;
  assert.equal(await next(), 'ROTEY_CERTIFICATE_REQUIRED');
  await sandbox.kill();
  while ((await next()) !== 'ROTEY_CONNECT_REFUSED'); // a check under way sees the server end in another step
  rotey.kill('SIGINT');
  assert.deepEqual(await once(rotey, 'close'), [4, null]);
});
