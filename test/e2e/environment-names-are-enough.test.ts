import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { NativeConnection } from '@temporalio/worker';
import { rotateCertificates } from '../../src/worker/index.ts';
import { stage } from './support/stage.ts';

test("a Pod's variables are enough: neither paths nor an address are given in code", async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  await set.connection.close();
  for (const [certificate, key] of [
    ['TEMPORAL_TLS_CERT', 'TEMPORAL_TLS_KEY'], // the guide's
    ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'], // @temporalio/envconfig's
  ] as const) {
    const variables = {
      [certificate]: join(set.directory, 'tls.crt'),
      [key]: join(set.directory, 'tls.key'),
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: set.sandbox.files.serverCa,
      TEMPORAL_TLS_SERVER_NAME: 'localhost',
      TEMPORAL_ADDRESS: set.sandbox.address,
      TEMPORAL_NAMESPACE: 'default',
    };
    Object.assign(process.env, variables);
    try {
      const rotation = await rotateCertificates({ logger: false });
      const connection = await NativeConnection.connect({ plugins: [rotation] });
      const { capabilities } = await connection.workflowService.getSystemInfo({});
      assert.ok(capabilities);
      await connection.close();
      await rotation.close();
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
  }
});

test('a missing or unusable file is one clear error before anything connects', async (t) => {
  await assert.rejects(rotateCertificates({ logger: false }), { code: 'ROTEY_CONFIG_INVALID' });
  await assert.rejects(
    rotateCertificates({ certPath: '/nowhere/tls.crt', keyPath: '/nowhere/tls.key', logger: false }),
    {
      code: 'ROTEY_FILE_MISSING',
      message: /\/nowhere\/tls\.crt/,
    },
  );
  const stop = new AbortController();
  const waiting = rotateCertificates({
    certPath: '/nowhere/tls.crt',
    waitForPair: true,
    logger: false,
    signal: stop.signal,
  });
  stop.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  t.diagnostic('no server needed');
});
