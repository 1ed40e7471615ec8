import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, describe, it } from 'node:test';
import * as pkijs from 'pkijs';
import { CA_EXTENSIONS, LEAF_EXTENSIONS, OpenSsl } from '../../test/support/openssl.ts';
import { OIDS } from '../asn1/index.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { readCertificates } from './read-certificate.ts';

const openssl = new OpenSsl();
after(() => openssl.remove());

const caKey = openssl.key();
const ca = openssl.certificate({ subject: '/O=Example/CN=ca', key: caKey, extensions: CA_EXTENSIONS });
const issuer = { certificate: ca, key: caKey };

function factsOf(file: string): CertificateFacts {
  const [facts] = readCertificates(openssl.read(file));
  assert.ok(facts);
  return facts;
}

const MANY_NAMES = [
  'DNS:worker.example',
  'DNS:*.example',
  'IP:10.0.0.1',
  'IP:2001:db8::1',
  'URI:spiffe://example/worker',
  'email:ops@example.com',
  'RID:1.2.3.4',
  'dirName:name',
].join(',');

const CERTIFICATES: Readonly<Record<string, () => string>> = {
  'an authority': () => ca,
  'a leaf': () =>
    openssl.certificate({ subject: '/CN=worker', key: openssl.key(), extensions: LEAF_EXTENSIONS, issuer }),
  'version 1': () => openssl.certificate({ subject: '/CN=v1', key: openssl.key(), issuer }),
  'a path length': () =>
    openssl.certificate({
      subject: '/CN=sub',
      key: openssl.key(),
      extensions: ['basicConstraints=CA:TRUE,pathlen:2'],
      issuer,
    }),
  'every key usage': () =>
    openssl.certificate({
      subject: '/CN=usages',
      key: openssl.key(),
      extensions: [
        'keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,keyCertSign,cRLSign,encipherOnly,decipherOnly',
        'extendedKeyUsage=clientAuth,serverAuth,codeSigning,1.2.3.4.5',
      ],
      issuer,
    }),
  'RSA with SHA-512': () =>
    openssl.certificate({
      subject: '/CN=rsa',
      key: openssl.key('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'),
      extensions: LEAF_EXTENSIONS,
      args: ['-sha512'],
    }),
  'a negative serial': () =>
    openssl.certificate({ subject: '/CN=s', key: openssl.key(), issuer, args: ['-set_serial', '-0x1F0'] }),
  'a serial with the high bit': () =>
    openssl.certificate({
      subject: '/CN=s',
      key: openssl.key(),
      issuer,
      args: ['-set_serial', '0xF00000000000000001'],
    }),
  'a small serial': () =>
    openssl.certificate({ subject: '/CN=s', key: openssl.key(), issuer, args: ['-set_serial', '5'] }),
  Ed25519: () => openssl.certificate({ subject: '/CN=ed', key: openssl.key('-algorithm', 'ED25519') }),
};

describe('agrees with Node and with pkijs on', () => {
  for (const [what, make] of Object.entries(CERTIFICATES)) {
    it(what, () => {
      const facts = factsOf(make());
      const node = new X509Certificate(facts.pem);
      assert.equal(facts.serial, node.serialNumber);
      assert.equal(facts.subject, node.subject.split('\n').join(', '));
      assert.equal(facts.issuer, node.issuer.split('\n').join(', '));
      assert.equal(facts.notBeforeMs, Date.parse(node.validFrom));
      assert.equal(facts.notAfterMs, Date.parse(node.validTo));
      assert.equal(facts.sha256, node.fingerprint256.replaceAll(':', '').toLowerCase());
      assert.equal(facts.sha1, node.fingerprint.replaceAll(':', '').toLowerCase());
      assert.equal(facts.ca ?? false, node.ca);

      const oracle = pkijs.Certificate.fromBER(new Uint8Array(node.raw));
      assert.equal(facts.version, oracle.version + 1);
      assert.equal(oracleOid(facts.signatureAlgorithm), oracle.signatureAlgorithm.algorithmId);
      assert.equal(facts.notBeforeMs, oracle.notBefore.value.getTime());
      assert.equal(facts.notAfterMs, oracle.notAfter.value.getTime());
      const extension = (oid: string): pkijs.Extension | undefined =>
        oracle.extensions?.find(({ extnID }) => extnID === oid);
      const constraints = extension(OIDS.basicConstraints)?.parsedValue as pkijs.BasicConstraints | undefined;
      assert.equal(facts.ca, constraints?.cA);
      assert.equal(facts.pathLength, constraints?.pathLenConstraint);
      const purposes = extension(OIDS.extKeyUsage)?.parsedValue as pkijs.ExtKeyUsage | undefined;
      assert.deepEqual(facts.extendedKeyUsage?.map(oracleOid), purposes?.keyPurposes);
    });
  }
});

function oracleOid(name: string): string {
  return Object.entries(OIDS).find(([known]) => known === name)?.[1] ?? name;
}

