import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { rootCertificates } from 'node:tls';
import { CA_EXTENSIONS, LEAF_EXTENSIONS, OpenSsl } from '../../test/support/openssl.ts';
import { createAuthority } from '../pki/index.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { FINDING_CODES, type FindingRules } from './findings.ts';
import { inspectBundle } from './inspect-bundle.ts';
import type { CertificatePath } from './pair.ts';
import { type CaBundle, readBundle } from './read-bundle.ts';
import { readCertificates } from './read-certificate.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const DAY = 24 * 3_600_000;

/** A root of ten years of which nobody has anything to say. */
const ROOT: CertificateFacts = {
  pem: '',
  version: 3,
  subject: 'CN=root',
  issuer: 'CN=root',
  commonName: 'root',
  serial: '01',
  sha1: 'a1',
  sha256: 'r',
  notBeforeMs: NOW - 1000 * DAY,
  notAfterMs: NOW + 2650 * DAY,
  sans: [],
  keyType: 'ec',
  keyBits: 256,
  curve: 'prime256v1',
  signatureAlgorithm: 'ecdsa-with-SHA256',
  ca: true,
  pathLength: undefined,
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage: undefined,
  selfSigned: true,
};
const ISSUING: CertificateFacts = { ...ROOT, subject: 'CN=issuing', serial: '02', sha256: 'i', selfSigned: false };
const OTHER: CertificateFacts = { ...ROOT, subject: 'CN=other', serial: '03', sha256: 'o' };

interface Case {
  /** Default: one root. */
  readonly certificates?: readonly CertificateFacts[];
  readonly repeated?: readonly CertificateFacts[];
  readonly bytes?: number;
  readonly keys?: number;
  readonly publicRoots?: ReadonlySet<string>;
  readonly expiresWithinMs?: number;
}

/** An issuer is whoever has its name. */
function bundleOf({ certificates = [ROOT], repeated = [], bytes = 700, keys = 0 }: Case): CaBundle {
  const paths = new Map(
    certificates.map((facts): [string, CertificatePath] => {
      const issuer = facts.selfSigned ? undefined : certificates.find(({ subject }) => subject === facts.issuer);
      return [facts.sha256, issuer === undefined ? [facts] : [facts, issuer]];
    }),
  );
  return { certificates, repeated, bytes, keys, paths };
}

function codes(subject: Case, rules: FindingRules): readonly string[] {
  const { publicRoots, expiresWithinMs } = subject;
  return inspectBundle(bundleOf(subject), { nowMs: NOW, rules, publicRoots, expiresWithinMs }).map(
    ({ code, severity }) => `${code.replace('ROTEY_FINDING_', '')} ${severity}`,
  );
}

