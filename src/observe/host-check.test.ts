import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHostAllowed } from './host-check.ts';

const CASES: readonly (readonly [host: string | undefined, localAddress: string | undefined, isAllowed: boolean])[] = [
  [undefined, '127.0.0.1', false],
  ['', '127.0.0.1', false],
  [' ', '127.0.0.1', false],
  ['localhost', '10.1.2.3', true],
  ['LocalHost.:9464', undefined, true],
  ['a.localhost', undefined, true],
  ['localhost.', undefined, true],
  ['notlocalhost', '127.0.0.1', false],
  ['localhost.example', '127.0.0.1', false],
  ['127.0.0.1', '127.0.0.1', true],
  ['127.255.0.9:80', '10.1.2.3', true],
  ['127.evil.example', '127.0.0.1', false],
  ['[::1]', undefined, true],
  ['::1', undefined, false], // without brackets it is no Host
  ['[::ffff:127.0.0.1]:80', undefined, true],
  ['10.1.2.3:9464', '10.1.2.3', true],
  ['10.1.2.3:9464', '::ffff:10.1.2.3', true],
  ['10.1.2.3', '10.1.2.4', false],
  ['[fd00::1]:9464', 'fd00::1', true],
  ['[FD00::1]:9464', 'fd00::1', true],
  ['[fd00::1]', 'fd00::2', false],
  ['rotey.pod', '10.1.2.3', true],
  ['ROTEY.pod:1', '10.1.2.3', true],
  ['x.rotey.pod', '10.1.2.3', false],
  ['rotey.pod/path', '10.1.2.3', false],
  ['user@rotey.pod', '10.1.2.3', false],
  ['rotey.pod:port', '10.1.2.3', false],
  ['a, localhost', '127.0.0.1', false],
];

for (const [host, localAddress, isAllowed] of CASES) {
  test(`Host ${JSON.stringify(host)} on ${localAddress}: ${isAllowed ? 'ours' : 'not ours'}`, () => {
    assert.equal(isHostAllowed(host, localAddress, ['Rotey.pod']), isAllowed);
  });
}
