import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { CA_EXTENSIONS, OpenSsl } from '../../test/support/openssl.ts';
import { FoundKey } from './found-key.ts';
import { isCertificate, isPrivateKey, type ParsedCertificate, parseCertificateBlock, readPem } from './index.ts';

const openssl = new OpenSsl();
after(() => openssl.remove());

const key = openssl.key();
const other = openssl.key('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');
const certificate = parse(openssl.certificate({ subject: '/CN=worker', key, extensions: CA_EXTENSIONS }));
const encrypted = 'encrypted.pem';
openssl.run('pkcs8', '-topk8', '-in', key, '-out', encrypted, '-iter', '1', '-passout', 'pass:secret');

function parse(name: string): ParsedCertificate {
  const [block] = readPem(openssl.read(name), name).filter(isCertificate);
  assert.ok(block);
  return parseCertificateBlock(block, name);
}

function find(text: string, passphrase?: string): FoundKey {
  const [block] = readPem(text, 'tls.key').filter(isPrivateKey);
  assert.ok(block);
  return new FoundKey(block, { name: 'tls.key', passphrase });
}

describe('a key that was found', () => {
  it('says of what kind it is, and which certificate it belongs to', () => {
    const found = find(openssl.read(key));
    assert.deepEqual(found.facts, { keyType: 'ec', keyBits: 256, curve: 'prime256v1' });
    assert.equal(found.encrypted, false);
    assert.equal(found.belongsTo(certificate), 'yes');
    const rsa = find(openssl.read(other));
    assert.deepEqual(rsa.facts, { keyType: 'rsa', keyBits: 2048, curve: undefined });
    assert.equal(rsa.belongsTo(certificate), 'no');
    assert.ok(found.isSameAs(find(openssl.read(key))));
    assert.ok(!found.isSameAs(rsa));
  });

  it('does not know when it is locked, and does when it is opened', () => {
    const locked = find(openssl.read(encrypted));
    assert.equal(locked.problem?.code, 'ROTEY_KEY_PASSPHRASE_MISSING');
    assert.equal(locked.belongsTo(certificate), 'unknown');
    assert.ok(locked.encrypted && !locked.isSameAs(locked));
    assert.equal(find(openssl.read(encrypted), 'wrong').problem?.code, 'ROTEY_KEY_PASSPHRASE_WRONG');
    const opened = find(openssl.read(encrypted), 'secret');
    assert.equal(opened.problem, undefined);
    assert.ok(opened.encrypted);
    assert.equal(opened.belongsTo(certificate), 'yes');
  });

  it('is damaged when it does not sign for the certificate that shows its public half', () => {
    assert.equal(find(openssl.read(key)).damageFor(certificate, 'tls.crt'), undefined);
    const der = Buffer.from(openssl.read(key).replace(/-----.*-----|\n/g, ''), 'base64');
    const at = der.indexOf(Buffer.from('0201010420', 'hex')) + 20;
    der[at] = (der[at] ?? 0) ^ 1; // in the middle of the private value
    const damaged = find(`-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`);
    assert.equal(damaged.belongsTo(certificate), 'yes');
    assert.equal(damaged.damageFor(certificate, 'tls.crt')?.code, 'ROTEY_KEY_MALFORMED');
  });

  it('shows nothing of itself', () => {
    const found = find(openssl.read(key));
    assert.equal(inspect(found), 'FoundKey { name: "tls.key", line: 1, type: ec }');
    assert.deepEqual(JSON.parse(JSON.stringify(found)), {
      ...{ name: 'tls.key', line: 1, encrypted: false, keyType: 'ec', keyBits: 256, curve: 'prime256v1' },
    });
  });
});