/** Name, bundle, what a server's rules find, what Cloud's rules find. */
const CASES: readonly (readonly [string, Case, readonly string[], readonly string[]])[] = [
  ['a root', {}, [], []],
  ['a root and what it issued', { certificates: [ISSUING, ROOT] }, [], []],
  ['two roots', { certificates: [ROOT, OTHER] }, [], []],
  [
    'an intermediate without its root',
    { certificates: [ISSUING, OTHER] },
    ['BUNDLE_ISSUER_ABSENT info'],
    ['BUNDLE_ISSUER_ABSENT error'],
  ],
  [
    'what is not a CA',
    { certificates: [{ ...ROOT, ca: false, selfSigned: true }] },
    ['BUNDLE_NOT_CA warning'],
    ['BUNDLE_NOT_CA error'],
  ],
  [
    'a root of version 1',
    { certificates: [{ ...ROOT, version: 1, ca: undefined }] },
    ['NOT_V3 warning'],
    ['NOT_V3 error'],
  ],
  [
    'a CA that may not sign',
    { certificates: [{ ...ROOT, keyUsage: ['digitalSignature'] }] },
    ['BUNDLE_NO_CERT_SIGN warning'],
    ['BUNDLE_NO_CERT_SIGN warning'],
  ],
  ['a CA without key usage', { certificates: [{ ...ROOT, keyUsage: undefined }] }, [], []],
  [
    'an expired CA beside a good one',
    { certificates: [OTHER, { ...ROOT, notAfterMs: NOW - 1 }] },
    ['BUNDLE_EXPIRED warning'],
    ['BUNDLE_EXPIRED error'],
  ],
  [
    'a CA of tomorrow',
    { certificates: [{ ...ROOT, notBeforeMs: NOW + DAY }] },
    ['BUNDLE_NOT_YET_VALID warning'],
    ['BUNDLE_NOT_YET_VALID warning'],
  ],
  [
    'a CA that is never valid',
    { certificates: [{ ...ROOT, notBeforeMs: NOW + 3000 * DAY }] },
    ['VALIDITY_INVERTED warning'],
    ['VALIDITY_INVERTED error'],
  ],
  [
    'a CA of 30 days',
    { certificates: [{ ...ROOT, notAfterMs: NOW + 30 * DAY }] },
    ['BUNDLE_EXPIRES_SOON warning'],
    ['BUNDLE_EXPIRES_SOON warning'],
  ],
  ['a CA of 31 days', { certificates: [{ ...ROOT, notAfterMs: NOW + 31 * DAY }] }, [], []],
  [
    'a CA that ends after its issuer',
    { certificates: [{ ...ISSUING, notAfterMs: ROOT.notAfterMs + 1 }, ROOT] },
    ['OUTLIVES_ISSUER warning'],
    ['OUTLIVES_ISSUER warning'],
  ],
  [
    'a CA with a name of its issuer, by case',
    { certificates: [{ ...ISSUING, subject: 'CN=Root', issuer: 'CN=root' }, ROOT] },
    ['DUPLICATE_NAME warning', 'BUNDLE_DUPLICATE_NAME info'],
    ['DUPLICATE_NAME error', 'BUNDLE_DUPLICATE_NAME warning'],
  ],
  [
    'two roots of one name',
    { certificates: [ROOT, { ...OTHER, subject: 'CN=ROOT' }] },
    ['BUNDLE_DUPLICATE_NAME info'],
    ['BUNDLE_DUPLICATE_NAME warning'],
  ],
  [
    'an Ed25519 CA',
    { certificates: [{ ...ROOT, keyType: 'ed25519', keyBits: undefined, signatureAlgorithm: 'Ed25519' }] },
    ['BUNDLE_KEY_UNUSUAL info'],
    ['BUNDLE_KEY_UNUSUAL error', 'SIGNATURE_UNUSUAL error'],
  ],
  [
    'SHA-1 of a root',
    { certificates: [{ ...ROOT, signatureAlgorithm: 'sha1WithRSAEncryption' }] },
    [],
    ['SIGNATURE_WEAK error'],
  ],
  [
    'SHA-224 of an intermediate',
    { certificates: [{ ...ISSUING, signatureAlgorithm: 'ecdsa-with-SHA224' }, ROOT] },
    [],
    ['SIGNATURE_WEAK error'],
  ],
  [
    'a short RSA key',
    { certificates: [{ ...ROOT, keyType: 'rsa', keyBits: 1024, curve: undefined }] },
    ['RSA_SHORT warning'],
    ['RSA_SHORT warning'],
  ],
  [
    'an odd curve',
    { certificates: [{ ...ROOT, curve: 'secp256k1' }] },
    ['CURVE_UNUSUAL warning'],
    ['CURVE_UNUSUAL warning'],
  ],
  ['a certificate twice', { repeated: [ROOT] }, ['BUNDLE_REPEATED info'], ['BUNDLE_REPEATED error']],
  ['a key beside it', { keys: 1 }, ['BUNDLE_HOLDS_KEY info'], ['BUNDLE_HOLDS_KEY error']],
  ['a public CA', { publicRoots: new Set(['r']) }, [], ['BUNDLE_PUBLIC_CA warning']],
  ['16 certificates', { certificates: many(16) }, [], []],
  ['17 certificates', { certificates: many(17) }, [], ['BUNDLE_TOO_MANY error']],
  [
    '16 certificates and one again',
    { certificates: many(16), repeated: many(1) },
    ['BUNDLE_REPEATED info'],
    ['BUNDLE_REPEATED error', 'BUNDLE_TOO_MANY error'],
  ],
  ['32 KB', { bytes: 32_768 }, [], []],
  ['a byte more', { bytes: 32_769 }, [], ['BUNDLE_TOO_LARGE error']],
  [
    'a CA that ends within the time asked for',
    { expiresWithinMs: 2650 * DAY },
    ['EXPIRES_WITHIN error'],
    ['EXPIRES_WITHIN error'],
  ],
  ['a CA that ends after the time asked for', { expiresWithinMs: 2650 * DAY - 1 }, [], []],
];

function many(count: number): readonly CertificateFacts[] {
  return Array.from({ length: count }, (_, index) => ({ ...ROOT, subject: `CN=root ${index}`, sha256: `${index}` }));
}

