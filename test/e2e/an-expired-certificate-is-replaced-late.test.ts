import assert from 'node:assert/strict';
import { test } from 'node:test';
import { next, stage } from './support/stage.ts';

test('a Worker whose certificate has expired goes on working when a new one comes late', async (t) => {
  const set = await stage(t, { sandbox: { maxConnectionAgeMs: 1000, maxConnectionAgeGraceMs: 1000 } });
  if (set === undefined) return;
  const { rotation, connection, sandbox } = set;
  const worker = await set.createWorker();
  const running = worker.run();
  const now = Date.now();
  const expired = next(rotation, 'expiring', ({ level }) => level === 'expired');
  const remade = next(rotation, 'rotated', ({ cause }) => cause === 'expiry-near');
  const serial = await set.rotate({ notBeforeMs: now - 4000, notAfterMs: now + 4000 });
  assert.equal(await set.greet(set.observer, 'before'), 'Hello before!');
  await remade; // shortly before the end, with the same certificate
  await expired;
  // The server closes the connection by age; from then on no handshake with this certificate succeeds.
  const failures = sandbox.failedHandshakes;
  const calls = sandbox.calls.events;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (sandbox.failedHandshakes > failures) resolve();
    };
    calls.on('started', look).on('ended', look);
    const timer = setInterval(look, 50);
    t.after(() => clearInterval(timer));
  });
  const next1 = await set.rotate();
  assert.notEqual(next1, serial);
  assert.equal(await set.greet(set.observer, 'after'), 'Hello after!');
  assert.equal(worker.getState(), 'RUNNING');
  worker.shutdown();
  await running;
  await connection.close();
});
