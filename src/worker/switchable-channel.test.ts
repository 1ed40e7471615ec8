import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '@temporalio/client';
import { eventually } from '../../test/e2e/support/eventually.ts';
import { grpcClientOf } from './client-internals.ts';
import { clientScene } from './testing/client-scene.ts';

/** `ConnectivityState` of grpc-js. */
const [IDLE, READY, SHUTDOWN] = [0, 2, 4];

test('the channel tells the state, the target and the channelz reference of the channel in use', async (t) => {
  const set = await clientScene(t);
  const connection = set.toClose(Connection.lazy({ address: set.frontend.byName, plugins: [set.rotation] }));
  const channel = grpcClientOf(connection).getChannel();
  assert.equal(channel.getConnectivityState(false), IDLE);
  assert.equal(set.frontend.calls.length, 0, 'asking connects to nothing');
  await connection.ensureConnected();
  assert.equal(channel.getConnectivityState(false), READY);
  assert.equal(channel.getTarget(), `dns:${set.frontend.byName}`);
  const before = channel.getChannelzRef();
  await set.rotate();
  assert.equal(channel.getConnectivityState(false), READY);
  assert.equal(channel.getTarget(), `dns:${set.frontend.byName}`);
  assert.notDeepEqual(channel.getChannelzRef(), before);
  await connection.close();
  assert.equal(channel.getConnectivityState(false), SHUTDOWN);
  assert.throws(() => channel.watchConnectivityState(SHUTDOWN, Date.now() + 1000, () => undefined), /shut down/);
});

test('who waits for another state is moved to the new channel, and told when that changes, once', async (t) => {
  const set = await clientScene(t);
  const connection = await set.connect();
  const channel = grpcClientOf(connection).getChannel();
  const told: unknown[] = [];
  channel.watchConnectivityState(READY, Number.POSITIVE_INFINITY, (error) => told.push(error));
  await set.rotate();
  await set.rotate();
  await set.callSeen(connection);
  await eventually('both old channels are closed', () => set.rotation.status().connections[0]?.draining.length === 0);
  assert.equal(told.length, 0, 'old channels were closed; the one in use has been ready all the time');
  channel.watchConnectivityState(IDLE, Number.POSITIVE_INFINITY, (error) => told.push(error)); // it is READY
  await set.rotate();
  await eventually('the one that waited for not-idle is told', () => told.length === 1);
  await connection.close();
  await eventually('the one that waited for not-ready is told', () => told.length === 2);
  assert.deepEqual(told, [undefined, undefined]);
});

test('a channel that is closed does not connect again, whoever asks for its state', async (t) => {
  const set = await clientScene(t);
  const connection = await set.connect();
  await connection.close();
  const channel = grpcClientOf(connection).getChannel();
  assert.equal(channel.getConnectivityState(true), SHUTDOWN);
  assert.equal(channel.getConnectivityState(true), SHUTDOWN); // the frontend sees that no connection stays open
});

test('a wait for a state ends at its deadline, with an error', async (t) => {
  const set = await clientScene(t);
  const channel = grpcClientOf(await set.connect()).getChannel();
  const ended = new Promise<Error | undefined>((resolve) => {
    channel.watchConnectivityState(READY, Date.now() + 300, resolve);
  });
  await set.rotate();
  assert.match(String(await ended), /Deadline passed/);
});

test('whoever waits for a lazy connection to be ready is served by the channel that comes with the newest pair', async (t) => {
  const set = await clientScene(t);
  const connection = set.toClose(Connection.lazy({ address: set.frontend.byName, plugins: [set.rotation] }));
  const channel = grpcClientOf(connection).getChannel();
  const changed = new Promise<Error | undefined>((resolve) => {
    channel.watchConnectivityState(IDLE, Date.now() + 20_000, resolve);
  });
  const newest = await set.issue();
  set.source.set(newest);
  await connection.ensureConnected();
  assert.equal(await changed, undefined);
  assert.deepEqual([...new Set(set.frontend.calls.map(({ serial }) => serial))], [newest.leaf.serial]);
});
