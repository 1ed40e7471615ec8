import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { statusDocument } from '../../test/support/status-document.ts';
import { RoteyError } from '../errors.ts';
import { type HealthListener, type HealthListenerOptions, startHealthListener } from './health-listener.ts';
import type { StatusDocument } from './status-document.ts';

async function listen(t: TestContext, options: Partial<HealthListenerOptions> = {}): Promise<HealthListener> {
  const listener = await startHealthListener({ listen: '127.0.0.1:0', status: () => statusDocument(), ...options });
  t.after(() => listener.close());
  return listener;
}

interface Reply {
  readonly code: number | undefined;
  readonly type: string | undefined;
  readonly text: string;
  readonly length: string | undefined;
}

function ask(
  { address }: HealthListener,
  path: string,
  { method = 'GET', host = address, body }: { method?: string; host?: string; body?: string } = {},
): Promise<Reply> {
  const [, port] = /:(\d+)$/.exec(address) ?? [];
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers: { host }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => {
        const { 'content-type': type, 'content-length': length } = response.headers;
        resolve({ code: response.statusCode, type, text, length });
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

test('it answers probes, scrapes and questions, and nothing else', async (t) => {
  const metrics = { contentType: 'text/plain; version=0.0.4', metrics: async () => 'rotey_x 1\n' };
  const listener = await listen(t, { metrics });
  assert.deepEqual(await ask(listener, '/healthz'), {
    ...{ code: 200, type: 'text/plain; charset=utf-8', text: 'healthy\n', length: '8' },
  });
  assert.equal((await ask(listener, '/readyz')).text, 'ready\n');
  const { type, text } = await ask(listener, '/metrics');
  assert.deepEqual([type, text], ['text/plain; version=0.0.4', 'rotey_x 1\n']);
  const status = await ask(listener, '/status?pretty');
  assert.deepEqual([status.code, status.type], [200, 'application/json; charset=utf-8']);
  assert.deepEqual(JSON.parse(status.text), statusDocument());
  assert.deepEqual((await ask(listener, '/')).code, 404);
  assert.deepEqual((await ask(listener, '/status/../healthz')).code, 404);
  const head = await ask(listener, '/healthz', { method: 'HEAD' });
  assert.deepEqual([head.code, head.text, head.length], [200, '', '8']);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
    const body = method.startsWith('P') ? { body: 'x' } : {};
    assert.equal((await ask(listener, '/healthz', { method, ...body })).code, 405, method);
  }
});

test('without metrics /metrics is not found', async (t) => {
  assert.equal((await ask(await listen(t), '/metrics')).code, 404);
});

test('a stuck loop fails /healthz, a missing identity /readyz, and both say why', async (t) => {
  const problem = { severity: 'error', what: 'stuck', name: 'orders', address: 'localhost:7233' } as const;
  let document: StatusDocument = {
    ...statusDocument(),
    healthy: false,
    problems: [{ ...problem, message: 'The loop has not run for 61 s.', hint: null }],
  };
  const listener = await listen(t, { status: () => document });
  const health = await ask(listener, '/healthz');
  assert.deepEqual(
    [health.code, health.text],
    [503, 'not healthy\nerror: orders localhost:7233: The loop has not run for 61 s.\n'],
  );
  assert.equal((await ask(listener, '/readyz')).code, 200, 'the identity in use is a proven one all the same');
  document = { ...statusDocument(), ready: false };
  assert.equal((await ask(listener, '/healthz')).code, 200);
  assert.equal((await ask(listener, '/readyz')).code, 503);
});

test('a status that cannot be had is an answer too', async (t) => {
  const listener = await listen(t, {
    status: () => {
      throw new Error('no status');
    },
  });
  const { code, text } = await ask(listener, '/status');
  assert.deepEqual([code, text], [500, 'no status\n']);
});

test('metrics that fail with something that has no text are an answer too', async (t) => {
  const textless: unknown = Object.create(null); // a collector of the user's may throw anything
  const metrics = { contentType: 'text/plain', metrics: async () => await Promise.reject(textless) };
  const listener = await listen(t, { metrics });
  assert.equal((await ask(listener, '/metrics')).code, 500);
});

test('a page whose host name leads here (DNS rebinding) learns nothing', async (t) => {
  const listener = await listen(t, { allowedHosts: ['rotey.pod.cluster.local'] });
  const foreign = [
    'evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    '[::2]',
    'evil.example:80',
    'a b',
    '127.0.0.1.nip.io',
  ];
  for (const host of foreign) {
    const { code, text } = await ask(listener, '/status', { host });
    assert.equal(code, 421, host);
    assert.doesNotMatch(text, /schema/);
  }
  const ours = [
    'localhost',
    'LOCALHOST.:80',
    'app.localhost',
    '127.0.0.1:1',
    '127.8.8.8',
    '[::1]:99',
    'rotey.pod.cluster.local:9464',
  ];
  for (const host of ours) assert.equal((await ask(listener, '/status', { host })).code, 200, host);
});

test('bound to all addresses it answers to the one that a connection came in on, also as IPv4 on an IPv6 socket', async (t) => {
  for (const listen of ['0.0.0.0:0', ':0']) {
    const listener = await startHealthListener({ listen, status: () => statusDocument() });
    t.after(() => listener.close());
    assert.equal((await ask(listener, '/healthz', { host: '127.0.0.1:1' })).code, 200);
    assert.equal((await ask(listener, '/healthz', { host: '192.0.2.1:1' })).code, 421);
  }
});

test('an address that is taken, or that is none, is told as such', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const fails = async (address: string): Promise<RoteyError> => {
    const error: unknown = await startHealthListener({ listen: address, status: statusDocument }).catch(
      (e: unknown) => e,
    );
    assert.ok(error instanceof RoteyError, address);
    return error;
  };
  const error = await fails(`127.0.0.1:${port}`);
  assert.equal(error.code, 'ROTEY_LISTEN_FAILED');
  assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}: another process listens there`));
  assert.match(error.hint ?? '', /another address/);
  assert.equal((await fails('192.0.2.1:0')).code, 'ROTEY_LISTEN_FAILED');
  for (const address of ['', '9464', 'localhost', 'a:b', '1.2.3.4:70000', '[nonsense]:1', 'http://localhost:1']) {
    assert.equal((await fails(address)).code, 'ROTEY_CONFIG_INVALID', address);
  }
});

test('close ends every connection, one that says nothing too, and nothing listens afterwards', async (t) => {
  const listener = await listen(t);
  const [host = '', port] = listener.address.split(':');
  const silent = connect(Number(port), host);
  const closed = new Promise<void>((resolve) => silent.once('close', () => resolve()));
  await new Promise((resolve) => silent.once('connect', resolve));
  await ask(listener, '/healthz');
  await Promise.all([listener.close(), listener.close()]);
  await closed;
  await assert.rejects(ask(listener, '/healthz'), /ECONNREFUSED/);
});

test('an endless header is cut off', async (t) => {
  const listener = await listen(t);
  const [host = '', port] = listener.address.split(':');
  const socket: Socket = connect(Number(port), host);
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(`GET /status HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}`);
  await closed;
  assert.equal((await ask(listener, '/healthz')).code, 200);
});

test('who never finishes a request, or never begins one, is cut off within seconds', async (t) => {
  const listener = await listen(t);
  const [host = '', port] = listener.address.split(':');
  const beginnings = [
    '',
    'GET /status HTTP/1.1\r\n',
    'GET /status HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n1',
  ];
  const closed = beginnings.map(async (text) => {
    const socket: Socket = connect(Number(port), host);
    socket.on('error', () => undefined).resume();
    socket.write(text);
    await once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
  });
  await Promise.all(closed);
  assert.equal((await ask(listener, '/healthz')).code, 200);
});

test('a program ends by itself with a listener that is open, even while somebody is connected', async () => {
  const program = `
    import { connect } from 'node:net';
    import { startHealthListener } from './src/observe/health-listener.ts';
    const { address } = await startHealthListener({ listen: '127.0.0.1:0', status: () => ({}) });
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.unref();
    console.log('done');
  `;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  assert.equal(stdout, 'done\n');
});
