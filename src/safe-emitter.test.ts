import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { SafeEmitter } from './safe-emitter.ts';

test('what a listener throws reaches nobody, not even when it has no text', async () => {
  const emitter = new SafeEmitter<{ it: [] }>();
  const heard: string[] = [];
  const textless: unknown = Object.create(null);
  emitter.on('it', () => {
    throw textless;
  });
  emitter.on('it', async () => await Promise.reject(textless));
  emitter.on('it', () => void heard.push('last'));
  const warned = once(process, 'warning');
  emitter.emit('it');
  assert.deepEqual(heard, ['last']);
  const [warning]: unknown[] = await warned;
  assert.match(String(warning), /RoteyListenerWarning: A listener of 'it' failed/);
});
