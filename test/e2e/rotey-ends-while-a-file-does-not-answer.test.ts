import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cannotHang, mountHanging } from '../support/hanging-mount.ts';
import { temporaryDirectory } from '../support/watched-source.ts';
import { spawnRotey } from './support/run-rotey.ts';

for (const [args, signal] of [
  [['watch', '--no-health', '--config'], 'SIGTERM'],
  [['watch', '--check-config', '--config'], 'SIGINT'],
  [['check', '--config-file'], 'SIGINT'],
] as const) {
  test(`rotey ${args.join(' ')} FILE ends at once by ${signal}`, { timeout: 60_000 }, async (t) => {
    const pipe = join(await temporaryDirectory(t), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const rotey = spawnRotey(t, [...args, pipe]);
    const said: string[] = [];
    rotey.stderr.setEncoding('utf8').on('data', (piece: string) => said.push(piece));
    const closed = once(rotey, 'close');
    const writer = await open(pipe, 'w'); // succeeds when rotey reads, and then says nothing
    rotey.kill(signal);
    assert.deepEqual(await closed, [null, signal]);
    assert.match(said.join(''), /ROTEY_INTERRUPTED/);
    await writer.close();
  });
}

test('rotey watch --once ends with what it has found while a mount does not answer', {
  skip: cannotHang(),
  timeout: 60_000,
}, async (t) => {
  const { directory } = await mountHanging(t);
  const flags = ['--tls-cert-path', `${directory}/tls.crt`, '--tls-key-path', `${directory}/tls.key`];
  const rotey = spawnRotey(t, ['watch', '--once', '--address', '127.0.0.1:1', ...flags]);
  const said: string[] = [];
  rotey.stdout.setEncoding('utf8').on('data', (piece: string) => said.push(piece));
  assert.deepEqual(await once(rotey, 'close'), [null, 'SIGTERM']);
  assert.match(said.join(''), /unusable/);
});
