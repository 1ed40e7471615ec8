/**
 * A program that watches files, for tests in a process of its own.
 * Arguments: what to do (`exit`: nothing more; `idle`: watch for a while and print the CPU's share), certificate, key.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { watchFiles } from '../../src/source/index.ts';

const [what, certPath = '', keyPath = ''] = process.argv.slice(2);
const source = await watchFiles({ certPath, keyPath, pollMs: 500 });
process.stdout.write(`${source.current?.leaf.commonName}\n`);
if (what === 'idle') {
  await sleep(300); // start-up is over
  const [before, beganAt] = [process.cpuUsage(), performance.now()];
  await sleep(3000);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${(user + system) / 1000 / (performance.now() - beganAt)}\n`);
}
