import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { CA_EXTENSIONS, LEAF_EXTENSIONS, OpenSsl } from '../../test/support/openssl.ts';
import { createAuthority, issueLeaf } from '../pki/index.ts';
import { type Pair, readPair } from './index.ts';
import { MAX_CHAIN_CERTIFICATES } from './read-pair.ts';

const openssl = new OpenSsl();
after(() => openssl.remove());

const root = await createAuthority({ commonName: 'root' });
const upper = await createAuthority({ commonName: 'upper', issuer: root });
const lower = await createAuthority({ commonName: 'lower', issuer: upper });
const leaf = await issueLeaf(lower, { commonName: 'worker', usage: 'client' });
const key = leaf.revealPrivateKey();
const other = await issueLeaf(lower, { commonName: 'other', usage: 'client' });
const stranger = await createAuthority({ commonName: 'stranger' });

const certificates = {
  leaf: leaf.certificatePem,
  lower: lower.certificatePem,
  upper: upper.certificatePem,
  root: root.certificatePem,
  stranger: stranger.certificatePem,
};

function names(pair: Pair): readonly (string | undefined)[] {
  return pair.chain.map(({ commonName }) => commonName);
}

function codes(pair: Pair): readonly string[] {
  return pair.findings.map(({ code }) => code.replace('ROTEY_FINDING_', ''));
}

describe('the chain', () => {
  const { leaf: l, lower: i, upper: u, root: r, stranger: s } = certificates;
  for (const [what, text, chain, findings] of [
    ['is the leaf alone', l, ['worker'], []],
    ['is kept in order', l + i + u + r, ['worker', 'lower', 'upper', 'root'], []],
    ['is put in order', r + u + l + i, ['worker', 'lower', 'upper', 'root'], ['LEAF_NOT_FIRST']],
    ['ends at a gap', l + u + i, ['worker', 'lower', 'upper'], []],
    ['has each certificate once', l + i + l + i, ['worker', 'lower'], ['CERTIFICATE_REPEATED', 'CERTIFICATE_REPEATED']],
    [
      'keeps unrelated ones behind',
      s + l + i,
      ['worker', 'lower', 'stranger'],
      ['LEAF_NOT_FIRST', 'CERTIFICATE_UNRELATED'],
    ],
    ['counts what lies behind a gap as unrelated', l + u, ['worker', 'upper'], ['CERTIFICATE_UNRELATED']],
  ] as const) {
    it(what, () => {
      const pair = readPair({ certificate: text, key });
      assert.deepEqual(names(pair), chain);
      assert.deepEqual(codes(pair), findings);
      assert.equal(pair.leaf, pair.chain[0]);
      assert.equal(pair.certificatePem, pair.chain.map(({ pem }) => pem).join(''));
    });
  }

  it('goes up every way where an authority is cross-signed, one complete way first', async () => {
    const newRoot = await createAuthority({ commonName: 'new root' });
    openssl.write('new-root.crt', newRoot.certificatePem);
    openssl.write('new-root.key', newRoot.revealPrivateKey());
    openssl.write('root.key', root.revealPrivateKey());
    const cross = openssl.certificate({
      subject: '/CN=root',
      key: 'root.key',
      extensions: CA_EXTENSIONS,
      issuer: { certificate: 'new-root.crt', key: 'new-root.key' },
    });
    const rootLeaf = await issueLeaf(root, { commonName: 'worker', usage: 'client' });
    const pair = readPair({
      certificate: rootLeaf.certificatePem + openssl.read(cross) + root.certificatePem + newRoot.certificatePem,
      key: rootLeaf.revealPrivateKey(),
    });
    assert.deepEqual(names(pair), ['worker', 'root', 'new root', 'root']);
    assert.deepEqual(
      pair.path.map(({ commonName }) => commonName),
      ['worker', 'root', 'new root'],
    );
    assert.deepEqual(codes(pair), []);
  });

  it('does not take an authority of the same name and another key for the issuer', async () => {
    const impostor = await createAuthority({ commonName: 'lower' });
    const pair = readPair({ certificate: leaf.certificatePem + impostor.certificatePem, key });
    assert.deepEqual(codes(pair), ['CERTIFICATE_UNRELATED']);
    assert.equal(pair.path.length, 1);
  });

  it('is refused beyond a number of certificates', () => {
    const text = leaf.certificatePem.repeat(MAX_CHAIN_CERTIFICATES + 1);
    assert.throws(() => readPair({ certificate: text, key }), {
      code: 'ROTEY_FILE_TOO_LARGE',
      message: /65 certificates/,
    });
  });
});

