import assert from 'node:assert/strict';
import { type EventEmitter, getEventListeners, once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Runtime } from '@temporalio/worker';
import { issuePair } from '../../test/support/issued-pair.ts';
import { temporaryDirectory } from '../../test/support/watched-source.ts';
import { rotateCertificates } from './rotate-certificates.ts';

test('a line to log before the first connection makes no Runtime', async (t) => {
  const certPath = join(await temporaryDirectory(t), 'both.pem');
  const { certificatePem, privateKeyPem } = await issuePair('worker');
  await writeFile(certPath, certificatePem + privateKeyPem);
  const rotation = await rotateCertificates({ certPath, pollMs: 50 });
  t.after(() => rotation.close());
  const problem = once(rotation as EventEmitter, 'sourceProblem', { signal: AbortSignal.timeout(60_000) });
  const keptAlive = setInterval(() => undefined, 1000);
  t.after(() => clearInterval(keptAlive));
  await writeFile(certPath, 'nonsense');
  await problem;
  await Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } }).shutdown();
});

test('nothing listens to the signal after close, or after the first pair was waited for', async (t) => {
  const certPath = join(await temporaryDirectory(t), 'both.pem');
  const { signal } = new AbortController();
  const listening = (): number => getEventListeners(signal, 'abort').length;
  const waiting = rotateCertificates({ certPath, pollMs: 50, waitForPair: true, logger: false, signal });
  const { certificatePem, privateKeyPem } = await issuePair('worker');
  await writeFile(certPath, certificatePem + privateKeyPem);
  const rotation = await waiting;
  assert.equal(listening(), 1);
  await rotation.close();
  assert.equal(listening(), 0);
});

test('a wait for the first pair ends with the signal', async (t) => {
  const certPath = join(await temporaryDirectory(t), 'both.pem');
  const stop = new AbortController();
  const waiting = rotateCertificates({ certPath, waitForPair: true, logger: false, signal: stop.signal });
  setTimeout(() => stop.abort(new Error('over')), 50);
  await assert.rejects(waiting, { message: 'over' });
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
});

test('durations that are none are refused before anything is opened', async () => {
  for (const options of [
    { proofTimeoutMs: 0 },
    { connectTimeoutMs: Number.NaN },
    { drainCapMs: Number.POSITIVE_INFINITY },
  ]) {
    await assert.rejects(rotateCertificates({ certPath: '/nowhere', ...options }), RangeError);
  }
});
