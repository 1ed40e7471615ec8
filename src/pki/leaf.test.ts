import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { type Clock, systemClock } from '../clock.ts';
import { readCertificates } from '../identity/index.ts';
import { createAuthority, type IssuedLeaf, issueLeaf, type LeafOptions } from './index.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = Date.UTC(2026, 10, 24, 8);
const clock: Clock = { ...systemClock, now: () => NOW_MS };

const authority = await createAuthority({ commonName: 'CA', organization: 'Example', clock });

function issue(options: Partial<LeafOptions> = {}): Promise<IssuedLeaf> {
  return issueLeaf(authority, { commonName: 'worker', usage: 'client', clock, ...options });
}

/** Expects a refusal whose rule, value or limit matches. */
async function refused(issued: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(issued, (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'hint' in error);
    assert.equal(error.code, 'ROTEY_ISSUE_RULE_BROKEN');
    assert.match(error.message, message);
    assert.ok(error.hint);
    return true;
  });
}

describe('issueLeaf', () => {
  it('issues what Temporal Cloud asks of a client certificate', async () => {
    const leaf = await issue();
    const [facts] = readCertificates(leaf.certificatePem);
    assert.equal(facts?.version, 3);
    assert.equal(facts?.ca, false);
    assert.deepEqual(facts?.keyUsage, ['digitalSignature']);
    assert.deepEqual(facts?.extendedKeyUsage, ['clientAuth']);
    assert.equal(facts?.signatureAlgorithm, 'ecdsa-with-SHA256');
    assert.deepEqual([leaf.notBeforeMs, leaf.notAfterMs], [NOW_MS - 60_000, NOW_MS + DAY_MS]);
  });

  it('shows its key to nobody who does not ask for it', async () => {
    const leaf = await issue();
    for (const shown of [inspect(leaf, { depth: 9, showHidden: true }), JSON.stringify(leaf), inspect({ ...leaf })]) {
      assert.doesNotMatch(shown, /PRIVATE|KeyObject/);
    }
    assert.match(leaf.revealPrivateKey(), /^-----BEGIN PRIVATE KEY-----/);
  });

  it('certifies an existing key anew, in any form that is not encrypted', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const first = await issue({ key: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() });
    const second = await issue({ key: first.revealPrivateKey() });
    assert.equal(first.revealPrivateKey(), second.revealPrivateKey());
    assert.notEqual(first.serial, second.serial);
    await assert.rejects(issue({ key: first.revealPrivateKey(), keyType: 'ec-p256' }), TypeError);
    await assert.rejects(issue({ key: 'nothing secret' }), { code: 'ROTEY_KEY_MALFORMED' });
  });

  it('gives the authority key identifier even to a leaf with the key of its authority', async () => {
    const leaf = await issue({ key: authority.revealPrivateKey() });
    assert.ok(new X509Certificate(leaf.certificatePem).raw.includes(Buffer.from('0603551d23', 'hex')));
  });
});

describe('issueLeaf: serial numbers', () => {
  it('are random, positive and 16 octets long', async () => {
    const serials = await Promise.all(Array.from({ length: 20 }, async () => (await issue()).serial));
    assert.equal(new Set(serials).size, 20);
    for (const serial of serials) assert.match(serial, /^[4-7][0-9A-F]{31}$/);
  });

  it('can be chosen, and read as Node reads them', async () => {
    for (const [chosen, shown] of [
      ['1', '01'],
      ['0abc', '0ABC'],
      ['ff', 'FF'],
      ['00080', '80'],
      ['7f'.repeat(20), '7F'.repeat(20)],
    ] as const) {
      const leaf = await issue({ serial: chosen });
      assert.equal(leaf.serial, shown);
      assert.equal(new X509Certificate(leaf.certificatePem).serialNumber, shown);
    }
    for (const serial of ['', '0', '00', '-1', '0x1', 'g', '1 ', `80${'00'.repeat(19)}`, '01'.repeat(21)]) {
      await refused(issue({ serial }), /§4\.1\.2\.2/);
    }
  });
});

