import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { before, test } from 'node:test';
import { cannotHang, mountHanging } from '../../test/support/hanging-mount.ts';
import { createTestPki, denyNamespaces, startFrontend, type TestPki } from '../probe/testing/servers.ts';
import { proveOnce } from './prove-once.ts';
import { NO_SECRETS, publishPair } from './testing/watched-pair.ts';

const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;

let pki: TestPki;

before(async () => {
  pki = await createTestPki();
});

test('each is proven once, and each verdict has its reason', async (t) => {
  const good = await startFrontend(t, pki);
  const denying = await startFrontend(t, pki, { answer: denyNamespaces(PERMISSION_DENIED) });
  const empty = await startFrontend(t, pki, { answer: denyNamespaces(NOT_FOUND) });
  const publish = (name: string, address: string, more: object = {}) => publishPair(t, pki, { address, name, ...more });
  const missing = await publish('missing', good.address);
  await rm(missing.spec.certPath);
  const watched = [
    await publish('good', good.address),
    await publish('denied', denying.address),
    await publish('empty', empty.address),
    await publish('stranger', good.address, { authority: pki.stranger }),
    missing,
    await publish('down', '127.0.0.1:1'),
    await publish('no key', good.address, { apiKeyFile: '/nowhere' }),
  ];
  const { RoteyError } = await import('../errors.ts');
  const readSecret = (): Promise<never> => Promise.reject(new RoteyError('ROTEY_CONFIG_INVALID', 'no such file'));
  const { signal } = new AbortController();
  const results = await proveOnce(
    watched.map(({ spec }) => spec),
    { signal, readSecret },
  );
  assert.deepEqual(
    results.map(({ name, verdict, error }) => [name, verdict, error?.code]),
    [
      ['good', 'accepted', undefined],
      ['denied', 'denied', 'ROTEY_RPC_DENIED'],
      ['empty', 'denied', 'ROTEY_CONFIG_INVALID'],
      // Node's server closes without an alert; a Go server says why, and that is a refusal.
      ['stranger', 'unobtainable', results[3]?.error?.code],
      ['missing', 'unusable', 'ROTEY_FILE_MISSING'],
      ['down', 'unobtainable', 'ROTEY_CONNECT_REFUSED'],
      ['no key', 'unusable', 'ROTEY_CONFIG_INVALID'],
    ],
  );
  assert.equal(results[0]?.pair?.serial, watched[0]?.leaf.serial);
  assert.equal(results[4]?.pair, undefined);
  for (const { verdict, error } of results) assert.equal(error === undefined, verdict === 'accepted');
});

test('an abort ends it at once', async (t) => {
  const { spec } = await publishPair(t, pki, { address: '127.0.0.1:1' });
  const reason = new Error('enough');
  const proving = proveOnce([spec], { signal: AbortSignal.abort(reason), readSecret: NO_SECRETS });
  await assert.rejects(proving, reason);
});

test('an abort ends it at once, also while a mount does not answer', { skip: cannotHang() }, async (t) => {
  const mount = await mountHanging(t);
  const { spec } = await publishPair(t, pki, { address: '127.0.0.1:1' });
  const stop = new AbortController();
  const hanging = { ...spec, certPath: `${mount.directory}/tls.crt` };
  const proving = proveOnce([hanging], { signal: stop.signal, readSecret: NO_SECRETS });
  const reason = new Error('enough');
  const refused = assert.rejects(proving, reason);
  stop.abort(reason);
  await refused;
  await mount.release();
});
