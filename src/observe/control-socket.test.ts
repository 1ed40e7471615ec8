import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../test/support/watched-source.ts';
import { RoteyError } from '../errors.ts';
import { callControl } from './control-client.ts';
import { CONTROL_VERSION, MAX_REQUEST_BYTES } from './control-protocol.ts';
import { type ControlCommands, openControlSocket } from './control-socket.ts';

async function open(t: TestContext, commands: ControlCommands = {}): Promise<string> {
  const path = join(await temporaryDirectory(t), 'control.sock');
  const socket = await openControlSocket(path, { status: () => ({ schema: 1 }), ...commands });
  t.after(() => socket.close());
  return path;
}

/** Says this, whatever it is, and answers with the lines that come back. */
async function say(path: string, text: string | Buffer): Promise<readonly unknown[]> {
  const socket = createConnection({ path, allowHalfOpen: true });
  let heard = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    heard += piece;
  });
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
  socket.end(text);
  await closed;
  return heard
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function failure(promise: Promise<unknown>): Promise<RoteyError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  assert.ok(error instanceof RoteyError, String(error));
  return error;
}

test('commands are carried out, with their arguments, in the order of the requests', async (t) => {
  const slow = new EventEmitter();
  const path = await open(t, {
    echo: (given) => given,
    slow: async () => {
      slow.emit('begun');
      await once(slow, 'go on');
      return 'slow';
    },
    nothing: () => undefined,
  });
  assert.deepEqual(await callControl(path, 'status'), { schema: 1 });
  assert.deepEqual(await callControl(path, 'echo', { arguments: { a: [1] } }), { a: [1] });
  assert.equal(await callControl(path, 'nothing'), null);
  const line = (command: string): string => `${JSON.stringify({ version: CONTROL_VERSION, command })}\n`;
  const begun = once(slow, 'begun');
  const both = say(path, line('slow') + line('status'));
  await begun;
  slow.emit('go on');
  assert.deepEqual(await both, [
    { version: 1, ok: true, result: 'slow' },
    { version: 1, ok: true, result: { schema: 1 } },
  ]);
});

test('a command that fails, or that there is not, is told in words and does no harm', async (t) => {
  const path = await open(t, {
    fail: () => {
      throw new RoteyError('ROTEY_ROTATION_CLOSED', 'The rotation is closed.', { hint: 'Start it.' });
    },
    crash: () => Promise.reject(new TypeError('no such thing')),
    circular: () => {
      const loop: Record<string, unknown> = {};
      loop['loop'] = loop;
      return loop;
    },
  });
  const fail = await failure(callControl(path, 'fail'));
  assert.deepEqual(
    [fail.code, fail.message, fail.hint, fail.context['code']],
    ['ROTEY_COMMAND_FAILED', 'The rotation is closed.', 'Start it.', 'ROTEY_ROTATION_CLOSED'],
  );
  assert.equal((await failure(callControl(path, 'crash'))).message, 'no such thing');
  assert.match((await failure(callControl(path, 'circular'))).message, /circular/);
  for (const command of ['revoke', 'toString', '__proto__', '']) {
    const { code, hint } = await failure(callControl(path, command));
    assert.deepEqual([code, hint], ['ROTEY_COMMAND_FAILED', 'There are: status, fail, crash, circular.'], command);
  }
  assert.deepEqual(await callControl(path, 'status'), { schema: 1 });
});

test('what is no request of this version is refused, and the connection goes on', async (t) => {
  const path = await open(t);
  const wrong = [
    '',
    'x',
    '[]',
    'null',
    '{}',
    '{"version":2,"command":"status"}',
    '{"version":1}',
    '{"version":1,"command":7}',
  ];
  const more = ['{"version":1,"command":"status","arguments":[]}', '{"version":1,"command":"status","extra":1}'];
  const good = '{"version":1,"command":"status"}';
  const answers = await say(path, [...wrong, ...more, good, ''].join('\n'));
  assert.equal(answers.length, wrong.length + more.length + 1);
  for (const answer of answers.slice(0, -1)) {
    const { ok, error } = answer as { ok: boolean; error: { code: string } };
    assert.deepEqual([ok, error.code], [false, 'ROTEY_COMMAND_FAILED']);
  }
  assert.deepEqual(answers.at(-1), { version: 1, ok: true, result: { schema: 1 } });
});