describe('issueLeaf: times', () => {
  it('cuts its defaults to the authority', async () => {
    const young = await createAuthority({ commonName: 'Young', lifetimeMs: 60_000, backdateMs: 0, clock });
    const leaf = await issueLeaf(young, { commonName: 'leaf', usage: 'client', clock });
    assert.deepEqual([leaf.notBeforeMs, leaf.notAfterMs], [young.notBeforeMs, young.notAfterMs]);
  });

  it('never outlives its authority and never begins before it, unless asked for with TLS rules only', async () => {
    const late = { notAfterMs: authority.notAfterMs + 1000 };
    await refused(issue(late), /ends no later than its issuer/);
    assert.equal((await issue({ ...late, rules: 'tls' })).notAfterMs, late.notAfterMs);
    const early = { notBeforeMs: authority.notBeforeMs - 1000 };
    await refused(issue(early), /begins no earlier than its issuer/);
    assert.equal((await issue({ ...early, rules: 'tls' })).notBeforeMs, early.notBeforeMs);
    assert.equal((await issue({ notAfterMs: authority.notAfterMs })).notAfterMs, authority.notAfterMs);
  });

  it('issues certificates of the past and of the future', async () => {
    const ends = { notBeforeMs: Date.UTC(2020, 0), notAfterMs: Date.UTC(2022, 0) };
    const old = await createAuthority({ commonName: 'Old', ...ends });
    const expired = await issueLeaf(old, { commonName: 'x', usage: 'client', ...ends });
    assert.equal(expired.notAfterMs, ends.notAfterMs);
    await refused(issueLeaf(old, { commonName: 'x', usage: 'client', clock }), /signs while it is valid/);
    const future = await issue({ notBeforeMs: NOW_MS + DAY_MS, lifetimeMs: 2 * DAY_MS });
    assert.deepEqual([future.notBeforeMs, future.notAfterMs], [NOW_MS + DAY_MS, NOW_MS + 2 * DAY_MS]);
  });

  it('takes impossible durations for mistakes of the caller', async () => {
    for (const lifetimeMs of [0, -1, Number.NaN]) await assert.rejects(issue({ lifetimeMs }), RangeError);
    await assert.rejects(issue({ backdateMs: -1 }), RangeError);
    await assert.rejects(issue({ notBeforeMs: NOW_MS, notAfterMs: NOW_MS }), RangeError);
    await assert.rejects(issue({ notAfterMs: Number.POSITIVE_INFINITY }), RangeError);
    await assert.rejects(issue({ lifetimeMs: 1, notAfterMs: NOW_MS + 1 }), TypeError);
  });
});

describe("issueLeaf: Temporal Cloud's rules", () => {
  it('refuses keys that Cloud does not accept, unless TLS rules were asked for', async () => {
    await refused(issue({ keyType: 'ed25519' }), /found ed25519 in CN=worker; allowed is RSA with 2048 bits/);
    assert.ok(await issue({ keyType: 'ed25519', rules: 'tls' }));
    for (const [key, message] of [
      [generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, /rsa 1024 bits/],
      [generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, /ec secp256k1/],
    ] as const) {
      await refused(issue({ key: key.export({ type: 'pkcs8', format: 'pem' }).toString() }), message);
    }
  });

  it('refuses a chain in which an authority has such a key', async () => {
    const root = await createAuthority({ commonName: 'Root', keyType: 'ed25519', rules: 'tls' });
    await refused(createAuthority({ commonName: 'Intermediate', issuer: root }), /found ed25519 in CN=Root/);
    await refused(createAuthority({ commonName: 'Root', keyType: 'ed25519' }), /ed25519/);
  });

  it('refuses a distinguished name that the chain has already, whatever its case', async () => {
    const same = { commonName: 'cA', organization: 'EXAMPLE' };
    await refused(issue(same), /distinguished name of its own/);
    await refused(createAuthority({ ...same, issuer: authority, clock }), /distinguished name of its own/);
    assert.ok(await issue({ ...same, organizationalUnit: 'Orders' }));
    assert.ok(await issue({ ...same, rules: 'tls' }));
  });
});

describe('issueLeaf: names', () => {
  it('takes any script, and refuses empty, long and invisible names', async () => {
    const [facts] = readCertificates(
      (await issue({ commonName: '作業者 №1', organization: 'É'.repeat(64) })).certificatePem,
    );
    assert.equal(facts?.commonName, '作業者 №1');
    for (const commonName of ['', 'x'.repeat(65), 'a\0b', 'a\nb', '\ud800']) {
      await refused(issue({ commonName }), /common name of a distinguished name/);
    }
    await refused(issue({ organization: '' }), /organization of/);
    await refused(issue({ organizationalUnit: '' }), /organizational unit of/);
  });

  it('refuses alternative names that are not of their kind', async () => {
    for (const name of [
      '',
      'a b',
      'ex ample',
      'bücher.example',
      'a..b',
      '.a',
      'a.',
      '*',
      '*.*.a',
      'a.*',
      '-a',
      'a\0.b',
      `${'a'.repeat(64)}.b`,
    ]) {
      await refused(issue({ dnsNames: [name] }), /DNS name/);
    }
    for (const address of ['', '1.2.3', '256.1.1.1', '1.2.3.4/8', 'fe80::1%eth0', '[::1]', ':::', 'localhost']) {
      await refused(issue({ ipAddresses: [address] }), /IP address/);
    }
    for (const uri of ['', 'example.org', 'spiffe:', 'http://bücher', 'http://a b']) {
      await refused(issue({ uris: [uri] }), /a URI/);
    }
    for (const email of ['', 'worker', '@a', 'a@', 'a b@c', 'ä@b']) {
      await refused(issue({ emails: [email] }), /e-mail address/);
    }
  });

  it('writes every IP address so that Node finds it', async () => {
    const v6 = fc.ipV6().filter((address) => !address.includes('%'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.oneof(fc.ipV4(), v6), { minLength: 1, maxLength: 4 }), async (addresses) => {
        const leaf = new X509Certificate((await issue({ ipAddresses: addresses })).certificatePem);
        for (const address of addresses) assert.equal(leaf.checkIP(address), address);
      }),
      { numRuns: 60 },
    );
  });
});
