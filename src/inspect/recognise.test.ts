import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { type ContentKind, kindOfLabel, recognise } from './recognise.ts';
import { derOf, makeMaterial } from './testing/material.ts';

const material = makeMaterial();
const { openssl, leaf, key, lockedKey, request } = material;
after(() => openssl.remove());

openssl.write('key.pem', key);
openssl.write('leaf.pem', leaf);

function made(name: string, ...command: readonly string[]): Buffer {
  openssl.run(...command, '-out', name);
  return Buffer.from(openssl.read(name), 'latin1');
}

const rsa = openssl.key('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');
const old = openssl.certificate({ subject: '/CN=v1', key: 'key.pem' });
const pkcs12 = ['pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'key.pem', '-passout', 'pass:x'];

const CASES: readonly (readonly [string, string | Uint8Array, ContentKind])[] = [
  ['PEM', leaf, 'pem'],
  ['PEM behind comments', `Bag Attributes\n  friendlyName: x\n${leaf}`, 'pem'],
  ['PEM of another kind', request, 'pem'],
  ['PEM that is being written', '-----BEGI', 'pem'],
  ['PEM in UTF-16', Buffer.from(`\uFEFF${leaf}`, 'utf16le'), 'pem'],
  ['a DER certificate', derOf(leaf), 'certificate'],
  ['a DER certificate of version 1', derOf(openssl.read(old)), 'certificate'],
  ['PKCS#8', derOf(key), 'PRIVATE KEY'],
  ['encrypted PKCS#8', derOf(lockedKey), 'ENCRYPTED PRIVATE KEY'],
  ['PKCS#1', made('rsa.der', 'rsa', '-in', rsa, '-traditional', '-outform', 'der'), 'RSA PRIVATE KEY'],
  ['SEC1', made('ec.der', 'ec', '-in', 'key.pem', '-outform', 'der'), 'EC PRIVATE KEY'],
  ['a request', derOf(request), 'certificate-request'],
  ['a public key', made('pub.der', 'pkey', '-in', 'key.pem', '-pubout', '-outform', 'der'), 'public-key'],
  ['PKCS#12', made('x.p12', ...pkcs12), 'pkcs12'],
  ['PKCS#12 in BER', Buffer.from('3080020103308006092a864886f70d010701', 'hex'), 'pkcs12'],
  ['PKCS#7', made('x.p7b', 'crl2pkcs7', '-nocrl', '-certfile', 'leaf.pem', '-outform', 'der'), 'pkcs7'],
  ['a Java keystore', Buffer.from('feedfeed00000002', 'hex'), 'java-keystore'],
  [
    'YAML',
    `# ours\napiVersion: v1\nkind: Secret\nstringData:\n  tls.crt: |\n    -----BEGIN CERTIFICATE-----\n`,
    'manifest',
  ],
  ['JSON', `{"kind": "Secret"}`, 'manifest'],
  ['nothing', '', 'empty'],
  ['white space', '\n \r\n', 'empty'],
  ['text', 'Hello.\n', 'unknown'],
  ['text that begins with 0', '0123456789', 'unknown'],
  ['noise', Buffer.from([1, 2, 3]), 'unknown'],
];

describe('recognises', () => {
  for (const [what, content, kind] of CASES) {
    it(`${what} as ${kind}`, () => assert.equal(recognise(Buffer.from(content)), kind));
  }

  it('a revocation list', () => {
    openssl.write('index.txt', '');
    openssl.write('ca.conf', '[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ndefault_md=sha256\n');
    openssl.write('root.pem', material.root);
    openssl.write('root.key', material.rootKey);
    const crl = ['ca', '-gencrl', '-config', 'ca.conf', '-cert', 'root.pem', '-keyfile', 'root.key', '-crldays', '1'];
    const pem = made('crl.pem', ...crl).toString();
    assert.equal(recognise(derOf(pem)), 'revocation-list');
    assert.equal(kindOfLabel('X509 CRL'), 'revocation-list');
  });

  it('anything without failing', () => {
    const der = derOf(leaf);
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(der.length).map((length) => der.subarray(0, length)),
      fc.string().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(noise, (bytes) => void recognise(bytes)),
      { numRuns: 1000 },
    );
  });
});
