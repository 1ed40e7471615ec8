import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** In a process of its own, where nothing else has loaded the Worker SDK. */
const PROGRAM = `
  import { createRequire } from 'node:module';
  const { issuePair } = await import('./test/support/issued-pair.ts');
  const { MemorySource } = await import('./src/source/index.ts');
  const { rotateCertificates } = await import('./src/worker/index.ts');
  const { Connection } = await import('@temporalio/client');
  const source = new MemorySource((await issuePair('starter')).pair);
  const rotation = await rotateCertificates({ source });
  const connection = Connection.lazy({ plugins: [rotation] });
  await connection.close();
  await rotation.close();
  const loaded = Object.keys(createRequire('/').cache);
  const has = (name) => loaded.some((file) => file.includes(name));
  console.log(JSON.stringify({ client: has('@temporalio/client'), worker: has('@temporalio/worker'), core: has('core-bridge') }));
`;

test('whoever only connects Clients loads neither the Worker SDK nor its native core', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  assert.deepEqual(JSON.parse(stdout), { client: true, worker: false, core: false });
});
