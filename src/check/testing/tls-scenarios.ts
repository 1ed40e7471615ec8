import { createServer as createHttp2Server } from 'node:http2';
import { OpenSsl } from '../../../test/support/openssl.ts';
import { createAuthority } from '../../pki/index.ts';
import { listenFor, startFrontend, startRawServer, startTlsServer } from '../../probe/testing/servers.ts';
import { checkInChild } from './check-in-child.ts';
import { check, inline, issueServer, type Scenario, type Stage, trusting } from './scenario.ts';
import { tunnelTo } from './tunnel.ts';

const HOUR_MS = 3_600_000;
const CLOUD = 'orders.a1b2c.tmprl.cloud';
const PRIVATE_LINK = 'vpce-0a1b2c3d-4e5f.vpce-svc-0d1e.us-east-1.vpce.amazonaws.com:7233';

const alertAtHello = (alert: number) => Buffer.from([21, 3, 3, 0, 2, 2, alert]);

/** A server that answers the first TLS message with these bytes and closes. */
const answeringHello = (code: Scenario['code'], answer: string | Buffer): Scenario => ({
  code,
  run: async (t, { leaf }) => {
    const server = await startRawServer(t, (socket) => {
      socket.once('data', () => socket.end(answer));
    });
    return await check({ address: server.address, ...inline(leaf) });
  },
});

