import assert from 'node:assert/strict';
import { createServer } from 'node:tls';
import { createAuthority, type IssuedLeaf } from '../../pki/index.ts';
import { listenFor, startFrontend, startTlsServer } from '../../probe/testing/servers.ts';
import type { CheckReport } from '../check-report.ts';
import type { CheckSubject } from '../subject.ts';
import { startOpenSslServer } from './openssl-server.ts';
import {
  check,
  inline,
  issueClient,
  issueServer,
  type Scenario,
  type Stage,
  trusting,
  writeFiles,
} from './scenario.ts';
import { startAlertingServer, tunnelTo } from './tunnel.ts';

const HOUR_MS = 3_600_000;
const CLOUD = 'orders.a1b2c.tmprl.cloud';

/** A server of TLS 1.2 that answers our certificate with this alert. */
const alerting = (
  code: Scenario['code'],
  alert: number,
  subjectOf: (stage: Stage) => Promise<Partial<CheckSubject>> = async ({ leaf }) => inline(leaf),
): Scenario => ({
  code,
  run: async (t, stage) => {
    const { pki } = stage;
    const server = await startTlsServer(t, pki, () => undefined, { maxVersion: 'TLSv1.2' });
    const { address } = await startAlertingServer(t, server, alert);
    return await check({ address, ...trusting(pki.trustPem), ...(await subjectOf(stage)) });
  },
});

const client = (leaf: IssuedLeaf, ...trustPems: readonly string[]): Partial<CheckSubject> => ({
  ...inline(leaf),
  ...trusting(...trustPems),
});

