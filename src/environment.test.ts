import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvironment } from './environment.ts';

test('the name of the guide comes before the name of the CLI, and an empty variable counts as not set', () => {
  const { certPath, keyPath, caPath, address } = readEnvironment({
    TEMPORAL_TLS_CLIENT_CERT_PATH: '/guide.crt',
    TEMPORAL_TLS_CERT: '/cli.crt',
    TEMPORAL_TLS_CLIENT_KEY_PATH: '',
    TEMPORAL_TLS_KEY: '/cli.key',
    TEMPORAL_ADDRESS: '',
  });
  assert.deepEqual({ certPath, keyPath }, { certPath: '/guide.crt', keyPath: '/cli.key' });
  assert.deepEqual({ caPath, address }, { caPath: undefined, address: undefined });
});

test('only 1 is the kill switch', () => {
  assert.equal(readEnvironment({ ROTEY_FREEZE: '1' }).frozen, true);
  assert.equal(readEnvironment({ ROTEY_FREEZE: 'true' }).frozen, false);
  assert.equal(readEnvironment({}).frozen, false);
});
