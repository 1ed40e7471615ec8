import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { startRawServer } from '../probe/testing/servers.ts';
import { grpcProxy } from './grpc-proxy.ts';
import { clientScene } from './testing/client-scene.ts';

test('a proxy is used where the channel goes to it, with the name and password of its URL', () => {
  const address = 'frontend:7233';
  const env = { https_proxy: 'http://u:p%40ss@proxy:3128', http_proxy: 'http://other' };
  assert.deepEqual(grpcProxy('dns:proxy:3128', address, env), {
    targetHost: 'proxy:3128',
    basicAuth: { username: 'u', password: 'p@ss' },
  });
  assert.deepEqual(grpcProxy('dns:other:80', address, { http_proxy: 'http://other' }), { targetHost: 'other:80' });
  assert.equal(grpcProxy('dns:frontend:7233', address, env), undefined, 'no_proxy says so, or an option');
  assert.equal(grpcProxy('dns:proxy:3128', address, { http_proxy: 'not a URL' }), undefined);
  assert.equal(grpcProxy('dns:proxy:3128', address, {}), undefined);
});

test('behind an HTTP proxy, proofs go through it as calls do', async (t) => {
  const { frontend, connect: connectClient, rotate, callSeen } = await clientScene(t);
  t.after(() => delete process.env['http_proxy']);
  const tunnels: string[] = [];
  const proxy = await startRawServer(t, (socket) => {
    socket.once('data', (request) => {
      tunnels.push(request.toString('latin1').toLowerCase());
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      relay(socket, connect(frontend.port, '127.0.0.1'));
    });
  });
  process.env['http_proxy'] = `http://user:geheim@${proxy.address}`;
  // A name that only the proxy can reach.
  const connection = await connectClient({ address: 'frontend:7233' });
  const { leaf } = await rotate();
  assert.equal((await callSeen(connection)).serial, leaf.serial);
  assert.equal(tunnels.length, 3, 'the connect, the probe, the new channel');
  for (const tunnel of tunnels) {
    assert.match(tunnel, /^connect frontend:7233 http\/1\.1\r\n/);
    assert.match(tunnel, /\r\nproxy-authorization: basic dxnlcjpnzwhlaw0=\r\n/);
  }
});

function relay(one: Socket, other: Socket): void {
  other.on('error', () => undefined);
  one.pipe(other).pipe(one);
  one.on('close', () => other.destroy());
}
