import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CertificateFacts } from './certificate-facts.ts';
import { FINDING_CODES, FINDINGS, type FindingCode, type FindingRules } from './findings.ts';
import { inspectPair } from './inspect-pair.ts';
import { Pair } from './pair.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What nobody has anything to say about: 24 h of a leaf, 8 h of them gone, under a root of ten years. */
const LEAF: CertificateFacts = {
  pem: '',
  version: 3,
  subject: 'CN=worker',
  issuer: 'CN=root',
  commonName: 'worker',
  serial: '0A',
  sha1: 'a1',
  sha256: 'a2',
  notBeforeMs: NOW - 8 * HOUR,
  notAfterMs: NOW + 16 * HOUR,
  sans: [],
  keyType: 'ec',
  keyBits: 256,
  curve: 'prime256v1',
  signatureAlgorithm: 'ecdsa-with-SHA256',
  ca: false,
  pathLength: undefined,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['clientAuth'],
  selfSigned: false,
};
const ROOT: CertificateFacts = {
  ...LEAF,
  subject: 'CN=root',
  commonName: 'root',
  serial: '01',
  notBeforeMs: NOW - 1000 * DAY,
  notAfterMs: NOW + 2650 * DAY,
  ca: true,
  keyUsage: ['keyCertSign'],
  extendedKeyUsage: undefined,
  selfSigned: true,
};
const SERVER_CA: CertificateFacts = { ...ROOT, subject: 'CN=server ca' };

interface Case {
  readonly leaf?: Partial<CertificateFacts>;
  readonly issuer?: Partial<CertificateFacts> | null;
  readonly trust?: readonly CertificateFacts[];
}

function pairOf({ leaf, issuer, trust = [] }: Case): Pair {
  const first = { ...LEAF, ...leaf };
  const path = issuer === null ? ([first] as const) : ([first, { ...ROOT, ...issuer }] as const);
  const parts = { id: '', certificatePem: '', privateKeyPem: '', trustPem: undefined, origin: {}, findings: [] };
  return new Pair({ ...parts, chain: path, path, trust });
}

function codes(subject: Case, rules?: FindingRules): readonly FindingCode[] {
  return inspectPair(pairOf(subject), { nowMs: NOW, rules }).map(({ code }) => code);
}