test('a request without an end is cut off at 64 KiB', async (t) => {
  const path = await open(t);
  const [answer] = await say(path, Buffer.alloc(MAX_REQUEST_BYTES + 1, 'a'));
  assert.match(JSON.stringify(answer), /at most 65536 bytes/);
  const [many] = await say(path, Buffer.alloc(10 * MAX_REQUEST_BYTES, 'a'));
  assert.match(JSON.stringify(many), /at most 65536 bytes/);
  assert.deepEqual(await callControl(path, 'status'), { schema: 1 });
});

test('who asks without listening is not answered ahead, and nobody else waits for it', async (t) => {
  const requests = 500;
  let carriedOut = 0;
  const path = await open(t, {
    large: () => {
      carriedOut++;
      return 'x'.repeat(100_000);
    },
  });
  const socket = createConnection(path);
  t.after(() => socket.destroy());
  socket.pause();
  const line = `${JSON.stringify({ version: CONTROL_VERSION, command: 'large' })}\n`;
  await new Promise<unknown>((resolve) => socket.write(line.repeat(requests), resolve));
  for (let other = 0; other < 50; other++) await callControl(path, 'status');
  assert.ok(carriedOut < 50, `${carriedOut} of ${requests} were carried out, and no answer was read`);

  let heard = 0;
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1').split('\n').length - 1;
    if (heard === requests) socket.end();
  });
  await once(socket.resume(), 'close');
  assert.equal(carriedOut, requests, 'and then all are answered');
});

test('only its own user may use it, from the first moment on', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'control.sock');
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const modes: number[] = [];
  const opening = openControlSocket(path, {});
  let isOpen = false;
  const opened = opening.finally(() => {
    isOpen = true;
  });
  while (!isOpen) {
    for (const name of await readdir(directory)) {
      const stats = await stat(join(directory, name)).catch(() => undefined);
      if (stats !== undefined) modes.push(stats.mode & 0o777);
    }
  }
  const socket = await opened;
  t.after(() => socket.close());
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.ok(modes.length > 0, 'nobody has looked');
  for (const mode of modes) assert.ok(mode === 0o700 || mode === 0o600, mode.toString(8));
  assert.deepEqual(await readdir(directory), ['control.sock'], 'the folder that it was made in is gone');
});

test('a socket that a dead process left behind is replaced', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'control.sock');
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(createInterface({ input: child.stdout }), 'line');
  const inUse = await failure(openControlSocket(path, {}));
  assert.equal(inUse.code, 'ROTEY_LISTEN_FAILED');
  assert.match(inUse.message, /another process listens there/);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok((await stat(path)).isSocket(), 'it was left behind');
  const socket = await openControlSocket(path, { status: () => 'mine' });
  t.after(() => socket.close());
  assert.equal(await callControl(path, 'status'), 'mine');
  assert.deepEqual(await readdir(directory), ['control.sock']);
});

test('of several that want the same path one gets it, and the others are told', async (t) => {
  const path = join(await temporaryDirectory(t), 'control.sock');
  const all = await Promise.allSettled([1, 2, 3, 4].map((number) => openControlSocket(path, { status: () => number })));
  const open = all.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  for (const socket of open) t.after(() => socket.close());
  assert.equal(open.length, 1);
  for (const result of all) if (result.status === 'rejected') assert.equal(result.reason.code, 'ROTEY_LISTEN_FAILED');
  assert.equal(await callControl(path, 'status'), all.findIndex(({ status }) => status === 'fulfilled') + 1);
});

