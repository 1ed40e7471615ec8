import { either, known } from './cause.ts';

/** What is found once TLS stands: HTTP/2, gRPC, Temporal and its permissions. */
export const CALL_CAUSES = Object.freeze({
  ROTEY_HTTP2_FAILED: known(
    'http2',
    'TLS works and agrees on HTTP/2, but the server does not speak it.',
    'Use the port of the gRPC frontend; a proxy in between may promise h2 and pass on something else.',
  ),
  ROTEY_HTTP2_TIMEOUT: either(
    'http2',
    'TLS works, and the first HTTP/2 frame of the server does not come.',
    ['the server hangs', 'a proxy in between ends TLS and does not reach the server behind it'],
    'Look at the load and the log of the server, and at the proxy.',
    'unreachable',
  ),
  ROTEY_CHECK_NOT_TEMPORAL: either(
    'namespace',
    'The server speaks gRPC and knows neither GetSystemInfo nor DescribeNamespace.',
    [
      'it is another service: history or matching of Temporal, or no Temporal at all',
      'a proxy before a frontend lets these methods not through',
    ],
    'Use the port of the frontend (7233); have the proxy let temporal.api.workflowservice.v1.WorkflowService through.',
  ),
  ROTEY_CHECK_NOT_GRPC: known(
    'system-info',
    'The answer is a web page, not gRPC.',
    'Find out which server or proxy answers (its HTTP status is in the message), and let it pass gRPC on.',
  ),
  ROTEY_CHECK_UNAUTHENTICATED: either(
    'system-info',
    'The server takes the connection and asks for other credentials than ours.',
    ['it wants an API key or a token besides', 'a proxy before it has taken the certificate, and the server sees none'],
    'Ask which credentials the server wants; set --api-key-file, or let the proxy pass TLS through.',
  ),
  ROTEY_CHECK_CERTIFICATE_AT_API_KEY_ENDPOINT: known(
    'system-info',
    'This is an endpoint for API keys, and no key is set: a client certificate counts for nothing here.',
    'Use the Namespace endpoint <namespace>.<account>.tmprl.cloud:7233 with the certificate, or set --api-key-file.',
  ),
  ROTEY_CHECK_API_KEY_REFUSED: either(
    'system-info',
    'The server does not accept the API key.',
    ['the key is expired, deleted or mistyped', 'the Namespace does not allow API keys'],
    'Look at the key in the Temporal Cloud UI; enable API keys for the Namespace, or use its certificate.',
  ),
  ROTEY_CHECK_SYSTEM_INFO_DENIED: either(
    'system-info',
    'The server takes the connection and denies even GetSystemInfo.',
    [
      'an authorizer of the server maps this certificate to no role',
      'a proxy or mesh before the server forbids the method to this subject',
    ],
    "Look at the server's authorizer and claim mapper (self-hosted), or at the certificate filters (Temporal Cloud).",
  ),
  ROTEY_CHECK_NAMESPACE_NOT_OF_ENDPOINT: known(
    'namespace',
    'The Namespace is not the one of this endpoint.',
    'Use the endpoint of the Namespace, or the Namespace of the endpoint; in Temporal Cloud each has its own.',
  ),
  ROTEY_CHECK_NAMESPACE_DENIED_CLOUD: either(
    'namespace',
    'Temporal Cloud takes the connection and denies the Namespace.',
    [
      "the Namespace's certificate filters do not match the subject or names of the certificate",
      'the Namespace does not exist under this name: it is <namespace>.<account>',
      'the API key or the certificate has no permission for it',
    ],
    'Compare CN, O, OU and SAN of the certificate (above) with the certificate filters, then the name; filters ignore case.',
  ),
  ROTEY_CHECK_NAMESPACE_DENIED: either(
    'namespace',
    'The server takes the connection and denies the Namespace.',
    [
      'the authorizer gives this certificate (or a caller without one) no role in the Namespace',
      'the Namespace does not exist, and the authorizer does not tell so to strangers',
    ],
    'Look at the claim mapper and authorizer of the server with this subject; check the spelling of the Namespace.',
  ),
  ROTEY_CHECK_NAMESPACE_UNKNOWN: known(
    'namespace',
    'The server has no Namespace of this name.',
    'Correct --namespace, or create it: `temporal operator namespace create`. A new one takes seconds to become known.',
  ),
  ROTEY_CHECK_OVERLOADED: known(
    'system-info',
    'The server turns calls away: a limit of requests is reached.',
    'Wait and try again; look at the rate limits of the Namespace or server if it stays.',
    'unreachable',
  ),
  ROTEY_RPC_UNAVAILABLE: either(
    'system-info',
    'The server is reached and cannot serve now.',
    ['it is starting, stopping or without its database', 'a proxy before it does not reach it'],
    'Look at the health of the server and of the proxy; try again.',
    'unreachable',
  ),
  ROTEY_RPC_TIMEOUT: known(
    'system-info',
    'The server is reached, and its answer to a call does not come in time.',
    'Look at the load of the server; raise --timeout if it is known to be slow.',
    'unreachable',
  ),
  ROTEY_CHECK_CALL_FAILED: known(
    'system-info',
    'The server fails at a call.',
    'Its words are in the message; its log says more.',
  ),
});