/** Findings under `server`, then those that only `cloud` adds. */
const CASES: readonly (readonly [
  what: string,
  subject: Case,
  server: readonly string[],
  cloudOnly?: readonly string[],
])[] = [
  ['an ordinary pair', {}, []],
  ['the last moment', { leaf: { notBeforeMs: NOW - 10 * HOUR, notAfterMs: NOW } }, ['EXPIRES_NOW']],
  ['one moment too late', { leaf: { notAfterMs: NOW - 1000 } }, ['EXPIRED']],
  ['the first moment', { leaf: { notBeforeMs: NOW } }, []],
  ['one moment too early', { leaf: { notBeforeMs: NOW + 1000 } }, ['NOT_YET_VALID']],
  ['a third left', { leaf: { notBeforeMs: NOW - 2 * HOUR, notAfterMs: NOW + HOUR } }, ['EXPIRES_SOON']],
  ['more than a third left', { leaf: { notBeforeMs: NOW - 2 * HOUR, notAfterMs: NOW + HOUR + 1000 } }, []],
  ['a tenth left', { leaf: { notBeforeMs: NOW - 9 * HOUR, notAfterMs: NOW + HOUR } }, ['EXPIRES_NOW']],
  ['an end before the beginning', { leaf: { notBeforeMs: NOW + HOUR, notAfterMs: NOW } }, ['VALIDITY_INVERTED']],
  ['5 minutes', { leaf: { notBeforeMs: NOW, notAfterMs: NOW + 300_000 } }, ['LIFETIME_SHORT']],
  ['10 minutes', { leaf: { notBeforeMs: NOW, notAfterMs: NOW + 600_000 } }, []],
  ['398 days', { leaf: { notBeforeMs: NOW, notAfterMs: NOW + 398 * DAY } }, []],
  ['399 days', { leaf: { notBeforeMs: NOW, notAfterMs: NOW + 399 * DAY } }, ['LIFETIME_LONG']],

  [
    'version 1',
    { leaf: { version: 1, ca: undefined, keyUsage: undefined, extendedKeyUsage: undefined } },
    ['NOT_V3'],
    ['KEY_USAGE_ABSENT'],
  ],
  ['a CA as leaf', { leaf: { ca: true } }, ['LEAF_IS_CA']],
  ['no basicConstraints', { leaf: { ca: undefined } }, ['BASIC_CONSTRAINTS_ABSENT']],
  ['no key usage', { leaf: { keyUsage: undefined } }, [], ['KEY_USAGE_ABSENT']],
  ['another key usage', { leaf: { keyUsage: ['keyEncipherment'] } }, ['NO_DIGITAL_SIGNATURE']],
  ['no extended key usage', { leaf: { extendedKeyUsage: undefined } }, []],
  ['any extended key usage', { leaf: { extendedKeyUsage: ['anyExtendedKeyUsage'] } }, []],
  ['serverAuth only', { leaf: { extendedKeyUsage: ['serverAuth'] } }, ['NO_CLIENT_AUTH']],
  ['an empty extended key usage', { leaf: { extendedKeyUsage: [] } }, ['NO_CLIENT_AUTH']],
  ['a self-signed leaf', { leaf: { selfSigned: true, issuer: 'CN=worker' }, issuer: null }, ['SELF_SIGNED']],

  ['SHA-1 under RSA', { leaf: { signatureAlgorithm: 'sha1WithRSAEncryption' } }, ['SIGNATURE_WEAK']],
  ['SHA-1 under ECDSA', { leaf: { signatureAlgorithm: 'ecdsa-with-SHA1' } }, ['SIGNATURE_WEAK']],
  ['SHA-1 under RSASSA-PSS', { leaf: { signatureAlgorithm: 'rsassa-pss with sha1' } }, ['SIGNATURE_WEAK']],
  ['MD5', { leaf: { signatureAlgorithm: 'md5WithRSAEncryption' } }, ['SIGNATURE_WEAK']],
  ['SHA-224', { leaf: { signatureAlgorithm: 'ecdsa-with-SHA224' } }, [], ['SIGNATURE_WEAK']],
  ['SHA-512', { leaf: { signatureAlgorithm: 'ecdsa-with-SHA512' } }, []],
  ['SHA-1 of a root', { issuer: { signatureAlgorithm: 'sha1WithRSAEncryption' } }, [], ['SIGNATURE_WEAK']],
  ['an Ed25519 signature', { leaf: { signatureAlgorithm: 'Ed25519' } }, ['SIGNATURE_UNUSUAL']],
  ['an unknown signature', { leaf: { signatureAlgorithm: '1.2.3.4' } }, ['SIGNATURE_UNUSUAL']],
  ['an Ed25519 key', { leaf: { keyType: 'ed25519', keyBits: undefined, curve: undefined } }, ['KEY_EDWARDS']],
  ['an RSASSA-PSS key', { leaf: { keyType: 'rsa-pss', keyBits: 2048, curve: undefined } }, ['KEY_TYPE_UNUSUAL']],
  ['an RSA key of 2,048 bits', { leaf: { keyType: 'rsa', keyBits: 2048, curve: undefined } }, []],
  ['an RSA key of 2,047 bits', { leaf: { keyType: 'rsa', keyBits: 2047, curve: undefined } }, ['RSA_SHORT']],
  ['a short RSA key of the root', { issuer: { keyType: 'rsa', keyBits: 1024, curve: undefined } }, ['RSA_SHORT']],
  ['secp256k1', { leaf: { curve: 'secp256k1' } }, ['CURVE_UNUSUAL']],
  ['a curve without a name', { leaf: { curve: undefined, keyBits: undefined } }, ['CURVE_UNUSUAL']],

  ['no issuer in the file', { issuer: null }, ['CHAIN_INCOMPLETE']],
  ['an issuer that is no CA', { issuer: { ca: false } }, ['ISSUER_NOT_CA']],
  ['an issuer of version 1', { issuer: { version: 1, ca: undefined } }, ['NOT_V3']],
  ['an expired issuer', { issuer: { notAfterMs: NOW - 1000 } }, ['ISSUER_EXPIRED', 'OUTLIVES_ISSUER']],
  ['an issuer of tomorrow', { issuer: { notBeforeMs: NOW + DAY } }, ['ISSUER_NOT_YET_VALID']],
  ['an issuer that is never valid', { issuer: { notBeforeMs: NOW + 3000 * DAY } }, ['VALIDITY_INVERTED']],
  ['an issuer of 30 days', { issuer: { notAfterMs: NOW + 30 * DAY } }, ['ISSUER_EXPIRES_SOON']],
  ['an issuer of 31 days', { issuer: { notAfterMs: NOW + 31 * DAY } }, []],
  ['a short-lived issuer', { issuer: { notBeforeMs: NOW - 5 * DAY, notAfterMs: NOW + 2 * DAY } }, []],
  [
    'an issuer that ends first',
    { leaf: { notAfterMs: NOW + 40 * DAY }, issuer: { notAfterMs: NOW + 39 * DAY } },
    ['OUTLIVES_ISSUER'],
  ],
  ['a name twice, by case', { leaf: { subject: 'CN=ROOT' } }, ['DUPLICATE_NAME']],
  [
    'the name of an absent issuer',
    { leaf: { subject: 'CN=root' }, issuer: null },
    ['DUPLICATE_NAME', 'CHAIN_INCOMPLETE'],
  ],

  ['another CA as trust', { trust: [SERVER_CA] }, []],
  ['its own CA as trust', { trust: [ROOT] }, ['TRUST_IS_OWN_ISSUER']],
  ['both as trust', { trust: [ROOT, SERVER_CA] }, []],
  ['expired trust', { trust: [{ ...SERVER_CA, notAfterMs: NOW - 1000 }] }, ['TRUST_EXPIRED']],
  ['partly expired trust', { trust: [SERVER_CA, { ...SERVER_CA, notAfterMs: NOW - 1000 }] }, ['TRUST_PARTLY_EXPIRED']],
  ['a leaf as trust', { trust: [{ ...LEAF, subject: 'CN=server' }] }, ['TRUST_NOT_CA']],
  ['a self-signed server as trust', { trust: [{ ...SERVER_CA, ca: false }] }, []],
];

