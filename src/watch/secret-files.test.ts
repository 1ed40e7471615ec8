import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '../../test/support/manual-clock.ts';
import { createTestPki, startFrontend } from '../probe/testing/servers.ts';
import { ProofGate } from './proof-gate.ts';
import { oneReadAtATime, readSecretInTime } from './secret-files.ts';
import { publishPair } from './testing/watched-pair.ts';
import { Watch } from './watch.ts';

const never = (): Promise<string> => new Promise(() => undefined);

test('a file system that does not answer holds nobody up for longer than the timeout, nor after an abort', async () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();
  const reading = readSecretInTime('/hung/key', never, { signal, timeoutMs: 5000, clock });
  const refused = assert.rejects(reading, { code: 'ROTEY_CONFIG_INVALID', message: /\/hung\/key .* within 5 s/ });
  await settle();
  await clock.advance(5000);
  await refused;
  const stop = new AbortController();
  const reason = new Error('enough');
  const given = assert.rejects(readSecretInTime('/hung/key', never, { signal: stop.signal, clock }), reason);
  stop.abort(reason);
  await given;
  assert.equal(await readSecretInTime('/key', () => Promise.resolve('geheim'), { signal, clock }), 'geheim');
});

test('a file is not read a second time while it is being read', async () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const read = oneReadAtATime((file) => {
    begun.push(file);
    return new Promise((resolve) => ends.push(() => resolve(file)));
  });
  const both = Promise.all([read('/a'), read('/a'), read('/b')]);
  assert.deepEqual(begun, ['/a', '/b']);
  for (const end of ends) end();
  assert.deepEqual(await both, ['/a', '/a', '/b']);
  void read('/a');
  assert.deepEqual(begun, ['/a', '/b', '/a']);
});

test('a watch that is closed while its API key is read gives its turn back', async (t) => {
  const pki = await createTestPki();
  const { address } = await startFrontend(t, pki);
  const gate = new ProofGate(1);
  const hanging = await publishPair(t, pki, { address, apiKeyFile: '/hung/key' });
  let begun = (): void => undefined;
  const reads = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const readSecret = (): Promise<string> => {
    begun();
    return never();
  };
  const watch = await Watch.start(hanging.spec, { gate, readSecret });
  await reads;
  assert.equal(gate.running, 1);
  await watch.close();
  await settle();
  assert.equal(gate.running, 0);
});
