import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { eventually } from '../../test/e2e/support/eventually.ts';
import { createAuthority, issueLeaf } from '../pki/index.ts';
import { type Answer, succeed, trailersOnly } from '../probe/testing/servers.ts';
import { clientScene } from './testing/client-scene.ts';

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`with ${maxVersion}, calls go out with the new certificate, and no TLS session revives the old one`, async (t) => {
    const set = await clientScene(t, { maxVersion });
    const connection = await set.connect();
    assert.equal((await set.callSeen(connection)).serial, set.first.leaf.serial);
    for (let n = 0; n < 3; n++) {
      const { leaf } = await set.rotate();
      assert.equal((await set.callSeen(connection)).serial, leaf.serial);
    }
    assert.deepEqual(
      set.frontend.calls.filter(({ resumed }) => resumed),
      [],
    );
  });
}

test('the server name is SNI and :authority of proofs and calls, before and after', async (t) => {
  const set = await clientScene(t);
  const connection = await set.connect({ tls: { serverNameOverride: 'frontend' } });
  await set.callSeen(connection);
  await set.rotate();
  await set.callSeen(connection);
  const names = set.frontend.calls.map(({ sni, headers }) => `${sni} ${headers[':authority']}`);
  assert.deepEqual([...new Set(names)], ['frontend frontend']);
  assert.ok(names.length >= 5, 'a connect, two calls and a proof');
});

test("the user's channel arguments hold on every channel and in proofs", async (t) => {
  const set = await clientScene(t);
  const connection = await set.connect({
    channelArgs: {
      'grpc.primary_user_agent': 'greeter/7',
      'grpc.ssl_target_name_override': 'localhost',
      'grpc.default_authority': 'frontend:99',
    },
  });
  const { leaf } = await set.rotate(await set.callSeen(connection).then(() => set.issue()));
  const call = await set.callSeen(connection);
  assert.match(String(call.headers['user-agent']), /^greeter\/7 grpc-node/);
  assert.deepEqual(
    [...new Set(set.frontend.calls.map(({ sni, headers }) => `${sni} ${headers[':authority']}`))],
    ['localhost frontend:99'],
  );
  assert.equal(call.serial, leaf.serial);
});

test('a channel factory of the user makes every channel', async (t) => {
  const set = await clientScene(t);
  const made: string[] = [];
  const { Channel } = grpcOfSdk();
  const connection = await set.connect({
    channelArgs: {
      channelFactoryOverride(address: string, credentials: unknown, options: unknown) {
        made.push(address);
        return new Channel(address, credentials, options);
      },
    },
  });
  await set.callSeen(connection);
  await set.rotate();
  await set.callSeen(connection);
  assert.deepEqual(made, [set.frontend.byName, set.frontend.byName]);
});

test('metadata, withMetadata and API keys go with calls; those of the connection with proofs, too', async (t) => {
  const set = await clientScene(t);
  let key = 'one';
  const connection = await set.connect({ apiKey: () => key, metadata: { 'x-tenant': 'a' } });
  new Client({ connection });
  const sent = async () => (await set.callSeen(connection)).headers;
  assert.equal((await sent())['authorization'], 'Bearer one');
  key = 'two';
  const second = await set.rotate();
  assert.deepEqual(
    set.proofs(second).map(({ headers }) => [headers['authorization'], headers['x-tenant']]),
    [
      ['Bearer two', 'a'],
      ['Bearer two', 'a'],
    ],
  );
  connection.setApiKey('three');
  const third = await set.rotate();
  assert.deepEqual([...new Set(set.proofs(third).map(({ headers }) => headers['authorization']))], ['Bearer three']);
  assert.equal((await sent())['authorization'], 'Bearer three');
  const scoped = await connection.withMetadata({ 'x-tenant': 'b' }, sent);
  assert.deepEqual([scoped['x-tenant'], scoped['authorization']], ['b', 'Bearer three']);
  assert.equal((await connection.withApiKey('four', sent))['authorization'], 'Bearer four');
});

