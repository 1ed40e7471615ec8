import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Journal } from './journal.ts';
import { Observations } from './observations.ts';

const START = {
  event: 'rpc',
  t: 1.5,
  id: 1,
  method: 'GetSystemInfo',
  serial: '0A',
  cn: 'me',
  remote: 'r',
  resumed: true,
};

test('lines become calls and sessions', () => {
  const seen = new Observations();
  seen.take({ event: 'session', t: 1, id: 4, remote: 'r', serial: '0A', cn: 'me', resumed: true });
  seen.take({ ...START, namespace: 'n', identity: 'i' });
  seen.take({ event: 'done', t: 2, id: 1, code: 'OK' });
  seen.take({ event: 'done', t: 2, id: 99, code: 'OK' }); // its start was dropped
  seen.take({ event: 'handshake-failed', t: 3, id: 5, remote: 'q' });
  seen.take({ event: 'dropped', count: 7 });
  seen.take({ event: 'session-end', t: 4, id: 4, remote: 'r' });
  seen.take({ event: 'something new' });
  const common = { serial: '0A', commonName: 'me', remote: 'r', resumed: true };
  assert.deepEqual(seen.calls.entries(), [
    {
      ...common,
      id: 1,
      method: 'GetSystemInfo',
      namespace: 'n',
      identity: 'i',
      startedAtMs: 1.5,
      endedAtMs: 2,
      code: 'OK',
    },
  ]);
  assert.deepEqual(seen.sessions.entries(), [{ ...common, id: 4, startedAtMs: 1, endedAtMs: 4 }]);
  assert.equal(seen.failedHandshakes, 1);
  assert.equal(seen.droppedLines, 7);
});

test('what was under way ends with the server, and ids go on after a restart', () => {
  const seen = new Observations();
  seen.take(START);
  seen.take({ event: 'session', t: 1, id: 1, remote: 'r' });
  seen.serverGone(9);
  seen.take(START);
  seen.take({ event: 'session', t: 10, id: 1, remote: 'r' });
  const calls = seen.calls.entries().map(({ id, code }) => [id, code]);
  assert.deepEqual(calls, [
    [1, 'SERVER_GONE'],
    [2, undefined],
  ]);
  const sessions = seen.sessions.entries().map(({ id, endedAtMs }) => [id, endedAtMs]);
  assert.deepEqual(sessions, [
    [1, 9],
    [2, undefined],
  ]);
});

test('waiting finds past and future entries, and gives up in time', async () => {
  const journal = new Journal<{ id: number; done?: boolean }>('things', { limit: 2 });
  journal.begin({ id: 1 });
  assert.deepEqual(await journal.waitFor(({ id }) => id === 1), { id: 1 });
  const ended = journal.waitFor(({ done }) => done === true);
  journal.end(1, (entry) => ({ ...entry, done: true }));
  assert.deepEqual(await ended, { id: 1, done: true });
  const broken = new Error('in the predicate');
  const breaks = assert.rejects(
    journal.waitFor(({ id }) => {
      if (id === 2) throw broken;
      return false;
    }),
    broken,
  );
  journal.begin({ id: 2 });
  await breaks;
  await assert.rejects(
    journal.waitFor(() => false, { timeoutMs: 1 }),
    { code: 'ROTEY_SANDBOX_FAILED', message: /None of the things/ },
  );
  await assert.rejects(
    journal.waitFor(() => false, { signal: AbortSignal.abort() }),
    { name: 'AbortError' },
  );
  journal.begin({ id: 3 });
  assert.deepEqual(journal.entries(), [{ id: 2 }, { id: 3 }], 'the oldest is forgotten');
  assert.equal(journal.events.listenerCount('started'), 0);
});
