import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPair } from '../../src/identity/index.ts';
import { proveCandidate } from '../../src/probe/index.ts';
import { requireToolchain } from './support/require-toolchain.ts';
import { startTestSandbox } from './support/start-sandbox.ts';

test('probe decides nothing when the server hangs or is down', { skip: await requireToolchain() }, async (t) => {
  const sandbox = await startTestSandbox(t);
  const leaf = await sandbox.issueClient();
  const pair = readPair({ certificate: leaf.chainPem, key: leaf.revealPrivateKey() });
  const target = { address: sandbox.address, trustPem: sandbox.serverCaPem };
  const prove = async (timeoutMs?: number): Promise<unknown[]> => {
    const { verdict, error } = await proveCandidate(target, pair, { pair }, { timeoutMs });
    return [verdict, error?.code];
  };

  sandbox.suspend();
  // The kernel of a stopped process still accepts the connection, so it is TLS that gets no answer.
  assert.deepEqual(await prove(500), ['unobtainable', 'ROTEY_TLS_TIMEOUT']);
  sandbox.resume();
  assert.deepEqual(await prove(), ['accepted', undefined]);

  const rule = await sandbox.delay({ methods: ['GetSystemInfo'] });
  // The server knows our deadline: its own answer may come just before we give up, or not.
  const [verdict, code] = await prove(500);
  assert.equal(verdict, 'unobtainable');
  assert.match(String(code), /^ROTEY_RPC_(TIMEOUT|UNAVAILABLE)$/);
  await rule.clear();

  await sandbox.kill();
  assert.deepEqual(await prove(), ['unobtainable', 'ROTEY_CONNECT_REFUSED']);
  await sandbox.start();
  assert.deepEqual(await prove(), ['accepted', undefined]);
});
