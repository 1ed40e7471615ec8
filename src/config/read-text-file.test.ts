import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeSilentPipe } from '../../test/support/silent-pipe.ts';
import { temporaryDirectory } from '../../test/support/watched-source.ts';
import { readConfigFile, readSecretFile } from './read-text-file.ts';

test('a byte order mark is no part of a text', async (t) => {
  const file = join(await temporaryDirectory(t), 'file');
  await writeFile(file, '\ufeffcontent\r\n');
  assert.equal(await readSecretFile(file, '--api-key-file'), 'content');
  assert.equal(await readConfigFile(file, { mustExist: true }), 'content\r\n');
});

for (const [encoding, bytes] of [
  ['UTF-16, as PowerShell writes it', Buffer.from('\ufeffkey-1234\r\n', 'utf16le')],
  ['Latin-1', Buffer.from('clé-1234', 'latin1')],
] as const) {
  test(`${encoding} is refused, and what stands there is not told`, async (t) => {
    const file = join(await temporaryDirectory(t), 'file');
    await writeFile(file, bytes);
    for (const read of [
      () => readSecretFile(file, '--api-key-file'),
      () => readConfigFile(file, { mustExist: true }),
    ]) {
      await assert.rejects(read, (error: Error) => {
        assert.match(error.message, /cannot be read: it is not UTF-8/);
        assert.doesNotMatch(JSON.stringify([error, error.message]), /1234/);
        return true;
      });
    }
  });
}

for (const [what, read] of [
  ['a key', (file: string, signal: AbortSignal) => readSecretFile(file, '--api-key-file', signal)],
  ['settings', (file: string, signal: AbortSignal) => readConfigFile(file, { mustExist: true, signal })],
] as const) {
  test(`${what} from a pipe that nobody writes to: waited for until the signal aborts`, async (t) => {
    const stop = new AbortController();
    const reading = read(makeSilentPipe(t), stop.signal);
    const reason = new Error('enough');
    stop.abort(reason);
    await assert.rejects(reading, (error) => error === reason);
  });
}
