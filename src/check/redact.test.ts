import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactDeep, redactorFor } from './redact.ts';

const subject = { address: 'a', namespace: 'n' };

test('credentials are taken out wherever they stand, and other metadata is not', () => {
  const redact = redactorFor({
    ...subject,
    apiKey: 'key-1234',
    metadata: { 'x-team': 'payments', 'X-Auth': 'meta-1234' },
    httpConnectProxy: { targetHost: 'p:1', basicAuth: { username: 'u', password: 'pass-1234' } },
  });
  const value = {
    a: ['key-1234key-1234', { b: 'meta-1234 of payments' }],
    'key-1234': 'pass-1234',
    n: 1,
    u: undefined,
  };
  assert.deepEqual(redactDeep(value, redact), {
    a: ['[secret][secret]', { b: '[secret] of payments' }],
    'key-1234': '[secret]', // names are ours
    n: 1,
    u: undefined,
  });
});

test('credentials are taken out also as they go over the wire, and where one holds another', () => {
  const redact = redactorFor({
    ...subject,
    apiKey: 'key-1',
    metadata: { 'x-token': 'key-1-long' },
    httpConnectProxy: { targetHost: 'p:1', basicAuth: { username: 'u', password: 'pass-1234' } },
  });
  assert.equal(redact('407 no: Basic dTpwYXNzLTEyMzQ= is wrong'), '407 no: Basic [secret] is wrong');
  assert.equal(redact('got key-1-long'), 'got [secret]');
});

test('a text that is too short for a secret is left alone', () => {
  assert.equal(redactorFor({ ...subject, apiKey: 'a' })('a banana'), 'a banana');
});

test('nothing that others say steers a terminal', () => {
  assert.equal(redactorFor(subject)('403 \u202egnihton\u2066'), '403  gnihton ');
  assert.equal(redactorFor(subject)('403 \u001b[31mForbidden\u0007\r\n'), '403  [31mForbidden ');
});