test('without plugins: connectClient, and an API key that is set on its connection', async (t) => {
  const set = await clientScene(t);
  const connection = set.toClose(await set.rotation.connectClient({ address: set.frontend.byName }));
  connection.setApiKey('later');
  const { leaf } = await set.rotate();
  const call = await set.callSeen(connection);
  assert.deepEqual([call.serial, call.headers['authorization']], [leaf.serial, 'Bearer later']);
});

test("the user's interceptors see the user's calls on every channel, and none of ours", async (t) => {
  const set = await clientScene(t);
  const intercepted: string[] = [];
  const connection = await set.connect({
    interceptors: [
      (options, nextCall) => {
        intercepted.push(options.method_definition.path.replace(/.*\//, ''));
        return nextCall(options) as never;
      },
    ],
  });
  await set.rotate();
  await set.callSeen(connection);
  assert.deepEqual(intercepted, ['GetSystemInfo', 'GetClusterInfo']);
});

test("the user's call credentials go with every call, and the server may deny proofs for want of them", async (t) => {
  const set = await clientScene(t, {
    answer: (stream, call) => (call.headers['x-token'] === 'geheim' ? succeed : denied)(stream, call),
  });
  const denied: Answer = (stream) => trailersOnly(stream, 16, 'a token, please');
  const { credentials, Metadata } = grpcOfSdk();
  const generate = (_: unknown, done: (error: null, metadata: object) => void): void => {
    const metadata = new Metadata();
    metadata.set('x-token', 'geheim');
    done(null, metadata);
  };
  const connection = await set.connect({ callCredentials: [credentials.createFromMetadataGenerator(generate)] });
  const rotated = once(set.rotation, 'rotated', { signal: AbortSignal.timeout(20_000) });
  const { leaf } = await set.rotate();
  const [{ warnings }] = (await rotated) as [{ warnings: readonly string[] }];
  assert.match(warnings.join(), /UNAUTHENTICATED/);
  assert.equal((await set.callSeen(connection)).serial, leaf.serial);
});

test('a new CA for the server, brought with the pair, is what the new channel trusts', async (t) => {
  const set = await clientScene(t);
  const connection = await set.connect();
  const authority = await createAuthority({ commonName: 'the next server CA' });
  const leaf = await issueLeaf(authority, { commonName: 'frontend', usage: 'server', dnsNames: ['localhost'] });
  set.frontend.server.setSecureContext({ key: leaf.revealPrivateKey(), cert: leaf.chainPem, ca: set.pki.trustPem });
  const failed = once(set.rotation, 'attemptFailed', { signal: AbortSignal.timeout(20_000) });
  set.source.set(await set.issue()); // trusts the old one only
  const [{ error }] = (await failed) as [{ error: { code: string } }];
  assert.equal(error.code, 'ROTEY_SERVER_UNTRUSTED');
  assert.equal((await set.callSeen(connection)).serial, set.first.leaf.serial);
  const trusting = await set.rotate(await set.issue(authority.certificatePem));
  assert.equal((await set.callSeen(connection)).serial, trusting.leaf.serial);
});

test('withDeadline and withAbortSignal end a call on a channel that came later', async (t) => {
  const set = await clientScene(t, {
    answer: (stream, { path }) => {
      if (path.endsWith('/GetSystemInfo')) stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true });
      // and never an answer to anything else
    },
  });
  const connection = await set.connect();
  await set.rotate();
  const hang = (): Promise<unknown> => connection.workflowService.getClusterInfo({});
  await assert.rejects(connection.withDeadline(Date.now() + 50, hang), ({ code }: { code: number }) => code === 4);
  const stop = new AbortController();
  const calling = connection.withAbortSignal(stop.signal, hang);
  await eventually(
    'the call has arrived',
    () => set.frontend.calls.filter(({ path }) => path.endsWith('ClusterInfo')).length === 2,
  );
  stop.abort();
  await assert.rejects(calling, ({ code }: { code: number }) => code === 1);
});

