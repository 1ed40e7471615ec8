import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issuePair } from '../../test/support/issued-pair.ts';
import { assertNoCertificate, probeTarget, withIdentity, withoutUnusedApiKey } from './connect-options.ts';

test('the identity is put into the options and the rest of them stays', async () => {
  const { pair, certificatePem } = await issuePair('worker');
  const options = withIdentity({ address: 'frontend:7233', tls: { serverNameOverride: 'name' }, apiKey: 'k' }, pair);
  assert.equal(options.address, 'frontend:7233');
  assert.equal(options.apiKey, 'k');
  assert.ok(typeof options.tls === 'object' && options.tls !== null);
  assert.equal(options.tls.serverNameOverride, 'name');
  assert.equal(options.tls.clientCertPair?.crt.toString(), certificatePem);
});

test("the user's server CA comes before the pair's, unless it is undefined", async () => {
  const { pairWithTrust, trustPem } = await issuePair('worker');
  const caOf = (serverRootCACertificate?: Buffer): unknown => {
    const given = { serverRootCACertificate } as { serverRootCACertificate: Buffer };
    return probeTarget(withIdentity({ tls: given }, pairWithTrust), []).trustPem;
  };
  assert.equal(caOf(Buffer.from('mine')), 'mine');
  assert.equal(caOf(undefined), trustPem);
});

test('options that contradict a rotated certificate are refused', async () => {
  const { pair } = await issuePair('worker');
  const code = { code: 'ROTEY_CONFIG_INVALID' };
  assert.throws(() => withIdentity({ tls: false }, pair), code);
  assert.throws(() => withIdentity({ tls: null }, pair), code);
  const clientCertPair = { crt: Buffer.from('crt'), key: Buffer.from('key') };
  assert.throws(() => assertNoCertificate({ tls: { clientCertPair } }), code);
  assertNoCertificate({ tls: true });
  assertNoCertificate({});
});

test('the API key is left out where an authorization header is used instead of it', () => {
  for (const name of ['Authorization', 'authorization']) {
    const metadata = { [name]: 'Basic x' };
    assert.deepEqual(withoutUnusedApiKey({ apiKey: 'k', metadata }), { metadata });
  }
  assert.deepEqual(withoutUnusedApiKey({ apiKey: 'k', metadata: { a: 'b' } }), { apiKey: 'k', metadata: { a: 'b' } });
});

test('the probe goes the same way and leaves binary metadata out', () => {
  const target = probeTarget(
    { metadata: { a: 'b', 'c-bin': Buffer.from('d') }, proxy: { type: 'http-connect', targetHost: 'p:1' } },
    ['n'],
  );
  assert.deepEqual(target.metadata, { a: 'b' });
  assert.equal(target.httpConnectProxy?.targetHost, 'p:1');
  assert.equal(target.address, 'localhost:7233');
  assert.deepEqual(target.namespaces, ['n']);
});