describe('the leaf', () => {
  it('is the certificate issued last when a key is used again', async () => {
    const notBeforeMs = Date.now() + 3_600_000;
    const renewed = await issueLeaf(lower, { commonName: 'renewed', usage: 'client', key, notBeforeMs });
    for (const both of [renewed.certificatePem + leaf.certificatePem, leaf.certificatePem + renewed.certificatePem]) {
      const pair = readPair({ certificate: both, key });
      assert.deepEqual(names(pair), ['renewed', 'worker']);
      assert.ok(codes(pair).includes('SEVERAL_LEAVES'));
      assert.ok(!codes(pair).includes('CERTIFICATE_UNRELATED'));
    }
  });

  it('is not the authority that has the same key', () => {
    const file = openssl.key();
    const ca = openssl.certificate({ subject: '/CN=own ca', key: file, extensions: CA_EXTENSIONS });
    const own = openssl.certificate({
      subject: '/CN=own',
      key: file,
      extensions: LEAF_EXTENSIONS,
      issuer: { certificate: ca, key: file },
    });
    const pair = readPair({ certificate: openssl.read(ca) + openssl.read(own), key: openssl.read(file) });
    assert.deepEqual(names(pair), ['own', 'own ca']);
  });
});

describe('the key', () => {
  it('may stand in the file of the certificate', () => {
    for (const certificate of [key + leaf.certificatePem, leaf.certificatePem + key]) {
      assert.equal(readPair({ certificate }).revealPrivateKey(), key);
      assert.equal(readPair({ certificate, key: certificate }).revealPrivateKey(), key);
      assert.equal(readPair({ certificate, key: '# see tls.crt\n' }).revealPrivateKey(), key);
    }
  });

  it('may bring the certificates', () => {
    const pair = readPair({ certificate: '', key: key + leaf.chainPem });
    assert.deepEqual(names(pair), ['worker', 'lower', 'upper']);
  });

  it('comes out as PKCS#8 without encryption, whatever it was', () => {
    openssl.write('in.key', key);
    for (const command of [
      ['ec'],
      ['ec', '-aes128', '-passout', 'pass:secret'],
      ['pkcs8', '-topk8', '-passout', 'pass:secret'],
    ]) {
      openssl.run(...command, '-in', 'in.key', '-out', 'out.key');
      const pair = readPair({ certificate: leaf.certificatePem, key: openssl.read('out.key'), passphrase: 'secret' });
      assert.equal(pair.revealPrivateKey(), key);
    }
  });

  it('comes out of a PKCS#12 export with its bag attributes', () => {
    openssl.write('in.key', key);
    openssl.write('in.crt', leaf.certificatePem);
    openssl.write('ca.crt', lower.bundlePem);
    openssl.run(
      ...[
        'pkcs12',
        '-export',
        '-inkey',
        'in.key',
        '-in',
        'in.crt',
        '-certfile',
        'ca.crt',
        '-passout',
        'pass:x',
        '-out',
        'x.p12',
      ],
    );
    openssl.run(...['pkcs12', '-in', 'x.p12', '-passin', 'pass:x', '-nodes', '-out', 'all.pem']);
    assert.match(openssl.read('all.pem'), /Bag Attributes/);
    const pair = readPair({ certificate: openssl.read('all.pem') });
    assert.deepEqual(names(pair), ['worker', 'lower', 'upper', 'root']);
    assert.equal(pair.revealPrivateKey(), key);
  });

  it('is the one that belongs to a certificate when there are several', () => {
    const pair = readPair({ certificate: leaf.certificatePem, key: other.revealPrivateKey() + key + key });
    assert.equal(pair.revealPrivateKey(), key);
    assert.deepEqual(codes(pair), ['SEVERAL_KEYS']);
    assert.deepEqual(codes(readPair({ certificate: leaf.certificatePem, key: key + key })), []);
  });

  it('is ambiguous when several belong to certificates', () => {
    assert.throws(
      () => readPair({ certificate: leaf.certificatePem + other.certificatePem, key: key + other.revealPrivateKey() }),
      { code: 'ROTEY_KEY_AMBIGUOUS', message: /2 different private keys/ },
    );
  });

  it('is refused when it belongs to no certificate, with all that helps to find out why', () => {
    assert.throws(
      () =>
        readPair({
          certificate: leaf.chainPem,
          key: other.revealPrivateKey(),
          origin: { certificate: '/certs/tls.crt', key: '/certs/tls.key' },
        }),
      {
        code: 'ROTEY_PAIR_MISMATCH',
        message:
          'The private key (EC prime256v1) in /certs/tls.key does not belong to the certificate "CN=worker", ' +
          `serial ${leaf.serial}, in /certs/tls.crt nor to any of the 2 after it.`,
        hint: /being replaced one after the other/,
      },
    );
  });

  it('is refused when only its public half belongs to the certificate', () => {
    const swapped = withPublicHalf(other.revealPrivateKey(), key);
    assert.throws(() => readPair({ certificate: leaf.certificatePem, key: swapped }), {
      code: 'ROTEY_KEY_MALFORMED',
      message: /does not verify with its own public key/,
    });
  });

  for (const [what, genpkey] of [
    ['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
    [
      'RSASSA-PSS with a hash of its own',
      [
        '-algorithm',
        'RSA-PSS',
        '-pkeyopt',
        'rsa_keygen_bits:2048',
        '-pkeyopt',
        'rsa_pss_keygen_md:sha512',
        '-pkeyopt',
        'rsa_pss_keygen_mgf1_md:sha512',
        '-pkeyopt',
        'rsa_pss_keygen_saltlen:64',
      ],
    ],
    ['Ed25519', ['-algorithm', 'ED25519']],
    ['Ed448', ['-algorithm', 'ED448']],
    ['P-521', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp521r1']],
    ['secp256k1', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1']],
  ] as const) {
    it(`may be ${what}`, () => {
      const file = openssl.key(...genpkey);
      const certificate = openssl.certificate({
        subject: '/CN=k',
        key: file,
        args: what.startsWith('RSASSA') ? ['-sha512'] : [],
      });
      const pair = readPair({ certificate: openssl.read(certificate), key: openssl.read(file) });
      assert.ok(new X509Certificate(pair.certificatePem).subject);
    });
  }
});

/** PKCS#8 of P-256 ends with the public point: 65 bytes, the same place in every such key. */
function withPublicHalf(pem: string, of: string): string {
  const [der, donor] = [pem, of].map((text) => Buffer.from(text.replace(/-----.*-----|\n/g, ''), 'base64'));
  assert.ok(der && donor);
  const forged = Buffer.concat([der.subarray(0, -65), donor.subarray(-65)]);
  return `-----BEGIN PRIVATE KEY-----\n${forged.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

describe('the trust bundle', () => {
  const read = (trust: string): Pair => readPair({ certificate: leaf.certificatePem, key, trust });

  it('is absent unless it is given', () => {
    const pair = readPair({ certificate: leaf.certificatePem, key });
    assert.equal(pair.trustPem, undefined);
    assert.deepEqual(pair.trust, []);
  });

  it('is normalised: comments go, repeated certificates count once', () => {
    const pair = read(
      `# roots\r\n${(root.certificatePem + stranger.certificatePem + root.certificatePem).replaceAll('\n', '\r\n')}`,
    );
    assert.equal(pair.trustPem, root.certificatePem + stranger.certificatePem);
    assert.deepEqual(
      pair.trust.map(({ commonName }) => commonName),
      ['root', 'stranger'],
    );
  });

  for (const [what, text, code] of [
    ['nothing', '', 'ROTEY_TRUST_MALFORMED'],
    ['no certificate', key, 'ROTEY_TRUST_MALFORMED'],
    [
      'one bad certificate',
      `${root.certificatePem}-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n`,
      'ROTEY_TRUST_MALFORMED',
    ],
    ['no base64', root.certificatePem.replace('MII', '***'), 'ROTEY_TRUST_MALFORMED'],
    ['trust settings', root.certificatePem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'), 'ROTEY_TRUST_MALFORMED'],
    ['a cut', root.certificatePem.slice(0, -40), 'ROTEY_PEM_TRUNCATED'],
  ] as const) {
    it(`is refused with ${what}`, () => assert.throws(() => read(text), { code }));
  }
});

