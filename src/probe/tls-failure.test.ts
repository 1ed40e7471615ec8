import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { RoteyErrorCode } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import { ConnectionClosed } from './connection-fate.ts';
import { createTestPki, issuePair } from './testing/servers.ts';
import { explainTlsFailure, type TlsCircumstances } from './tls-failure.ts';

let pair: Pair;

before(async () => {
  pair = await issuePair((await createTestPki()).authority);
});

function error(code: string, message = code, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** As OpenSSL 3.0 in Node 20 words it. */
function alert(number: number, code = 'ERR_SSL_SOMETHING'): Error {
  return error(
    code,
    `80:error:0A000418:SSL routines:ssl3_read_bytes:alert:../record.c:1590:SSL alert number ${number}\n`,
  );
}

function explain(
  cause: unknown,
  circumstances: Partial<TlsCircumstances> = {},
): readonly [string, RoteyErrorCode, string] {
  const { outcome, error: explained } = explainTlsFailure(cause, {
    step: 'tls',
    label: 'frontend:7233',
    serverName: 'frontend',
    pair,
    certificate: 'sent',
    serverCertificate: undefined,
    trust: 'bundle',
    nowMs: Date.now(),
    ...circumstances,
  });
  assert.doesNotMatch(`${explained.message} ${JSON.stringify(explained.context)}`, /PRIVATE KEY|BEGIN/);
  return [outcome, explained.code, explained.message];
}

describe('explainTlsFailure', () => {
  const refusals: readonly (readonly [number, RoteyErrorCode])[] = [
    [42, 'ROTEY_CERTIFICATE_REFUSED'],
    [43, 'ROTEY_CERTIFICATE_REFUSED'],
    [44, 'ROTEY_CERTIFICATE_REFUSED'],
    [45, 'ROTEY_CERTIFICATE_EXPIRED'],
    [46, 'ROTEY_CERTIFICATE_REFUSED'],
    [48, 'ROTEY_CERTIFICATE_UNKNOWN_CA'],
    [49, 'ROTEY_CERTIFICATE_REFUSED'],
    [51, 'ROTEY_CERTIFICATE_REFUSED'],
    [116, 'ROTEY_CERTIFICATE_REQUIRED'],
  ];
  for (const [number, code] of refusals) {
    it(`takes alert ${number} for a refusal, and says which certificate`, () => {
      const [outcome, found, message] = explain(alert(number));
      assert.deepEqual([outcome, found], ['refused', code]);
      assert.ok(message.includes(`TLS alert ${number} `) && message.includes(pair.leaf.serial), message);
    });
    it(`takes alert ${number} without a certificate for a demand of one`, () => {
      assert.deepEqual(explain(alert(number), { pair: undefined }).slice(0, 2), [
        'refused',
        'ROTEY_CERTIFICATE_REQUIRED',
      ]);
    });
  }

  const others: readonly (readonly [string, unknown, Partial<TlsCircumstances>, string, RoteyErrorCode])[] = [
    ['alert 40 after our certificate', alert(40), {}, 'ambiguous', 'ROTEY_TLS_FAILED'],
    ['alert 40 before our certificate', alert(40), { certificate: 'not-sent' }, 'unobtainable', 'ROTEY_TLS_FAILED'],
    ['alert 80 after our certificate', alert(80), {}, 'ambiguous', 'ROTEY_TLS_FAILED'],
    ['alert 112', alert(112), { certificate: 'not-sent' }, 'unobtainable', 'ROTEY_TLS_FAILED'],
    ['alert 120', alert(120), { certificate: 'not-sent' }, 'unobtainable', 'ROTEY_TLS_NO_ALPN'],
    [
      'an alert by its code alone',
      error('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'),
      {},
      'refused',
      'ROTEY_CERTIFICATE_UNKNOWN_CA',
    ],
    [
      'an alert as OpenSSL 3.2 names it',
      error('ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE'),
      {},
      'refused',
      'ROTEY_CERTIFICATE_REFUSED',
    ],
    ['an alert deep in the causes', error('ECONNRESET', 'x', alert(45)), {}, 'refused', 'ROTEY_CERTIFICATE_EXPIRED'],
    ['a reset after our certificate', error('ECONNRESET'), {}, 'ambiguous', 'ROTEY_TLS_FAILED'],
    [
      'a reset in a TLS 1.2 handshake',
      error('ECONNRESET'),
      { certificate: 'perhaps-sent' },
      'ambiguous',
      'ROTEY_TLS_FAILED',
    ],
    [
      'a reset before our certificate',
      error('ECONNRESET'),
      { certificate: 'not-sent' },
      'unobtainable',
      'ROTEY_TLS_FAILED',
    ],
    [
      'a reset after the server has spoken',
      error('EPIPE'),
      { certificate: 'accepted' },
      'unobtainable',
      'ROTEY_HTTP2_FAILED',
    ],
    ['an end after our certificate', new ConnectionClosed('x'), {}, 'ambiguous', 'ROTEY_TLS_FAILED'],
    ['an untrusted server', error('SELF_SIGNED_CERT_IN_CHAIN'), {}, 'unobtainable', 'ROTEY_SERVER_UNTRUSTED'],
    ["the server's expired certificate", error('CERT_HAS_EXPIRED'), {}, 'unobtainable', 'ROTEY_SERVER_UNTRUSTED'],
    ['a wrong server name', error('ERR_TLS_CERT_ALTNAME_INVALID'), {}, 'unobtainable', 'ROTEY_SERVER_NAME_MISMATCH'],
    ['a server without TLS', error('ERR_SSL_WRONG_VERSION_NUMBER'), {}, 'unobtainable', 'ROTEY_TLS_FAILED'],
    ['an HTTP/2 error', error('ERR_HTTP2_ERROR'), {}, 'unobtainable', 'ROTEY_HTTP2_FAILED'],
    ['something unheard of', 'a string', {}, 'unobtainable', 'ROTEY_TLS_FAILED'],
  ];
  for (const [what, cause, circumstances, outcome, code] of others) {
    it(`takes ${what} for ${outcome}, ${code}`, () => {
      assert.deepEqual(explain(cause, circumstances).slice(0, 2), [outcome, code]);
    });
  }

  it('compares the validity with our clock', () => {
    const { notAfterMs, notBeforeMs } = pair.leaf;
    assert.match(explain(alert(45), { nowMs: notAfterMs + 3_600_000 })[2], /it expired 1 h ago/);
    assert.match(explain(alert(45), { nowMs: notBeforeMs - 1_000 })[2], /it is not valid before/);
    assert.match(explain(alert(45), { nowMs: notBeforeMs + 1_000 })[2], /by our clock .* the leaf is valid/);
  });

  it('survives causes that go in a circle', () => {
    const circle = error('ECONNRESET');
    circle.cause = circle;
    assert.equal(explain(circle)[0], 'ambiguous');
  });
});