describe('reads', () => {
  it('names of every kind in their order', () => {
    const { sans } = factsOf(
      openssl.certificate({
        subject: '/CN=names',
        key: openssl.key(),
        extensions: [`subjectAltName=${MANY_NAMES}`, '[name]', 'O=Example', 'CN=inner'],
        issuer,
      }),
    );
    assert.deepEqual(sans, [
      'DNS:worker.example',
      'DNS:*.example',
      'IP:10.0.0.1',
      'IP:2001:db8::1',
      'URI:spiffe://example/worker',
      'email:ops@example.com',
      'other:8',
      'dirName:O=Example, CN=inner',
    ]);
  });

  it('every key usage, also the one in the second octet', () => {
    const { keyUsage } = factsOf(CERTIFICATES['every key usage']?.() ?? '');
    assert.equal(keyUsage?.length, 9);
    assert.deepEqual([keyUsage?.[0], keyUsage?.[8]], ['digitalSignature', 'decipherOnly']);
  });

  it('subjects with special characters, without letting them forge a log line', () => {
    const subject = '/O=Ex, ample\\+Söhne/CN=#a\u202eb\u0007 ';
    const facts = factsOf(openssl.certificate({ subject, key: openssl.key(), issuer }));
    assert.equal(facts.subject, 'O=Ex\\, ample\\+Söhne, CN=\\#a\\e2\\80\\aeb\\07\\ ');
    assert.equal(facts.commonName, '#a\u202eb\u0007 ');
  });

  it('subjects without a common name, with several, and empty ones', () => {
    const named = (subject: string): CertificateFacts =>
      factsOf(openssl.certificate({ subject, key: openssl.key(), issuer }));
    assert.equal(named('/O=Example').commonName, undefined);
    assert.equal(named('/CN=first/CN=second').commonName, 'second');
    assert.equal(named('/').subject, '');
    assert.equal(named('/O=a+OU=b/CN=c').subject, 'O=a + OU=b, CN=c');
  });

  it('keys of every kind', () => {
    const keyed = (...genpkey: string[]): string => {
      const { keyType, keyBits, curve } = factsOf(
        openssl.certificate({ subject: '/CN=k', key: openssl.key(...genpkey) }),
      );
      return `${keyType} ${keyBits} ${curve}`;
    };
    assert.equal(keyed(), 'ec 256 prime256v1');
    assert.equal(keyed('-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp521r1'), 'ec 521 secp521r1');
    assert.equal(keyed('-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:brainpoolP256r1'), 'ec 256 brainpoolP256r1');
    assert.equal(keyed('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'), 'rsa 1024 undefined');
    assert.equal(keyed('-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:1024'), 'rsa-pss 1024 undefined');
    assert.equal(keyed('-algorithm', 'ED25519'), 'ed25519 undefined undefined');
    assert.equal(keyed('-algorithm', 'ED448'), 'ed448 undefined undefined');
  });

  it('the hash of an RSASSA-PSS signature', () => {
    const key = openssl.key('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');
    const signed = (...args: string[]): string =>
      factsOf(openssl.certificate({ subject: '/CN=k', key, args: ['-sigopt', 'rsa_padding_mode:pss', ...args] }))
        .signatureAlgorithm;
    assert.equal(signed('-sha384'), 'rsassa-pss with sha384');
    assert.equal(signed('-sha1'), 'rsassa-pss with sha1');
  });

  it('self-signed ones, and those that only look so', () => {
    assert.equal(factsOf(ca).selfSigned, true);
    const sameName = openssl.certificate({ subject: '/O=Example/CN=ca', key: openssl.key(), issuer });
    assert.equal(factsOf(sameName).selfSigned, false);
  });

  it('certificates with the trust settings of OpenSSL, without these', () => {
    openssl.run('x509', '-in', ca, '-trustout', '-addtrust', 'clientAuth', '-out', 'trusted.pem');
    assert.match(openssl.read('trusted.pem'), /BEGIN TRUSTED CERTIFICATE/);
    assert.equal(factsOf('trusted.pem').pem, factsOf(ca).pem);
  });
});

describe('refuses', () => {
  it('a block with something else in it, naming file and line', () => {
    const text = `# note\n-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n`;
    assert.throws(() => readCertificates(text, { name: 'tls.crt' }), {
      code: 'ROTEY_CERTIFICATE_MALFORMED',
      message: /^tls\.crt, line 2: not a certificate\. Not DER at byte 2: tag 0x02 stands where 0x30 is expected\.$/,
    });
  });

  it('bytes behind the certificate', () => {
    const der = Buffer.concat([new X509Certificate(openssl.read(ca)).raw, Buffer.from([5, 0])]);
    const text = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    assert.throws(() => readCertificates(text), { code: 'ROTEY_CERTIFICATE_MALFORMED', message: /2 bytes follow/ });
  });

  it('a file without one', () => {
    assert.throws(() => readCertificates(openssl.read(caKey)), { code: 'ROTEY_PEM_NO_CERTIFICATE' });
  });
});
