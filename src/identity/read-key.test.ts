import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { OpenSsl } from '../../test/support/openssl.ts';
import { readPem } from './pem.ts';
import { isPrivateKey, readPrivateKey } from './read-key.ts';

const openssl = new OpenSsl();
after(() => openssl.remove());

const PASSPHRASE = 'correct horse battery';
const SECRET = ['-passout', `pass:${PASSPHRASE}`];
const LEGACY = ['-provider', 'legacy', '-provider', 'default'];

const ec = openssl.key();
const rsa = openssl.key('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');

function read(text: string, passphrase?: string): KeyObject {
  const [block, another] = readPem(text, 'tls.key').filter(isPrivateKey);
  assert.ok(block);
  assert.equal(another, undefined);
  return readPrivateKey(block, { name: 'tls.key', passphrase });
}

function convert(key: string, ...command: readonly string[]): string {
  openssl.run(...command, '-in', key, '-out', 'converted.pem');
  return openssl.read('converted.pem');
}

function same(text: string, original: string, passphrase?: string): void {
  assert.ok(read(text, passphrase).equals(createPrivateKey(openssl.read(original))));
}

describe('reads without a passphrase', () => {
  for (const [what, key, ...command] of [
    ['PKCS#8', ec, 'pkey'],
    ['PKCS#1', rsa, 'rsa', '-traditional'],
    ['SEC1', ec, 'ec'],
    ['SEC1 with all curve parameters', ec, 'ec', '-param_enc', 'explicit'],
  ] as const) {
    it(what, () => same(convert(key, ...command), key));
  }

  it('SEC1 behind its EC PARAMETERS', () => {
    openssl.run('ecparam', '-name', 'prime256v1', '-genkey', '-out', 'with-parameters.pem');
    const text = openssl.read('with-parameters.pem');
    assert.match(text, /BEGIN EC PARAMETERS/);
    assert.equal(read(text).asymmetricKeyType, 'ec');
  });

  for (const algorithm of ['ED25519', 'ED448', 'RSA-PSS']) {
    it(algorithm, () => {
      const key = openssl.key('-algorithm', algorithm);
      same(openssl.read(key), key);
    });
  }

  it('a key under the label of another format, as some tools write it', () => {
    same(openssl.read(rsa).replaceAll('PRIVATE KEY', 'RSA PRIVATE KEY'), rsa);
  });
});

const ENCRYPTED = [
  ['PKCS#8 with AES', ec, 'pkcs8', '-topk8'],
  ['PKCS#8 with scrypt', ec, 'pkcs8', '-topk8', '-scrypt'],
  ['PKCS#8 with triple DES', rsa, 'pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES'],
  ['PKCS#1 with AES', rsa, 'rsa', '-traditional', '-aes256'],
  ['PKCS#1 with triple DES', rsa, 'rsa', '-traditional', '-des3'],
  ['SEC1 with AES', ec, 'ec', '-aes128'],
] as const;

describe('with a passphrase', () => {
  for (const [what, key, ...command] of ENCRYPTED) {
    it(`reads ${what}`, () => {
      const text = convert(key, ...command, ...SECRET);
      same(text, key, PASSPHRASE);
      same(text.replaceAll('\n', '\r\n'), key, PASSPHRASE);
      assert.throws(() => read(text), { code: 'ROTEY_KEY_PASSPHRASE_MISSING', message: /tls\.key, line 1/ });
      for (const wrong of ['', 'wrong', `${PASSPHRASE}\n`, 'x'.repeat(2000)]) {
        assert.throws(() => read(text, wrong), { code: 'ROTEY_KEY_PASSPHRASE_WRONG' });
      }
    });
  }

  it('says that it is wrong also when the padding happens to fit', () => {
    const text = convert(ec, 'pkcs8', '-topk8', '-iter', '1', ...SECRET);
    for (let attempt = 0; attempt < 1500; attempt++) {
      assert.throws(() => read(text, `wrong ${attempt}`), { code: 'ROTEY_KEY_PASSPHRASE_WRONG' });
    }
  });

  it('does not look at it when the key is not encrypted', () => same(openssl.read(ec), ec, 'whatever'));
});

