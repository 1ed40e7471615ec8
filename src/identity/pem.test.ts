import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_PEM_BYTES, readPem } from './pem.ts';

const BODY = Buffer.alloc(100, 7).toString('base64').replace(/.{64}/g, '$&\n');
const BLOCK = `-----BEGIN CERTIFICATE-----\n${BODY}\n-----END CERTIFICATE-----\n`;

function labels(text: string | Uint8Array): readonly string[] {
  return readPem(text, 'x.pem').map(({ label }) => label);
}

describe('reads', () => {
  for (const [what, text, count] of [
    ['nothing', '', 0],
    ['text without blocks', 'hello\nworld\n', 0],
    ['one block', BLOCK, 1],
    ['no newline at the end', BLOCK.trimEnd(), 1],
    ['CRLF', BLOCK.replaceAll('\n', '\r\n'), 1],
    ['old Mac line ends', BLOCK.replaceAll('\n', '\r'), 1],
    ['a byte order mark', `\uFEFF${BLOCK}`, 1],
    ['white space around lines', BLOCK.replaceAll('\n', ' \t\n  '), 1],
    ['empty lines inside', BLOCK.replaceAll('\n', '\n\n'), 1],
    ['one long line', `-----BEGIN CERTIFICATE-----\n${BODY.replace('\n', '')}\n-----END CERTIFICATE-----`, 1],
    [
      'text between',
      `Bag Attributes\n    localKeyID: 01\nsubject=CN = x\n${BLOCK}\nissuer=/CN=y\n# ---\n---\n${BLOCK}--\n`,
      2,
    ],
  ] as const) {
    it(what, () => assert.equal(labels(text).length, count));
  }

  it('bytes as well as text, a byte order mark included', () => {
    const [block] = readPem(Buffer.from(`\uFEFFgrüße\n${BLOCK}`), 'x.pem');
    assert.deepEqual(Buffer.from(block?.der ?? []), Buffer.alloc(100, 7));
    assert.equal(block?.line, 2);
  });

  it('headers of RFC 1421, with continuation lines', () => {
    const text =
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,\n 00FF\n\nAAAA\n-----END RSA PRIVATE KEY-----\n';
    const [block] = readPem(text, 'x.pem');
    assert.deepEqual(
      [...(block?.headers ?? [])],
      [
        ['proc-type', '4,ENCRYPTED'],
        ['dek-info', 'AES-256-CBC,00FF'],
      ],
    );
    assert.equal(block?.der.length, 3);
  });
});

describe('takes for a file that is being written', () => {
  it('every place in a block at which it could end', () => {
    const complete = BLOCK.trimEnd().length;
    for (let length = 1; length < complete; length++) {
      const cut = BLOCK.slice(0, length);
      assert.throws(() => readPem(cut, 'x.pem'), { code: 'ROTEY_PEM_TRUNCATED', retryable: true }, JSON.stringify(cut));
    }
    for (let length = complete; length <= BLOCK.length; length++)
      assert.equal(labels(BLOCK.slice(0, length)).length, 1);
  });

  it('a second block that has begun', () => {
    for (let length = 1; length < BLOCK.trimEnd().length; length++) {
      assert.throws(() => readPem(BLOCK + BLOCK.slice(0, length), 'x.pem'), { code: 'ROTEY_PEM_TRUNCATED' });
    }
  });

  it('a block that begins inside another', () => {
    const lost = BLOCK.replace('-----END CERTIFICATE-----\n', '');
    assert.throws(() => readPem(lost + BLOCK, 'x.pem'), /x\.pem ends inside the block that begins on line 1/);
  });
});

describe('refuses', () => {
  for (const [what, text, reason] of [
    ['an END of another label', BLOCK.replace('END CERTIFICATE', 'END X509 CRL') + BLOCK, /line 5 does not end/],
    ['an END without a BEGIN', `-----END CERTIFICATE-----\n${BLOCK}`, /line 1 is not a BEGIN/],
    ['a garbled BEGIN', `-----BEGIN CERTIFICATE----\n${BLOCK}`, /line 1 is not a BEGIN/],
    ['an empty block', `-----BEGIN X-----\n-----END X-----\n`, /empty block/],
    ['a block that is not base64', BLOCK.replace('Bwc', '*wc'), /not base64/],
    ['base64 of half a byte', '-----BEGIN X-----\nAAA\n-----END X-----\n', /not base64/],
    ['zeros after a crash', BLOCK.replace(BODY.slice(0, 20), '\0'.repeat(20)), /not base64/],
    ['UTF-16', Buffer.from(`\uFEFF${BLOCK}`, 'utf16le'), /UTF-16/],
    ['DER', Buffer.from('308201000201', 'hex'), /binary \(DER or PKCS#12\)/],
  ] as const) {
    it(what, () => {
      assert.throws(
        () => readPem(text, 'x.pem'),
        (error: Error) => reason.test(error.message) && 'code' in error && error.code === 'ROTEY_PEM_MALFORMED',
      );
    });
  }

  it('more than the limit', () => {
    assert.throws(() => readPem(' '.repeat(MAX_PEM_BYTES + 1), 'x.pem'), { code: 'ROTEY_FILE_TOO_LARGE' });
    assert.deepEqual(readPem('-\n'.repeat(MAX_PEM_BYTES / 2), 'x.pem'), []);
  });
});