describe('finds in a bundle', () => {
  for (const [what, subject, server, cloud] of CASES) {
    it(`${what}: ${server.join(', ') || 'nothing'}; for Cloud ${cloud.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(codes(subject, 'server'), server);
      assert.deepEqual(codes(subject, 'cloud'), cloud);
    });
  }

  it('one case or another everything that there is to find', () => {
    const found = new Set(CASES.flatMap(([, , , cloud]) => cloud.map((text) => `ROTEY_FINDING_${text.split(' ')[0]}`)));
    assert.deepEqual(
      FINDING_CODES.filter((code) => code.startsWith('ROTEY_FINDING_BUNDLE_') && !found.has(code)),
      [],
    );
  });
});

describe('reads a bundle', () => {
  const openssl = new OpenSsl();
  after(() => openssl.remove());
  const key = openssl.key();
  const root = openssl.certificate({ subject: '/CN=root', key, extensions: CA_EXTENSIONS, args: ['-days', '40'] });
  const issuingKey = openssl.key();
  const issuer = { certificate: root, key };
  const issuing = openssl.certificate({ subject: '/CN=issuing', key: issuingKey, extensions: CA_EXTENSIONS, issuer });

  it('with each certificate once, its issuers by signature, and its size', async () => {
    const text = `# ours\n${openssl.read(issuing)}\r\n${openssl.read(root)}${openssl.read(issuing)}`;
    const bundle = readBundle(text, 'ca.pem');
    assert.deepEqual(
      bundle.certificates.map(({ subject }) => subject),
      ['CN=issuing', 'CN=root'],
    );
    assert.equal(bundle.repeated.length, 1);
    assert.equal(bundle.bytes, text.length);
    const [first] = bundle.certificates;
    assert.deepEqual(
      bundle.paths.get(first?.sha256 ?? '')?.map(({ subject }) => subject),
      ['CN=issuing', 'CN=root'],
    );
    assert.deepEqual(
      inspectBundle(bundle, { nowMs: Date.now(), rules: 'cloud' }).map(({ code }) => code),
      ['ROTEY_FINDING_BUNDLE_REPEATED'],
    );
  });

  it('without taking a name for a signature', () => {
    const impostor = openssl.certificate({ subject: '/CN=root', key: openssl.key(), extensions: CA_EXTENSIONS });
    const bundle = readBundle(openssl.read(issuing) + openssl.read(impostor), 'ca.pem');
    const found = inspectBundle(bundle, { nowMs: Date.now(), rules: 'cloud' });
    assert.ok(found.some(({ code }) => code === 'ROTEY_FINDING_BUNDLE_ISSUER_ABSENT'));
  });

  it('as Temporal Cloud would: what our own authority hands out is in order, a leaf is not', async () => {
    const own = await createAuthority({ commonName: 'root' });
    const below = await createAuthority({ commonName: 'issuing', issuer: own });
    const good = readBundle(below.bundlePem, 'ca.pem');
    assert.deepEqual(inspectBundle(good, { nowMs: Date.now(), rules: 'cloud' }), []);
    const leaf = openssl.certificate({ subject: '/CN=leaf', key: openssl.key(), extensions: LEAF_EXTENSIONS, issuer });
    const bad = inspectBundle(readBundle(openssl.read(leaf), 'ca.pem'), { nowMs: Date.now(), rules: 'cloud' });
    assert.ok(bad.some(({ code }) => code === 'ROTEY_FINDING_BUNDLE_NOT_CA'));
  });

  it('of public CAs, and knows them', () => {
    const bundle = readBundle(rootCertificates.slice(0, 3).join('\n'), 'ca-certificates.crt');
    const publicRoots = new Set(rootCertificates.flatMap((pem) => readCertificates(pem).map(({ sha256 }) => sha256)));
    const found = inspectBundle(bundle, { nowMs: Date.now(), rules: 'cloud', publicRoots });
    const [finding] = found.filter(({ code }) => code === 'ROTEY_FINDING_BUNDLE_PUBLIC_CA');
    assert.match(finding?.message ?? '', /is a well-known public CA, and 2 more\.$/);
  });

  it('and counts keys that lie there', () => {
    assert.equal(readBundle(openssl.read(root) + openssl.read(key), 'ca.pem').keys, 1);
  });

  it('unless there is none', () => {
    assert.throws(() => readBundle(openssl.read(key), 'ca.pem'), {
      code: 'ROTEY_PEM_NO_CERTIFICATE',
      retryable: false,
    });
    assert.throws(() => readBundle('', 'ca.pem'), { code: 'ROTEY_PEM_NO_CERTIFICATE', retryable: true });
  });
});
