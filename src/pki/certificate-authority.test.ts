import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect, promisify } from 'node:util';
import { type Clock, systemClock } from '../clock.ts';
import { readCertificates } from '../identity/index.ts';
import { createAuthority, issueLeaf, loadAuthority } from './index.ts';

const run = promisify(execFile);
const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = Date.UTC(2026, 10, 24, 8, 0, 0, 750);
const clock: Clock = { ...systemClock, now: () => NOW_MS };

describe('createAuthority', () => {
  it('begins a minute ago and ends in a year, in whole seconds', async () => {
    const authority = await createAuthority({ commonName: 'CA', clock });
    assert.equal(authority.notBeforeMs, NOW_MS - 60_000 - 750);
    assert.equal(authority.notAfterMs, NOW_MS + 365 * DAY_MS - 750);
    assert.equal(authority.commonName, 'CA');
    assert.equal(authority.pathLength, undefined);
  });

  it('takes both ends, or a lifetime', async () => {
    const ends = { notBeforeMs: Date.UTC(2020, 0), notAfterMs: Date.UTC(2021, 0) };
    const past = await createAuthority({ commonName: 'CA', ...ends });
    assert.deepEqual([past.notBeforeMs, past.notAfterMs], [ends.notBeforeMs, ends.notAfterMs]);
    const short = await createAuthority({ commonName: 'CA', lifetimeMs: 5_750, backdateMs: 0, clock });
    assert.deepEqual([short.notBeforeMs, short.notAfterMs], [NOW_MS - 750, NOW_MS + 5_250]);
  });

  it('hands on the chain without the root, and the bundle with it', async () => {
    const root = await createAuthority({ commonName: 'Root' });
    const upper = await createAuthority({ commonName: 'Upper', issuer: root });
    const lower = await createAuthority({ commonName: 'Lower', issuer: upper });
    assert.equal(root.chainPem, '');
    assert.equal(root.bundlePem, root.certificatePem);
    assert.equal(lower.chainPem, lower.certificatePem + upper.certificatePem);
    assert.equal(lower.bundlePem, lower.chainPem + root.certificatePem);
    const leaf = await issueLeaf(lower, { commonName: 'leaf', usage: 'client' });
    assert.equal(leaf.chainPem, leaf.certificatePem + lower.chainPem);
  });

  it('counts the path length down, and refuses what the issuer does not allow', async () => {
    const root = await createAuthority({ commonName: 'Root', pathLength: 1 });
    const intermediate = await createAuthority({ commonName: 'Intermediate', issuer: root });
    assert.equal(intermediate.pathLength, 0);
    const refused = { code: 'ROTEY_ISSUE_RULE_BROKEN', message: /RFC 5280 §4\.2\.1\.9/ };
    await assert.rejects(createAuthority({ commonName: 'X', issuer: root, pathLength: 1 }), refused);
    await assert.rejects(createAuthority({ commonName: 'X', issuer: intermediate }), refused);
    await assert.rejects(createAuthority({ commonName: 'X', pathLength: -1 }), RangeError);
    await assert.rejects(createAuthority({ commonName: 'X', pathLength: 0.5 }), RangeError);
  });

  it('cuts the default end to the issuer, and refuses to end after it', async () => {
    const root = await createAuthority({ commonName: 'Root', lifetimeMs: 10 * DAY_MS, clock });
    const intermediate = await createAuthority({ commonName: 'Intermediate', issuer: root, clock });
    assert.equal(intermediate.notAfterMs, root.notAfterMs);
    await assert.rejects(createAuthority({ commonName: 'X', issuer: root, lifetimeMs: 11 * DAY_MS, clock }), {
      code: 'ROTEY_ISSUE_RULE_BROKEN',
      context: {
        rule: 'A certificate ends no later than its issuer',
        value: '2026-12-05T08:00:00.000Z',
        limit: '2026-12-04T08:00:00.000Z',
      },
    });
  });

  it('refuses an unknown key type', async () => {
    // @ts-expect-error: a caller without types
    await assert.rejects(createAuthority({ commonName: 'CA', keyType: 'ec-p224' }), RangeError);
  });

  it('shows its key to nobody who does not ask for it', async () => {
    const authority = await createAuthority({ commonName: 'CA', organization: 'Example' });
    const key = createPrivateKey(authority.revealPrivateKey());
    assert.ok(new X509Certificate(authority.certificatePem).checkPrivateKey(key));
    for (const shown of [inspect(authority, { depth: 9, showHidden: true }), JSON.stringify(authority)]) {
      assert.doesNotMatch(shown, /PRIVATE|KeyObject/);
      assert.match(shown, /O=Example, CN=CA/);
    }
    assert.ok(Object.isFrozen(authority));
    assert.doesNotMatch(inspect({ ...authority }, { depth: 9, showHidden: true }), /PRIVATE|KeyObject/);
  });
});