test('a file that is no socket, a folder that is not there and a path that is too long are left alone', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'precious');
  await writeFile(file, 'precious');
  assert.match((await failure(openControlSocket(file, {}))).message, /no socket/);
  assert.equal((await stat(file)).size, 8);
  assert.match((await failure(openControlSocket(join(directory, 'no', 's'), {}))).message, /no such folder/);
  for (const long of [join(directory, 'x'.repeat(100)), `/tmp/${'y'.repeat(88)}/s`]) {
    assert.match((await failure(openControlSocket(long, {}))).message, /too long/);
  }
  assert.deepEqual(await readdir(directory), ['precious']);
});

test('close ends every connection and removes the socket, but not somebody else’s', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'control.sock');
  const socket = await openControlSocket(path, {});
  const client = createConnection(path);
  await once(client, 'connect');
  const closed = once(client, 'close');
  await Promise.all([socket.close(), socket.close()]);
  await closed;
  assert.deepEqual(await readdir(directory), []);

  const mine = await openControlSocket(path, {});
  await promisify(execFile)('rm', [path]);
  const other = createServer().listen(path);
  await once(other, 'listening');
  await mine.close();
  assert.ok((await stat(path)).isSocket());
  other.close();
});

test('closing a second time leaves the socket of a successor alone, which may have the same inode', async (t) => {
  const path = join(await temporaryDirectory(t), 'control.sock');
  const before = await openControlSocket(path, {});
  await before.close();
  const successor = await openControlSocket(path, { status: () => 'here' });
  t.after(() => successor.close());
  await before.close();
  assert.equal(await callControl(path, 'status'), 'here');
});

test('a folder that may not be written to any more does not keep it from closing', {
  skip: process.getuid?.() !== 0 && 'needs root to give rights away',
}, async (t) => {
  const directory = await temporaryDirectory(t);
  await chmod(directory, 0o755);
  const path = join(directory, 'control.sock');
  const socket = await openControlSocket(path, {});
  t.after(() => process.seteuid?.(0));
  process.seteuid?.(65_534);
  await socket.close();
  process.seteuid?.(0);
  assert.match((await failure(callControl(path, 'status'))).message, /nothing listens there/);
  await (await openControlSocket(path, {})).close(); // what is left there is replaced
});

test('who asks where nobody answers is told why', async (t) => {
  const directory = await temporaryDirectory(t);
  const missing = await failure(callControl(join(directory, 'none'), 'status'));
  assert.deepEqual([missing.code, /no such socket/.test(missing.message)], ['ROTEY_STATUS_UNREACHABLE', true]);
  const silent = join(directory, 'silent');
  const server = createServer().listen(silent);
  await once(server, 'listening');
  t.after(() => server.close());
  const late = await failure(callControl(silent, 'status', { timeoutMs: 20 }));
  assert.match(late.message, /has not answered for 0.02 s/);
  const reason = new Error('enough');
  await assert.rejects(callControl(silent, 'status', { signal: AbortSignal.abort(reason) }), reason);
  const stop = new AbortController();
  const asked = callControl(silent, 'status', { signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(asked, reason);
  server.on('connection', (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  assert.equal((await failure(callControl(silent, 'status'))).code, 'ROTEY_STATUS_INVALID');
});

test('a path that looks like a port is a path', async () => {
  for (const path of ['9464', '70000']) {
    assert.match((await failure(callControl(path, 'status'))).message, /there is no such socket/);
  }
});

test('a program ends by itself with a control socket that is open', async (t) => {
  const path = join(await temporaryDirectory(t), 'control.sock');
  const program = `
    import { openControlSocket } from './src/observe/control-socket.ts';
    await openControlSocket(${JSON.stringify(path)}, {});
    console.log('done');
  `;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  assert.equal(stdout, 'done\n');
});