describe('the id', () => {
  const base = { certificate: leaf.chainPem, key };
  const { id } = readPair(base);

  it('is the same however the same certificates are written', () => {
    assert.match(id, /^[0-9a-f]{64}$/);
    assert.equal(readPair({ certificate: `# comment\n${leaf.chainPem.replaceAll('\n', '\r\n')}`, key }).id, id);
    const bundle = { ...base, trust: root.certificatePem + stranger.certificatePem };
    const turned = { ...base, trust: stranger.certificatePem + root.certificatePem };
    assert.equal(readPair(bundle).id, readPair(turned).id);
  });

  it('is another one when a certificate comes or goes', async () => {
    const renewed = await issueLeaf(lower, { commonName: 'worker', usage: 'client', key });
    const ids = [
      id,
      readPair({ certificate: leaf.certificatePem, key }).id,
      readPair({ certificate: renewed.chainPem, key }).id,
      readPair({ ...base, trust: root.certificatePem }).id,
      readPair({ ...base, trust: stranger.certificatePem }).id,
    ];
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('what is missing', () => {
  for (const [what, material, code, retryable] of [
    ['an empty certificate file', { certificate: '', key }, 'ROTEY_PEM_NO_CERTIFICATE', true],
    ['an empty key file', { certificate: leaf.certificatePem, key: '' }, 'ROTEY_PEM_NO_KEY', true],
    ['a file without a certificate', { certificate: 'hello', key }, 'ROTEY_PEM_NO_CERTIFICATE', false],
    ['files without a key', { certificate: leaf.certificatePem, key: leaf.certificatePem }, 'ROTEY_PEM_NO_KEY', false],
    ['no key at all', { certificate: leaf.certificatePem }, 'ROTEY_PEM_NO_KEY', false],
  ] as const) {
    it(`is told of ${what}`, () => assert.throws(() => readPair(material), { code, retryable }));
  }
});
