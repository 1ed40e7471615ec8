import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { eventually } from '../../test/e2e/support/eventually.ts';
import { systemClock } from '../clock.ts';
import { type Pair, readPair } from '../identity/index.ts';
import { issueLeaf } from '../pki/index.ts';
import {
  createTestPki,
  issuePair,
  startRawServer,
  startTlsServer,
  type TestPki,
  trailersOnly,
} from '../probe/testing/servers.ts';
import { connectClient } from './client-connector.ts';
import { withIdentity } from './connect-options.ts';
import { clientScene } from './testing/client-scene.ts';

const never = new AbortController().signal;
const options = (signal: AbortSignal = never, timeoutMs = 20_000) => ({ timeoutMs, clock: systemClock, signal });

async function issueTrusting({ authority, trustPem }: TestPki): Promise<Pair> {
  const leaf = await issueLeaf(authority, { commonName: 'starter', usage: 'client' });
  return readPair({ certificate: leaf.chainPem, key: leaf.revealPrivateKey(), trust: trustPem });
}

/** What the SDK is asked to connect with. */
function to(address: string, pair: Pair): ConnectionOptions {
  const options: ConnectionOptions = { address, interceptors: [] };
  return withIdentity(options, pair);
}

test('a server that never gets to HTTP/2 is given up in time', async (t) => {
  const pki = await createTestPki();
  const sockets: TLSSocket[] = [];
  const { byName: address } = await startTlsServer(t, pki, (socket) => sockets.push(socket));
  const connecting = connectClient(Connection, to(address, await issueTrusting(pki)), options(never, 200));
  await assert.rejects(connecting, { code: 'ROTEY_CLIENT_CONNECT_TIMEOUT' });
  for (const socket of sockets) socket.destroy(); // grpc-js leaves such a connection to the server
});

test('a server that takes the call and does not answer is given up in time', async (t) => {
  const { frontend, first } = await clientScene(t, { answer: () => undefined });
  const given = to(frontend.byName, first);
  await assert.rejects(connectClient(Connection, given, options(never, 300)), { code: 'ROTEY_CLIENT_CONNECT_TIMEOUT' });
  assert.equal(frontend.calls.length, 1);
});

test('an abort ends the wait at once, with its reason', async (t) => {
  const pki = await createTestPki();
  const { byName: address } = await startRawServer(t, () => undefined);
  const stop = new AbortController();
  const connecting = connectClient(Connection, to(address, await issueTrusting(pki)), options(stop.signal));
  setImmediate(() => stop.abort(new Error('superseded')));
  await assert.rejects(connecting, { message: 'superseded' });
  await assert.rejects(connectClient(Connection, {}, options(AbortSignal.abort(new Error('over')))), {
    message: 'over',
  });
});

for (const [status, name] of [
  [7, 'PERMISSION_DENIED'],
  [12, 'UNIMPLEMENTED'],
  [16, 'UNAUTHENTICATED'],
] as const) {
  test(`${name} is an answer: what is allowed was for the proof to find out`, async (t) => {
    const { frontend, first, toClose } = await clientScene(t, { answer: (stream) => trailersOnly(stream, status) });
    toClose(await connectClient(Connection, to(frontend.byName, first), options()));
  });
}

test('a server that is not trusted ends it at once, with the reason', async (t) => {
  const { pki, frontend } = await clientScene(t);
  const pair = await issuePair(pki.authority); // brings no trust
  await assert.rejects(connectClient(Connection, to(frontend.byName, pair), options()), {
    code: 'ROTEY_CLIENT_CONNECT_FAILED',
    message: /certificate/,
  });
});

test('UNAVAILABLE is none, and says why', async (t) => {
  const { frontend, first } = await clientScene(t, { answer: (stream) => trailersOnly(stream, 14, 'draining') });
  const given = to(frontend.byName, first);
  await assert.rejects(connectClient(Connection, given, options()), {
    code: 'ROTEY_CLIENT_CONNECT_FAILED',
    message: /draining/,
    retryable: true,
  });
});

test('a certificate that the new channel cannot use after it was proven leaves the old one in use', async (t) => {
  const set = await clientScene(t);
  const connection = await set.connect();
  // From now on new connections get through TLS for the probe only, once.
  let secured = 0;
  set.frontend.server.on('secureConnection', (socket) => {
    secured++;
    if (secured > 1) socket.destroy();
  });
  const failed = once(set.rotation, 'attemptFailed', { signal: AbortSignal.timeout(50_000) });
  const pair = await set.issue();
  set.source.set(pair);
  const [{ verdict, error }] = (await failed) as [{ verdict: string; error: { code: string } }];
  assert.equal(verdict, 'unobtainable');
  assert.match(error.code, /^ROTEY_CLIENT_CONNECT_/);
  assert.equal((await set.callSeen(connection)).serial, set.first.leaf.serial);
  await eventually('nothing is left but the first connection', async () => {
    const open = await new Promise<number>((resolve) =>
      set.frontend.server.getConnections((_, count) => resolve(count)),
    );
    return open === 1;
  });
});