const ISSUER_SCENARIOS: readonly Scenario[] = [
  {
    code: 'ROTEY_CHECK_CA_NOT_IN_NAMESPACE',
    run: async (t, { pki, strangersLeaf }) => {
      const { key, cert } = await issueServer(pki.authority, { dnsNames: [CLOUD] });
      const server = await startTlsServer(t, pki, () => undefined, { maxVersion: 'TLSv1.2', key, cert });
      const through = await tunnelTo(t, (await startAlertingServer(t, server, 48)).port);
      const trust = [pki.trustPem, pki.stranger.certificatePem];
      return await check({ address: `${CLOUD}:7233`, ...client(strangersLeaf, ...trust), ...through });
    },
  },
  alerting('ROTEY_CHECK_CA_NOT_IN_SERVER', 48, async ({ pki, strangersLeaf }) =>
    // The root of the client stands in the trust bundle, so it is known not to be an intermediate.
    client(strangersLeaf, pki.trustPem, pki.stranger.certificatePem),
  ),
  {
    code: 'ROTEY_CHECK_CA_NOT_IN_SERVER',
    as: 'with ca.crt beside the certificate',
    run: async (t, { pki, strangersLeaf }) => {
      const server = await startTlsServer(t, pki, () => undefined, { maxVersion: 'TLSv1.2' });
      const { address } = await startAlertingServer(t, server, 48);
      const pem = strangersLeaf.chainPem + strangersLeaf.revealPrivateKey();
      const files = await writeFiles(t, { 'tls.pem': pem, 'ca.crt': pki.stranger.certificatePem });
      return await check({ address, certificate: { path: files['tls.pem'] }, ...trusting(pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_CA_OR_INTERMEDIATE',
    as: 'with a ca.crt of the same name that has not signed it',
    run: async (t, { pki, strangersLeaf }) => {
      const server = await startTlsServer(t, pki, () => undefined, { maxVersion: 'TLSv1.2' });
      const { address } = await startAlertingServer(t, server, 48);
      const pem = strangersLeaf.chainPem + strangersLeaf.revealPrivateKey();
      const twin = await createAuthority({ commonName: pki.stranger.commonName });
      const files = await writeFiles(t, { 'tls.pem': pem, 'ca.crt': twin.certificatePem });
      return await check({ address, certificate: { path: files['tls.pem'] }, ...trusting(pki.trustPem) });
    },
  },
  {
    ...alerting('ROTEY_CHECK_CA_NOT_IN_SERVER', 48, async ({ pki }) => {
      const now = Date.now();
      const validity = { notBeforeMs: now - 2 * HOUR_MS, notAfterMs: now - HOUR_MS, rules: 'tls' } as const;
      return client(await issueClient(pki.stranger, validity), pki.trustPem, pki.stranger.certificatePem);
    }),
    as: 'though the certificate has expired as well',
  },
  alerting('ROTEY_CHECK_CA_SAME_NAME', 48, async () =>
    inline(await issueClient(await createAuthority({ commonName: 'rotey test CA' }))),
  ),
  alerting('ROTEY_CHECK_INTERMEDIATE_MISSING', 48, async ({ pki }) => {
    const issuer = await createAuthority({ commonName: 'intermediate of the client', issuer: pki.authority });
    const leaf = await issueClient(issuer);
    const certificate = { pem: leaf.certificatePem, name: 'the leaf alone' };
    return { ...client(leaf, pki.trustPem, issuer.certificatePem), certificate };
  }),
  alerting('ROTEY_CHECK_CA_OR_INTERMEDIATE', 48, async ({ strangersLeaf }) => inline(strangersLeaf)),
  {
    code: 'ROTEY_CHECK_CA_SAME_NAME',
    as: 'by a server that speaks TLS 1.3 only',
    run: async (t, { pki }) => {
      const { address } = await startOpenSslServer(t, pki);
      const twin = await createAuthority({ commonName: pki.authority.commonName });
      return await check({ address, ...client(await issueClient(twin), pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_INTERMEDIATE_MISSING',
    as: 'by a server that speaks TLS 1.3 only',
    run: async (t, { pki }) => {
      const { address } = await startOpenSslServer(t, pki);
      const issuer = await createAuthority({ commonName: 'intermediate of the client', issuer: pki.authority });
      const leaf = await issueClient(issuer);
      const pem = leaf.certificatePem + leaf.revealPrivateKey();
      const files = await writeFiles(t, { 'tls.pem': pem, 'ca.crt': issuer.certificatePem });
      return await check({ address, certificate: { path: files['tls.pem'] }, ...trusting(pki.trustPem) });
    },
  },
];

const ALERT_SCENARIOS: readonly Scenario[] = [
  alerting('ROTEY_CHECK_CERTIFICATE_EXPIRED', 45, async ({ pki }) => {
    const now = Date.now();
    const validity = { notBeforeMs: now - 2 * HOUR_MS, notAfterMs: now - HOUR_MS, rules: 'tls' } as const;
    return inline(await issueClient(pki.authority, validity));
  }),
  alerting('ROTEY_CHECK_EXPIRED_SOMEWHERE', 45),
  alerting('ROTEY_CHECK_CERTIFICATE_NOT_YET_VALID', 42, async ({ pki }) =>
    inline(await issueClient(pki.authority, { notBeforeMs: Date.now() + HOUR_MS })),
  ),
  alerting('ROTEY_CERTIFICATE_REFUSED', 46),
  alerting('ROTEY_CHECK_CERTIFICATE_KIND_REFUSED', 43),
  alerting('ROTEY_CHECK_CERTIFICATE_REVOKED', 44),
  alerting('ROTEY_CHECK_CERTIFICATE_FORBIDDEN', 49),
  alerting('ROTEY_CHECK_SIGNATURE_REFUSED', 51),
  alerting('ROTEY_CHECK_HANDSHAKE_ENDED', 40),
];

export const REFUSAL_SCENARIOS: readonly Scenario[] = [
  {
    code: 'ROTEY_CERTIFICATE_REQUIRED',
    run: async (t, stage) => await withoutCertificate(t, stage, {}),
  },
  {
    code: 'ROTEY_CHECK_API_KEY_AT_MTLS_ENDPOINT',
    run: async (t, stage) => await withoutCertificate(t, stage, { apiKey: 'geheim' }),
  },
  {
    code: 'ROTEY_CHECK_CERTIFICATE_NOT_SENT',
    run: async (t, { pki, leaf }) => {
      const { key, cert } = await issueServer(pki.authority, { keyType: 'rsa-2048' });
      const frontend = await startFrontend(t, pki, { key, cert, sigalgs: 'rsa_pss_rsae_sha256' });
      return await check({ address: frontend.address, ...client(leaf, pki.trustPem) });
    },
  },
  ...ALERT_SCENARIOS,
  ...ISSUER_SCENARIOS,
  {
    code: 'ROTEY_CHECK_REFUSED_SILENTLY',
    run: async (t, { pki, strangersLeaf }) => {
      const frontend = await startFrontend(t, pki); // Node's servers close without an alert
      return await check({ address: frontend.address, ...client(strangersLeaf, pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CONNECT_REFUSED',
    as: 'by a server that goes away while it is looked at',
    run: async (t, { pki, leaf }) => {
      let connections = 0;
      const server = createServer({ ...pki.server, requestCert: true, ALPNProtocols: ['h2'] });
      server.on('secureConnection', (socket) => {
        socket.on('error', () => undefined);
        socket.destroy();
      });
      // The first is the probe, the second the look at what is presented.
      server.on('connection', () => {
        if (++connections === 2) server.close();
      });
      const { address } = await listenFor(t, server);
      return await check({ address, ...client(leaf, pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_CLOSED_AFTER_HANDSHAKE',
    run: async (t, { pki, leaf }) => {
      const server = await startTlsServer(t, pki, (socket) => socket.destroy());
      return await check({ address: server.address, ...client(leaf, pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_CLOSED_AFTER_HANDSHAKE',
    as: 'where there is no certificate to show, and none is asked for',
    run: async (t, { pki }) => {
      const server = await startTlsServer(t, pki, (socket) => socket.destroy(), { requestCert: false });
      const report = await check({ address: server.address, ...trusting(pki.trustPem) });
      assert.doesNotMatch(JSON.stringify(report.cause), /shown|Without a certificate/);
      return report;
    },
  },
  {
    code: 'ROTEY_CHECK_CERTIFICATE_NEVER_ASKED',
    run: async (t, { pki, leaf }) => {
      const frontend = await startFrontend(t, pki, { requestCert: false });
      return await check({ address: frontend.address, ...client(leaf, pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_CERTIFICATE_NEVER_ASKED',
    as: 'by a server that speaks TLS 1.3 only',
    run: async (t, { pki, leaf }) => {
      const frontend = await startFrontend(t, pki, { requestCert: false, minVersion: 'TLSv1.3' });
      return await check({ address: frontend.address, ...client(leaf, pki.trustPem) });
    },
  },
];

async function withoutCertificate(
  t: Parameters<Scenario['run']>[0],
  { pki }: Stage,
  more: Partial<CheckSubject>,
): Promise<CheckReport> {
  const frontend = await startFrontend(t, pki);
  return await check({ address: frontend.address, ...trusting(pki.trustPem), ...more });
}
