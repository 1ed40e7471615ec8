import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proveCandidate } from './differential-proof.ts';
import { proveAgain } from './prove-again.ts';
import {
  type Answer,
  createTestPki,
  denyNamespaces,
  issuePair,
  startFrontend,
  startTlsServer,
  succeed,
} from './testing/servers.ts';

const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

test('what was accepted and still is, is accepted', async (t) => {
  const { address } = await startFrontend(t, pki);
  const target = { address, trustPem: pki.trustPem, namespaces: ['orders'] };
  const { report: baseline } = await proveCandidate(target, pair, undefined);
  const { verdict, warnings } = await proveAgain(target, { pair, baseline });
  assert.deepEqual([verdict, warnings], ['accepted', []]);
});

test('a call that was allowed and is denied now is a refusal; one that was denied then is a warning', async (t) => {
  let answer: Answer = succeed;
  const { address } = await startFrontend(t, pki, { answer: (stream, call) => answer(stream, call) });
  const target = { address, trustPem: pki.trustPem, namespaces: ['orders'] };
  const { report: allowed } = await proveCandidate(target, pair, undefined);
  answer = denyNamespaces(PERMISSION_DENIED);
  const denied = await proveAgain(target, { pair, baseline: allowed });
  assert.equal(denied.verdict, 'refused');
  assert.equal(denied.error?.code, 'ROTEY_RPC_DENIED');
  assert.match(
    denied.error?.message ?? '',
    /DescribeNamespace of orders with PERMISSION_DENIED, which it allowed before/,
  );
  assert.equal(denied.error?.context['step'], 'namespace');

  const asBefore = await proveAgain(target, { pair, baseline: denied.report });
  assert.equal(asBefore.verdict, 'accepted');
  assert.match(asBefore.warnings[0] ?? '', /was not allowed before either/);
  assert.equal((await proveAgain(target, { pair })).verdict, 'accepted', 'nothing is known of before');

  answer = denyNamespaces(UNAVAILABLE);
  assert.equal((await proveAgain(target, { pair, baseline: allowed })).verdict, 'unobtainable');
});

test('a server that closes without a word is asked twice, and condemns nothing', async (t) => {
  let connections = 0;
  const { address } = await startTlsServer(t, pki, (socket) => {
    connections++;
    socket.destroy();
  });
  const { verdict, error } = await proveAgain({ address, trustPem: pki.trustPem }, { pair });
  assert.deepEqual([verdict, connections], ['unobtainable', 2]);
  assert.ok(error);
});

test('a server that is gone is no refusal, and an abort ends it at once', async () => {
  const target = { address: '127.0.0.1:1', trustPem: pki.trustPem };
  const { verdict, error } = await proveAgain(target, { pair });
  assert.deepEqual([verdict, error?.code], ['unobtainable', 'ROTEY_CONNECT_REFUSED']);
  const reason = new Error('enough');
  await assert.rejects(proveAgain(target, { pair }, { signal: AbortSignal.abort(reason) }), reason);
});
