import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { NativeConnection } from '@temporalio/worker';
import { systemClock } from '../clock.ts';
import { NativeConnector } from './native-connector.ts';

const never = new AbortController().signal;

/** Stands in for the SDK's connect: each waits until it is settled by hand. */
function holdConnects(t: TestContext) {
  const asked: { resolve: (connection: NativeConnection) => void; reject: (error: Error) => void }[] = [];
  const connect = (): Promise<NativeConnection> =>
    new Promise((resolve, reject) => void asked.push({ resolve, reject }));
  t.mock.method(NativeConnection, 'connect', connect);
  const closed = t.mock.method(NativeConnection.prototype, 'close', async () => undefined);
  const connection = Object.create(NativeConnection.prototype) as NativeConnection;
  const keptAlive = setInterval(() => undefined, 1000); // the connector's timers do not keep the process alive
  t.after(() => clearInterval(keptAlive));
  return { asked, connection, closed: () => closed.mock.callCount() };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a connect that hangs is given up, no second is begun beside it, and it is closed when it comes late', async (t) => {
  const { asked, connection, closed } = holdConnects(t);
  const connector = new NativeConnector(systemClock, 20);
  await assert.rejects(connector.connect({}, never), { code: 'ROTEY_NATIVE_CONNECT_TIMEOUT' });
  await assert.rejects(connector.connect({}, never), { code: 'ROTEY_NATIVE_CONNECT_PENDING' });
  assert.equal(asked.length, 1);
  asked[0]?.resolve(connection);
  await settle();
  assert.equal(closed(), 1);
  const second = connector.connect({}, never);
  await settle();
  assert.equal(asked.length, 2);
  asked[1]?.resolve(connection);
  assert.equal(await second, connection);
  assert.equal(closed(), 1);
});

test('an abort ends the wait at once, also for an earlier connect, and what comes late is closed', async (t) => {
  const { asked, connection, closed } = holdConnects(t);
  const connector = new NativeConnector(systemClock, 60_000);
  for (const _ of ['connecting', 'pending']) {
    const stop = new AbortController();
    const connecting = connector.connect({}, stop.signal);
    stop.abort(new Error('superseded'));
    await assert.rejects(connecting, { message: 'superseded' });
  }
  assert.equal(asked.length, 1);
  asked[0]?.resolve(connection);
  await settle();
  assert.equal(closed(), 1);
});

test('nothing is begun for a signal that has aborted before', async (t) => {
  const { asked } = holdConnects(t);
  const connector = new NativeConnector(systemClock, 60_000);
  await assert.rejects(connector.connect({}, AbortSignal.abort(new Error('over'))), { message: 'over' });
  assert.equal(asked.length, 0);
});

test('a connect that fails says why and holds nothing up', async (t) => {
  const { asked, connection } = holdConnects(t);
  const connector = new NativeConnector(systemClock, 60_000);
  const first = connector.connect({}, never);
  asked[0]?.reject(new Error('tonic'));
  await assert.rejects(first, { code: 'ROTEY_NATIVE_CONNECT_FAILED', message: /tonic/ });
  const second = connector.connect({}, never);
  await settle();
  asked[1]?.resolve(connection);
  assert.equal(await second, connection);
});
