import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
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
