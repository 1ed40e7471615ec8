import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainConnectFailure } from './network-failure.ts';

/** As Node reports attempts at several addresses. */
function attempts(...codes: readonly string[]): AggregateError {
  return new AggregateError(codes.map((code) => Object.assign(new Error(code), { code })));
}

const SERVER = { host: 'frontend', port: 7233 };

test('an address that this machine has no way to does not hide what became of the others', () => {
  const { error: refused } = explainConnectFailure(attempts('ENETUNREACH', 'ECONNREFUSED'), SERVER);
  assert.equal(refused.code, 'ROTEY_CONNECT_REFUSED');
  assert.equal(refused.context['errorCode'], 'ECONNREFUSED');
  const { error: silent } = explainConnectFailure(attempts('EHOSTUNREACH', 'ETIMEDOUT'), SERVER);
  assert.equal(silent.context['errorCode'], 'ETIMEDOUT');
});

test('where there is no way to any, that is the reason', () => {
  const { error } = explainConnectFailure(attempts('ENETUNREACH', 'EHOSTUNREACH'), SERVER);
  assert.equal(error.code, 'ROTEY_CONNECT_FAILED');
  assert.equal(error.context['errorCode'], 'ENETUNREACH');
  assert.match(error.message, /ENETUNREACH .* EHOSTUNREACH /);
});