describe('says of unusable keys', () => {
  for (const [what, key, ...command] of [
    ['PKCS#8 with single DES', ec, 'pkcs8', '-topk8', '-v1', 'PBE-MD5-DES'],
    ['PKCS#8 with RC2', ec, 'pkcs8', '-topk8', '-v1', 'PBE-SHA1-RC2-40'],
    ['PKCS#1 with single DES', rsa, 'rsa', '-traditional', '-des'],
  ] as const) {
    it(`${what}: retired`, () => {
      const text = convert(key, ...command, ...SECRET, ...LEGACY);
      assert.throws(() => read(text, PASSPHRASE), { code: 'ROTEY_KEY_UNSUPPORTED', message: /retired/ });
    });
  }

  it('more iterations than there is time for: refused before they begin', () => {
    const text = convert(ec, 'pkcs8', '-topk8', '-iter', '5000', ...SECRET);
    const der = Buffer.from(text.replace(/-----.*-----|\n/g, ''), 'base64');
    const at = der.indexOf(Buffer.from('02021388', 'hex'));
    assert.ok(at > 0);
    // 5,000 becomes 2,130,706,432: two more bytes, so every length around it grows by two.
    const grown = growLengths(
      Buffer.concat([der.subarray(0, at), Buffer.from('02047f000000', 'hex'), der.subarray(at + 4)]),
      at,
      2,
    );
    const forged = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${grown.toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----`;
    assert.throws(() => read(forged, PASSPHRASE), { code: 'ROTEY_KEY_UNSUPPORTED', message: /5000000 iterations/ });
  });

  for (const [what, genpkey] of [
    ['X25519', ['-algorithm', 'X25519']],
    ['DSA', ['-genparam', '-algorithm', 'DSA', '-pkeyopt', 'dsa_paramgen_bits:1024']],
  ] as const) {
    it(`${what}: cannot sign a handshake`, () => {
      let key = openssl.key(...genpkey);
      if (what === 'DSA') key = openssl.key('-paramfile', key);
      assert.throws(() => read(openssl.read(key)), {
        code: 'ROTEY_KEY_UNSUPPORTED',
        message: /cannot sign a TLS handshake/,
      });
    });
  }

  it('OpenSSH: another format', () => {
    const text = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n';
    assert.throws(() => read(text), { code: 'ROTEY_KEY_UNSUPPORTED', hint: /ssh-keygen/ });
  });

  it('a private value longer than the curve allows, which OpenSSL reads and Node ends the process over: malformed', () => {
    const der = Buffer.from(openssl.read(ec).replace(/-----.*-----|\n/g, ''), 'base64');
    const at = der.indexOf(Buffer.from('020101' + '0420', 'hex')) + 4; // ECPrivateKey: version 1, 32 octets
    assert.equal(der[at], 32);
    der[at] = der.length - at - 1; // swallows the public key behind
    const forged = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
    assert.throws(() => read(forged), { code: 'ROTEY_KEY_MALFORMED', message: /does not fit its curve/ });
  });

  it('noise: malformed', () => {
    for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']) {
      const text = `-----BEGIN ${label}-----\nMAMCAQU=\n-----END ${label}-----\n`;
      assert.throws(() => read(text, 'x'), { code: 'ROTEY_KEY_MALFORMED' });
    }
  });
});

/** Adds `by` to the length of every structure on the way to the byte at `inside`. Lengths keep their number of octets. */
function growLengths(der: Buffer, inside: number, by: number): Buffer {
  let at = 0;
  while (at < inside) {
    const long = (der[at + 1] ?? 0) > 0x80 ? (der[at + 1] ?? 0) - 0x80 : 0;
    const length = long === 0 ? (der[at + 1] ?? 0) : der.readUIntBE(at + 2, long);
    const start = at + 2 + long;
    if (inside >= start + length) {
      at = start + length;
      continue;
    }
    if (long === 0) der[at + 1] = length + by;
    else der.writeUIntBE(length + by, at + 2, long);
    at = start;
  }
  return der;
}
