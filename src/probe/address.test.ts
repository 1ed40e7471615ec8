import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RoteyError } from '../errors.ts';
import { formatAddress, parseAddress } from './address.ts';

describe('parseAddress', () => {
  const good: readonly (readonly [string, string, number])[] = [
    ['temporal.example.com:7233', 'temporal.example.com', 7233],
    ['temporal.example.com', 'temporal.example.com', 7233],
    ['prod.a1b2c.tmprl.cloud:443', 'prod.a1b2c.tmprl.cloud', 443],
    ['localhost.:1', 'localhost.', 1],
    ['my_service:65535', 'my_service', 65_535],
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['[::1]:7234', '::1', 7234],
    ['[2001:db8::1]', '2001:db8::1', 7233],
    ['::1', '::1', 7233],
    ['https://frontend:7233', 'frontend', 7233],
    ['https://frontend/', 'frontend', 7233],
    ['GRPCS://frontend:1', 'frontend', 1],
  ];
  for (const [address, host, port] of good) {
    it(`reads ${address}`, () => assert.deepEqual(parseAddress(address), { host, port }));
  }

  const bad = [
    '',
    ':7233',
    'frontend:',
    'frontend:0',
    'frontend:65536',
    'frontend:7233x',
    'frontend:-1',
    '::1:7233:zz',
    '[::1',
    '[frontend]:7233',
    '[::1]7233',
    'front end:7233',
    'user@frontend:7233',
    'frontend:7233/path',
    'http://frontend:7233',
    'unix:///tmp/socket',
    'frontend\r\n:7233',
    '-frontend',
    `${'a'.repeat(254)}:1`,
  ];
  for (const address of bad) {
    it(`refuses ${JSON.stringify(address).slice(0, 40)}`, () => {
      assert.throws(
        () => parseAddress(address),
        (error) => error instanceof RoteyError && error.code === 'ROTEY_ADDRESS_INVALID',
      );
    });
  }

  it('is undone by formatAddress', () => {
    assert.equal(formatAddress(parseAddress('[::1]:7234')), '[::1]:7234');
    assert.equal(formatAddress(parseAddress('frontend')), 'frontend:7233');
  });
});