const ALPN_SCENARIOS: readonly Scenario[] = [
  {
    code: 'ROTEY_TLS_NO_ALPN',
    run: async (t, { pki, leaf }) => {
      const server = await startTlsServer(t, pki, () => undefined, { ALPNProtocols: undefined });
      return await check({ address: server.address, ...inline(leaf), ...trusting(pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_HTTP1_ONLY',
    run: async (t, { pki, leaf }) => {
      const server = await startTlsServer(t, pki, () => undefined, { ALPNProtocols: ['http/1.1'] });
      return await check({ address: server.address, ...inline(leaf), ...trusting(pki.trustPem) });
    },
  },
];

const PROTOCOL_SCENARIOS: readonly Scenario[] = [
  {
    code: 'ROTEY_TLS_TIMEOUT',
    run: async (t) => await check({ address: (await startRawServer(t, () => undefined)).address }, { timeoutMs: 300 }),
  },
  {
    code: 'ROTEY_CHECK_PLAINTEXT_FRONTEND',
    run: async (t) => await check({ address: (await listenFor(t, createHttp2Server())).address }),
  },
  answeringHello('ROTEY_CHECK_HTTP_SERVER', 'HTTP/1.1 400 Bad Request\r\n\r\n'),
  answeringHello('ROTEY_CHECK_NOT_TLS', 'SSH-2.0-OpenSSH_9.2\r\n'),
  answeringHello('ROTEY_CHECK_SERVER_NAME_UNKNOWN', alertAtHello(112)),
  {
    code: 'ROTEY_CHECK_CLOSED_AT_HELLO',
    run: async (t, { leaf }) => {
      const server = await startRawServer(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
      return await check({ address: server.address, ...inline(leaf) });
    },
  },
  {
    code: 'ROTEY_CHECK_PRIVATE_LINK_NAME',
    as: 'closed',
    run: async (t, { leaf }) => {
      const server = await startRawServer(t, (socket) => socket.once('data', () => socket.destroy()));
      return await check({ address: PRIVATE_LINK, ...inline(leaf), ...(await tunnelTo(t, server.port)) });
    },
  },
  {
    code: 'ROTEY_CHECK_PRIVATE_LINK_NAME',
    as: 'wrong name',
    run: async (t, { pki, leaf }) => {
      const frontend = await startFrontend(t, pki, await issueServer(pki.authority, { dnsNames: [CLOUD] }));
      const through = await tunnelTo(t, frontend.port);
      return await check({ address: PRIVATE_LINK, ...inline(leaf), ...trusting(pki.trustPem), ...through });
    },
  },
  {
    code: 'ROTEY_CHECK_TLS_VERSION',
    run: async (t, { pki, leaf }) => {
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
      const server = await startTlsServer(t, pki, () => undefined, old);
      return await check({ address: server.address, ...inline(leaf), ...trusting(pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_TLS_CIPHERS',
    run: async (t, { pki, leaf }) => {
      const odd = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0' } as const;
      const server = await startTlsServer(t, pki, () => undefined, odd);
      return await check({ address: server.address, ...inline(leaf), ...trusting(pki.trustPem) });
    },
  },
  // A ServerHello whose length is a lie.
  answeringHello('ROTEY_TLS_FAILED', Buffer.from([22, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3])),
];

/** A frontend whose certificate is this, looked at with this trust. */
const serving = (
  code: Scenario['code'],
  server: (stage: Stage) => ReturnType<typeof issueServer>,
  trust: (stage: Stage) => readonly string[],
): Scenario => ({
  code,
  run: async (t, stage) => {
    const frontend = await startFrontend(t, stage.pki, await server(stage));
    const pems = trust(stage);
    const subject = { address: frontend.address, ...inline(stage.leaf) };
    return await check(pems.length === 0 ? subject : { ...subject, ...trusting(...pems) });
  },
});

/** The same behind the name of a Namespace endpoint, with the system's roots. */
const servingAsCloud = (
  code: Scenario['code'],
  dnsNames: readonly string[],
  trusted: boolean,
  as: string,
): Scenario => ({
  code,
  as,
  run: async (t, { pki, leaf }) => {
    const frontend = await startFrontend(t, pki, await issueServer(pki.authority, { dnsNames }));
    const through = await tunnelTo(t, frontend.port);
    const trust = trusted ? trusting(pki.trustPem) : {};
    return await check({ address: `${CLOUD}:7233`, ...inline(leaf), ...trust, ...through });
  },
});

const CERTIFICATE_SCENARIOS: readonly Scenario[] = [
  {
    code: 'ROTEY_CHECK_TRUST_IS_OUR_ISSUER',
    run: async (t, { pki, strangersLeaf }) => {
      const frontend = await startFrontend(t, pki);
      const own = trusting(pki.stranger.certificatePem); // as cert-manager writes ca.crt
      return await check({ address: frontend.address, ...inline(strangersLeaf), ...own });
    },
  },
  {
    code: 'ROTEY_CHECK_TRUST_NOT_NEEDED',
    run: async (t, { pki, strangersLeaf }) => {
      const frontend = await startFrontend(t, pki, { requestCert: false });
      const subject = { address: frontend.address, namespace: 'default', ...inline(strangersLeaf) };
      const trust = trusting(pki.stranger.certificatePem);
      return await checkInChild(t, { ...subject, ...trust }, { systemRootPem: pki.trustPem });
    },
  },
  {
    code: 'ROTEY_CHECK_SERVER_SELF_SIGNED',
    run: async (t, { pki, leaf }) => {
      const openssl = new OpenSsl();
      t.after(() => openssl.remove());
      const key = openssl.key();
      const cert = openssl.certificate({ subject: '/CN=frontend', key, extensions: ['subjectAltName=IP:127.0.0.1'] });
      const own = { key: openssl.read(key), cert: openssl.read(cert), ca: undefined, requestCert: false };
      const frontend = await startFrontend(t, pki, own);
      return await check({ address: frontend.address, ...inline(leaf), ...trusting(pki.stranger.certificatePem) });
    },
  },
  {
    code: 'ROTEY_CHECK_SERVER_CA_UNKNOWN',
    run: async (t, { pki, leaf }) => {
      const frontend = await startFrontend(t, pki); // presents its root, too
      return await check({ address: frontend.address, ...inline(leaf), ...trusting(pki.stranger.certificatePem) });
    },
  },
  serving(
    'ROTEY_CHECK_SERVER_CA_OR_CHAIN',
    async ({ pki }) => {
      const issuer = await createAuthority({ commonName: 'intermediate of the server', issuer: pki.authority });
      return await issueServer(issuer); // presents the leaf alone
    },
    ({ pki }) => [pki.trustPem, pki.stranger.certificatePem],
  ),
  {
    code: 'ROTEY_CHECK_SERVER_CA_UNKNOWN',
    as: 'with a CA of the same name here, and a server that speaks TLS 1.3 only',
    run: async (t, { pki, leaf }) => {
      const server = await issueServer(pki.authority);
      const frontend = await startFrontend(t, pki, { ...server, minVersion: 'TLSv1.3' });
      const twin = await createAuthority({ commonName: pki.authority.commonName });
      return await check({ address: frontend.address, ...inline(leaf), ...trusting(twin.certificatePem) });
    },
  },
  serving(
    'ROTEY_CHECK_SERVER_EXPIRED',
    async ({ pki }) => {
      const now = Date.now();
      return await issueServer(pki.authority, {
        notBeforeMs: now - 2 * HOUR_MS,
        notAfterMs: now - HOUR_MS,
        rules: 'tls',
      });
    },
    ({ pki }) => [pki.trustPem],
  ),
  serving(
    'ROTEY_CHECK_SERVER_NOT_YET_VALID',
    async ({ pki }) => await issueServer(pki.authority, { notBeforeMs: Date.now() + HOUR_MS }),
    ({ pki }) => [pki.trustPem],
  ),
  servingAsCloud('ROTEY_CHECK_INTERCEPTED', [CLOUD], false, 'with its name'),
  servingAsCloud('ROTEY_CHECK_INTERCEPTED', ['*.a1b2c.tmprl.cloud'], false, 'with a wildcard'),
  servingAsCloud('ROTEY_CHECK_CLOUD_NAME_LEADS_ELSEWHERE', ['frontend'], false, 'untrusted'),
  servingAsCloud('ROTEY_CHECK_CLOUD_NAME_LEADS_ELSEWHERE', ['frontend'], true, 'trusted'),
  {
    code: 'ROTEY_SERVER_NAME_MISMATCH',
    run: async (t, { pki, leaf }) => {
      const frontend = await startFrontend(t, pki);
      const subject = { address: frontend.address, serverName: 'elsewhere.example', ...inline(leaf) };
      return await check({ ...subject, ...trusting(pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_SERVER_CERTIFICATE_UNUSABLE',
    run: async (t, { pki, leaf }) => {
      const wrong = { key: leaf.revealPrivateKey(), cert: leaf.chainPem, ca: undefined, requestCert: false };
      const frontend = await startFrontend(t, pki, wrong);
      return await check({ address: frontend.address, ...inline(leaf), ...trusting(pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_CHECK_PAIR_UNUSABLE',
    run: async (t, { pki }) => {
      const openssl = new OpenSsl();
      t.after(() => openssl.remove());
      const key = openssl.key('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:512');
      const pem = openssl.read(openssl.certificate({ subject: '/CN=tiny', key })) + openssl.read(key);
      const frontend = await startFrontend(t, pki);
      return await check({ address: frontend.address, certificate: { pem, name: 'tiny' }, ...trusting(pki.trustPem) });
    },
  },
];

export const TLS_SCENARIOS: readonly Scenario[] = [...PROTOCOL_SCENARIOS, ...ALPN_SCENARIOS, ...CERTIFICATE_SCENARIOS];