test('Connection.lazy connects with nothing until it is used, and then with the newest pair', async (t) => {
  const set = await clientScene(t);
  const connection = set.toClose(Connection.lazy({ address: set.frontend.byName, plugins: [set.rotation] }));
  const newest = await set.issue();
  set.source.set(newest);
  assert.deepEqual(set.rotation.status().connections, []);
  await connection.ensureConnected();
  assert.deepEqual(
    set.frontend.calls.map(({ serial }) => serial),
    [newest.leaf.serial],
  );
  const [status] = set.rotation.status().connections;
  assert.deepEqual([status?.kind, status?.current?.pair.serial], ['client', newest.leaf.serial]);
});

test('close works once and twice: calls in flight go on, later ones fail, and the rotation has ended', async (t) => {
  let release = (): void => undefined;
  const set = await clientScene(t, {
    answer: (stream, call) => {
      if (call.path.endsWith('/GetClusterInfo')) release = () => succeed(stream, call);
      else succeed(stream, call);
    },
  });
  const connection = await set.connect();
  await set.rotate();
  const calling = connection.workflowService.getClusterInfo({});
  await eventually('the call has arrived', () => set.frontend.calls.at(-1)?.path.endsWith('/GetClusterInfo') === true);
  await connection.close();
  await connection.close();
  release();
  await calling;
  await assert.rejects(async () => await connection.workflowService.getClusterInfo({}), /Channel has been shut down/);
  assert.deepEqual(set.rotation.status().connections, []);
});

test('a connect that fails leaves no rotation behind', async (t) => {
  const set = await clientScene(t);
  const options = { address: '127.0.0.1:1', connectTimeout: 100 };
  await assert.rejects(Connection.connect({ ...options, plugins: [set.rotation] }));
  await assert.rejects(set.rotation.connectClient(options));
  assert.deepEqual(set.rotation.status().connections, []);
});

test('closing the rotation leaves the connection usable with the certificate that it has', async (t) => {
  const set = await clientScene(t);
  const connection = await set.connect();
  const { leaf } = await set.rotate();
  await set.rotation.close();
  set.source.set(await set.issue());
  assert.equal((await set.callSeen(connection)).serial, leaf.serial);
});

test('options that leave no room for a rotated certificate are refused', async (t) => {
  const { rotation } = await clientScene(t);
  const clientCertPair = { crt: Buffer.from('crt'), key: Buffer.from('key') };
  const contradictions: ConnectionOptions[] = [
    { tls: false },
    { tls: { clientCertPair } },
    { credentials: Connection.lazy({ tls: true }).options.credentials },
    { channelArgs: { channelOverride: {} as never } },
  ];
  for (const options of contradictions) {
    assert.throws(() => rotation.configureConnection(options), { code: 'ROTEY_CONFIG_INVALID' });
  }
});

test('a Connection of another copy of the SDK is refused with what to do', async (t) => {
  const { rotation } = await clientScene(t);
  const { channelArgs } = rotation.configureConnection({});
  assert.throws(
    () => channelArgs?.['channelFactoryOverride']('localhost:7233', new (class OtherCredentials {})(), {}),
    {
      code: 'ROTEY_SDK_UNSUPPORTED',
      message: /two copies/,
    },
  );
});

interface Grpc {
  readonly Channel: new (address: string, credentials: unknown, options: unknown) => object;
  readonly credentials: { createFromMetadataGenerator(generate: unknown): never };
  readonly Metadata: new () => { set(name: string, value: string): void };
}

/** The copy of grpc-js that the SDK uses, for what a user would write with it. */
function grpcOfSdk(): Grpc {
  const fromHere = createRequire(import.meta.url);
  return createRequire(fromHere.resolve('@temporalio/client'))('@grpc/grpc-js') as Grpc;
}