describe('loadAuthority', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rotey-load-'));
  });
  after(() => rm(directory, { recursive: true }));

  /** A CA by openssl: its name in other string types than ours, no authority key identifier by our method. */
  async function byOpenssl(...options: readonly string[]): Promise<{ certificatePem: string; privateKeyPem: string }> {
    const [key, certificate] = [join(directory, 'ca.key'), join(directory, 'ca.crt')];
    const name = ['-subj', '/O=Example/CN=Foreign CA', '-days', '30', '-keyout', key, '-out', certificate];
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...name, ...options]);
    return { certificatePem: await readFile(certificate, 'utf8'), privateKeyPem: await readFile(key, 'utf8') };
  }

  async function verifies(rootPem: string, leafPem: string): Promise<void> {
    const [root, leaf] = [readCertificates(rootPem)[0], readCertificates(leafPem)[0]];
    assert.equal(leaf?.issuer, root?.subject);
    const [issuer, issued] = [new X509Certificate(rootPem), new X509Certificate(leafPem)];
    assert.ok(issued.checkIssued(issuer), 'names and key identifiers match');
    assert.ok(issued.verify(issuer.publicKey));
  }

  it('goes on with the authority of another tool, its key encrypted', async () => {
    const stored = await byOpenssl('-passout', 'pass:secret');
    const authority = await loadAuthority({ ...stored, passphrase: 'secret' });
    assert.equal(authority.commonName, 'Foreign CA');
    const leaf = await issueLeaf(authority, { commonName: 'leaf', usage: 'client' });
    await verifies(stored.certificatePem, leaf.certificatePem);
    await assert.rejects(loadAuthority(stored), { code: 'ROTEY_KEY_PASSPHRASE_MISSING' });
    await assert.rejects(loadAuthority({ ...stored, passphrase: 'x' }), { code: 'ROTEY_KEY_PASSPHRASE_WRONG' });
  });

  it('issues under an authority without subjectKeyIdentifier', async () => {
    const stored = await byOpenssl('-nodes', '-addext', 'subjectKeyIdentifier=none');
    assert.doesNotMatch(await text(stored.certificatePem), /Subject Key Identifier/);
    const leaf = await issueLeaf(await loadAuthority(stored), { commonName: 'leaf', usage: 'client' });
    await verifies(stored.certificatePem, leaf.certificatePem);
  });

  it('reads back what it made, with the issuers in any order and without strangers', async () => {
    const root = await createAuthority({ commonName: 'Root' });
    const upper = await createAuthority({ commonName: 'Upper', issuer: root });
    const lower = await createAuthority({ commonName: 'Lower', issuer: upper });
    const stranger = await createAuthority({ commonName: 'Stranger' });
    const namesake = await createAuthority({ commonName: 'Root' });
    const loaded = await loadAuthority({
      certificatePem: [stranger, namesake, root, lower, upper].map(({ certificatePem }) => certificatePem).join('\n'),
      privateKeyPem: lower.revealPrivateKey(),
    });
    assert.equal(loaded.bundlePem, lower.bundlePem);
    assert.equal(loaded.chainPem, lower.chainPem);
    assert.deepEqual(JSON.parse(JSON.stringify(loaded)), JSON.parse(JSON.stringify(lower)));
    assert.equal(loaded.revealPrivateKey(), lower.revealPrivateKey());
  });

  it('refuses a leaf, and the key of another authority', async () => {
    const authority = await createAuthority({ commonName: 'CA' });
    const leaf = await issueLeaf(authority, { commonName: 'leaf', usage: 'client' });
    const other = await createAuthority({ commonName: 'CA' });
    await assert.rejects(
      loadAuthority({ certificatePem: leaf.certificatePem, privateKeyPem: leaf.revealPrivateKey() }),
      { code: 'ROTEY_ISSUE_RULE_BROKEN', message: /CN=leaf with no CA:TRUE/ },
    );
    await assert.rejects(
      loadAuthority({ certificatePem: authority.certificatePem, privateKeyPem: other.revealPrivateKey() }),
      { code: 'ROTEY_PAIR_MISMATCH' },
    );
  });

  it('issues nothing under a signature that Temporal Cloud refuses', async () => {
    const authority = await loadAuthority(await byOpenssl('-nodes', '-sha1'));
    const options = { commonName: 'leaf', usage: 'client' } as const;
    await assert.rejects(issueLeaf(authority, options), {
      code: 'ROTEY_ISSUE_RULE_BROKEN',
      message: /ecdsa-with-SHA1 on O=Example, CN=Foreign CA/,
    });
    assert.ok(await issueLeaf(authority, { ...options, rules: 'tls' }));
  });

  async function text(pem: string): Promise<string> {
    const child = run('openssl', ['x509', '-noout', '-text']);
    child.child.stdin?.end(pem);
    return (await child).stdout;
  }
});
