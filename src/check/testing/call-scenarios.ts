import {
  type Answer,
  denyNamespaces,
  startFrontend,
  startTlsServer,
  trailersOnly,
} from '../../probe/testing/servers.ts';
import type { CheckSubject } from '../subject.ts';
import { check, inline, issueServer, type Scenario, trusting } from './scenario.ts';
import { tunnelTo } from './tunnel.ts';

const CLOUD = 'orders.a1b2c.tmprl.cloud';
const API = 'us-east-1.aws.api.temporal.io';

const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

const always =
  (status: number, message = ''): Answer =>
  (stream) =>
    trailersOnly(stream, status, message);

const webPage: Answer = (stream) => {
  stream.respond({ ':status': 404, 'content-type': 'text/html' });
  stream.end('<h1>Not Found</h1>');
};

const badGateway: Answer = (stream) => {
  stream.respond({ ':status': 502, 'content-type': 'text/html' });
  stream.end('<h1>Bad Gateway</h1>');
};

/** A frontend that answers like this; with `host`, behind that name. */
const answering = (
  code: Scenario['code'],
  answer: Answer,
  { host, as, timeoutMs, ...more }: Partial<CheckSubject> & { host?: string; as?: string; timeoutMs?: number } = {},
): Scenario => ({
  code,
  ...(as === undefined ? {} : { as }),
  run: async (t, { pki, leaf }) => {
    const server = host === undefined ? {} : await issueServer(pki.authority, { dnsNames: [host] });
    const frontend = await startFrontend(t, pki, { ...server, ...MUTUAL, ca: pki.trustPem, answer });
    const where = host === undefined ? frontend : { address: `${host}:7233`, ...(await tunnelTo(t, frontend.port)) };
    const { address, httpConnectProxy } = { httpConnectProxy: undefined, ...where };
    const subject = { address, httpConnectProxy, ...inline(leaf), ...trusting(pki.trustPem), ...more };
    return await check(subject, { timeoutMs });
  },
});

const MUTUAL = { requestCert: true };

export const CALL_SCENARIOS: readonly Scenario[] = [
  {
    code: 'ROTEY_HTTP2_FAILED',
    run: async (t, { pki, leaf }) => {
      const server = await startTlsServer(t, pki, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      return await check({ address: server.address, ...inline(leaf), ...trusting(pki.trustPem) });
    },
  },
  {
    code: 'ROTEY_HTTP2_TIMEOUT',
    run: async (t, { pki, leaf }) => {
      const server = await startTlsServer(t, pki, () => undefined);
      const subject = { address: server.address, ...inline(leaf), ...trusting(pki.trustPem) };
      return await check(subject, { timeoutMs: 1_500 });
    },
  },
  answering('ROTEY_CHECK_NOT_TEMPORAL', always(12, 'unknown service')),
  answering('ROTEY_CHECK_CALL_FAILED', denyNamespaces(12), { as: 'a proxy lets DescribeNamespace not through' }),
  answering('ROTEY_CHECK_NOT_GRPC', webPage),
  answering('ROTEY_CHECK_UNAUTHENTICATED', always(UNAUTHENTICATED)),
  answering('ROTEY_CHECK_CERTIFICATE_AT_API_KEY_ENDPOINT', always(UNAUTHENTICATED), {
    host: API,
    as: 'unauthenticated',
  }),
  answering('ROTEY_CHECK_CERTIFICATE_AT_API_KEY_ENDPOINT', denyNamespaces(PERMISSION_DENIED), {
    host: API,
    as: 'denied',
  }),
  answering('ROTEY_CHECK_API_KEY_REFUSED', always(UNAUTHENTICATED), { apiKey: 'geheim' }),
  answering('ROTEY_CHECK_SYSTEM_INFO_DENIED', always(PERMISSION_DENIED, 'Request unauthorized.')),
  answering('ROTEY_CHECK_NAMESPACE_NOT_OF_ENDPOINT', denyNamespaces(PERMISSION_DENIED), {
    host: CLOUD,
    namespace: 'payments.a1b2c',
  }),
  answering('ROTEY_CHECK_NAMESPACE_DENIED_CLOUD', denyNamespaces(PERMISSION_DENIED, 'Request unauthorized.'), {
    host: CLOUD,
    namespace: 'orders.a1b2c',
  }),
  answering('ROTEY_CHECK_NAMESPACE_DENIED', denyNamespaces(PERMISSION_DENIED, 'Request unauthorized.')),
  answering('ROTEY_CHECK_NAMESPACE_UNKNOWN', denyNamespaces(5, 'Namespace default is not found.')),
  answering('ROTEY_CHECK_OVERLOADED', always(8, 'namespace rate limit exceeded'), { as: 'at once' }),
  answering('ROTEY_CHECK_OVERLOADED', denyNamespaces(8), { as: 'in DescribeNamespace' }),
  answering('ROTEY_RPC_UNAVAILABLE', always(14, 'shutting down'), { as: 'said by the server' }),
  answering('ROTEY_RPC_UNAVAILABLE', badGateway, { as: 'said by a proxy' }),
  answering('ROTEY_RPC_UNAVAILABLE', (stream) => stream.session?.destroy(), { as: 'the session ends' }),
  answering('ROTEY_RPC_TIMEOUT', () => undefined, { timeoutMs: 700 }),
  answering('ROTEY_CHECK_CALL_FAILED', always(13, 'panic'), { as: 'internal' }),
  answering('ROTEY_CHECK_CALL_FAILED', denyNamespaces(3, 'namespace name is too long'), { as: 'invalid argument' }),
];