describe('finds in', () => {
  for (const [what, subject, server, cloudOnly = []] of CASES) {
    it(`${what}: ${server.join(', ') || 'nothing'}${cloudOnly.length > 0 ? `; for Cloud ${cloudOnly.join(', ')}` : ''}`, () => {
      const full = (names: readonly string[]): string[] => names.map((name) => `ROTEY_FINDING_${name}`).sort();
      assert.deepEqual([...codes(subject)].sort(), full(server));
      assert.deepEqual([...codes(subject, 'cloud')].sort(), full([...server, ...cloudOnly]));
    });
  }

  it('one case or another everything that there is to find', () => {
    const ofReading = [
      'LEAF_NOT_FIRST',
      'SEVERAL_LEAVES',
      'SEVERAL_KEYS',
      'CERTIFICATE_REPEATED',
      'CERTIFICATE_UNRELATED',
    ];
    const ofOthers = (code: FindingCode): boolean =>
      code.startsWith('ROTEY_FINDING_BUNDLE_') || code === 'ROTEY_FINDING_EXPIRES_WITHIN';
    const found = new Set(CASES.flatMap(([, , server, cloudOnly = []]) => [...server, ...cloudOnly]));
    assert.deepEqual(
      FINDING_CODES.filter((code) => !found.has(code.replace('ROTEY_FINDING_', '')) && !ofOthers(code)).sort(),
      ofReading.map((name) => `ROTEY_FINDING_${name}`).sort(),
    );
  });
});

describe('judges', () => {
  it('nothing as an error under the rules of a server but what was asked for', () => {
    assert.deepEqual(
      FINDING_CODES.filter((code) => FINDINGS[code].severity.server === 'error'),
      ['ROTEY_FINDING_EXPIRES_WITHIN'],
    );
  });

  it('by the rules that are asked for, also what reading noticed', () => {
    const pair = new Pair({
      ...{ id: '', certificatePem: '', privateKeyPem: '', trustPem: undefined, origin: {} },
      chain: [{ ...LEAF, ca: true }],
      findings: [{ code: 'ROTEY_FINDING_LEAF_NOT_FIRST', severity: 'info', message: 'm', remedy: 'r' }],
    });
    const found = inspectPair(pair, { nowMs: NOW, rules: 'cloud' });
    assert.deepEqual(
      found.map(({ code, severity }) => [code, severity]),
      [
        ['ROTEY_FINDING_LEAF_NOT_FIRST', 'info'],
        ['ROTEY_FINDING_LEAF_IS_CA', 'error'],
        ['ROTEY_FINDING_CHAIN_INCOMPLETE', 'info'],
      ],
    );
  });

  it('with the values and limits in the message', () => {
    const message = (subject: Case): string | undefined => inspectPair(pairOf(subject), { nowMs: NOW })[0]?.message;
    assert.equal(
      message({ leaf: { notAfterMs: NOW - 90 * 60_000 } }),
      'The leaf expired on 2026-11-24T10:30:00Z, 1 h 30 min ago.',
    );
    assert.equal(
      message({ leaf: { notBeforeMs: NOW - 2 * HOUR, notAfterMs: NOW + HOUR } }),
      'The leaf expires on 2026-11-24T13:00:00Z, in 1 h of 3 h; at most a third is left.',
    );
    assert.equal(
      message({ leaf: { keyType: 'rsa', keyBits: 1024, curve: undefined } }),
      'The RSA key of "CN=worker" (serial 0A) has 1024 bits, less than 2048.',
    );
  });

  it('without changing anything', () => {
    const pair = pairOf({ leaf: { ca: true } });
    assert.deepEqual(inspectPair(pair, { nowMs: NOW }), inspectPair(pair, { nowMs: NOW }));
    assert.ok(Object.isFrozen(inspectPair(pair, { nowMs: NOW })[0]));
  });
});
