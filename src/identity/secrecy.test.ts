import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { bodyOf, damaged, damagedDer, windows } from '../../test/support/damage.ts';
import { OpenSsl } from '../../test/support/openssl.ts';
import { RoteyError } from '../errors.ts';
import { createAuthority, issueLeaf } from '../pki/index.ts';
import { inspectPair, type Pair, type PairMaterial, readPair } from './index.ts';
import { parseCertificate } from './read-certificate.ts';

const openssl = new OpenSsl();
after(() => openssl.remove());

const PASSPHRASE = 'correct horse battery staple';
const authority = await createAuthority({ commonName: 'root' });
const leaf = await issueLeaf(authority, { commonName: 'worker', usage: 'client' });
const plain = leaf.revealPrivateKey();

function formsOf(key: string): readonly string[] {
  openssl.write('in.key', key);
  const converted = (...command: readonly string[]): string => {
    openssl.run(...command, '-in', 'in.key', '-out', 'out.key');
    return openssl.read('out.key');
  };
  return [
    key,
    converted('ec'),
    converted('ec', '-aes128', '-passout', `pass:${PASSPHRASE}`),
    converted('pkcs8', '-topk8', '-iter', '1', '-passout', `pass:${PASSPHRASE}`),
  ];
}

const KEYS = formsOf(plain);

/** What any other key's file says too, and the public key behind the private one, which the certificate shows. */
const PUBLIC: ReadonlySet<string> = new Set(
  [leaf.chainPem, ...formsOf(openssl.read(openssl.key()))].flatMap((text) => windows(bodyOf(text))),
);

/** Every 12 characters in a row of every form of the key, and of the passphrase. */
const SECRETS: ReadonlySet<string> = new Set(
  [PASSPHRASE, ...KEYS.map(bodyOf)].flatMap((text) => windows(text)).filter((window) => !PUBLIC.has(window)),
);

function assertNoSecret(shown: string): void {
  const leak = windows(shown.replaceAll('\n', '')).find((window) => SECRETS.has(window));
  assert.equal(leak, undefined);
}

/** All that a logger could make of it. */
function everythingOf(error: RoteyError): string {
  return [inspect(error, { depth: 9, showHidden: true }), error.stack, JSON.stringify(error), error.hint].join('');
}

describe('the private key of a pair', () => {
  const pair: Pair = readPair({ certificate: leaf.chainPem, key: plain });

  it('is seen where it is asked for: the test can find it', () => {
    assert.throws(() => assertNoSecret(pair.revealPrivateKey()));
    assert.throws(() => assertNoSecret(inspect({ key: plain })));
  });

  for (const [what, show] of [
    ['inspect', () => inspect(pair, { depth: 9, showHidden: true, customInspect: true })],
    ['inspect without customising', () => inspect(pair, { depth: 9, showHidden: true, customInspect: false })],
    ['console.log', () => format('%s %o %O %j', pair, pair, pair, pair)],
    ['JSON.stringify', () => JSON.stringify({ pair })],
    ['a spread', () => inspect({ ...pair }, { depth: 9, showHidden: true })],
    ['structuredClone', () => inspect(structuredClone(Object.fromEntries(Object.entries(pair))), { depth: 9 })],
    ['a template', () => `${pair}`],
    ['its findings', () => inspect(inspectPair(pair, { nowMs: pair.leaf.notAfterMs, rules: 'cloud' }), { depth: 9 })],
  ] as const) {
    it(`is not shown by ${what}`, () => assertNoSecret(show()));
  }

  it('cannot be cloned along with the pair', () => {
    const clone = structuredClone(pair);
    assert.equal('revealPrivateKey' in clone, false);
    assertNoSecret(inspect(clone, { depth: 9, showHidden: true }));
  });
});

function readOrRefuse(material: PairMaterial): void {
  try {
    const pair = readPair(material);
    assertNoSecret(inspect(pair, { customInspect: false, showHidden: true, depth: 9 }));
    assertNoSecret(JSON.stringify(inspectPair(pair, { nowMs: 0, rules: 'cloud' })));
  } catch (error) {
    if (!(error instanceof RoteyError)) throw error;
    assertNoSecret(everythingOf(error));
  }
}

describe('whatever is read', () => {
  const passphrase = fc.constantFrom(undefined, PASSPHRASE, 'wrong');

  it('is refused with a RoteyError that tells no secret, when text is damaged', () => {
    const key = fc.constantFrom(...KEYS).chain(damaged);
    fc.assert(
      fc.property(damaged(leaf.chainPem), key, passphrase, (certificate, text, secret) => {
        readOrRefuse({ certificate: leaf.chainPem, key: text, passphrase: secret });
        readOrRefuse({ certificate, key: plain, trust: certificate, passphrase: secret });
        readOrRefuse({ certificate: text + certificate, passphrase: secret });
      }),
      { numRuns: 400 },
    );
  });

  it('is refused with a RoteyError that tells no secret, when bytes are damaged', () => {
    const key = fc.constantFrom(...KEYS).chain(damagedDer);
    fc.assert(
      fc.property(damagedDer(leaf.certificatePem), key, (certificate, text) => {
        readOrRefuse({ certificate: leaf.chainPem, key: text, passphrase: PASSPHRASE });
        readOrRefuse({ certificate, key: plain, trust: certificate });
      }),
      { numRuns: 600 },
    );
  });

  it('is refused with a RoteyError, when it is noise', () => {
    const noise = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ maxLength: 200 }));
    fc.assert(
      fc.property(noise, noise, (certificate, key) => readOrRefuse({ certificate, key })),
      { numRuns: 500 },
    );
  });

  it('is refused with a RoteyError, when it is a certificate with bytes changed', () => {
    const der = Buffer.from(bodyOf(leaf.certificatePem), 'base64');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const copy = Buffer.from(der);
          for (const [at, value] of changes) copy[at] = value;
          try {
            parseCertificate(copy);
          } catch (error) {
            if (!(error instanceof RoteyError)) throw error;
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});
