import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { issueLeaf } from '../pki/index.ts';
import { probe } from './probe.ts';
import { assertFailed } from './testing/probe-reports.ts';
import { createTestPki, issuePair, startFrontend } from './testing/servers.ts';

const pki = await createTestPki();
const pair = await issuePair(pki.authority);

describe('probe of a server whose own certificate is wrong', () => {
  it('names an issuer that is not trusted', async (t) => {
    const frontend = await startFrontend(t, pki);
    const report = await probe({ address: frontend.address, trustPem: pki.stranger.certificatePem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_SERVER_UNTRUSTED', 'tls');
    assert.match(report.failure?.message ?? '', /CN=frontend, issued by CN=rotey test CA/);
    assert.equal(report.serverCertificate?.subject, 'CN=frontend', 'shown, though not trusted');
    assert.equal(report.tls, undefined);
  });

  it("trusts Node's roots only, when no CA is given, and never the pair's", async (t) => {
    const frontend = await startFrontend(t, pki);
    const report = await probe({ address: frontend.address }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_SERVER_UNTRUSTED', 'tls');
    assert.match(report.failure?.message ?? '', /built-in roots/);
  });

  it('names the names that the certificate is for', async (t) => {
    const frontend = await startFrontend(t, pki);
    const report = await probe({ address: frontend.address, serverName: 'elsewhere', trustPem: pki.trustPem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_SERVER_NAME_MISMATCH', 'tls');
    assert.match(report.failure?.message ?? '', /not for elsewhere but for DNS:localhost/);
  });

  it("tells the server's expired certificate from ours", async (t) => {
    const hour = 3_600_000;
    const leaf = await issueLeaf(pki.authority, {
      commonName: 'frontend',
      usage: 'server',
      ipAddresses: ['127.0.0.1'],
      notBeforeMs: Date.now() - 2 * hour,
      notAfterMs: Date.now() - hour,
      rules: 'tls',
    });
    const frontend = await startFrontend(t, pki, { key: leaf.revealPrivateKey(), cert: leaf.chainPem });
    const report = await probe({ address: frontend.address, trustPem: pki.trustPem }, pair);
    assertFailed(report, 'unobtainable', 'ROTEY_SERVER_UNTRUSTED', 'tls');
    assert.match(report.failure?.message ?? '', /CERT_HAS_EXPIRED/);
  });
});
