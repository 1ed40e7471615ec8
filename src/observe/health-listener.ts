import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { summarizeError } from '../errors.ts';
import { isHostAllowed } from './host-check.ts';
import { formatAddress, parseListenAddress } from './listen-address.ts';
import { listenFailed } from './listen-failed.ts';
import type { StatusDocument } from './status-document.ts';

/** Where `/metrics` comes from: a registry of prom-client, or anything else that has a text to scrape. */
export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}

export interface HealthListenerOptions {
  /** `host:port`, `:port` for all addresses, port 0 for a free one. Default: {@link DEFAULT_HEALTH_ADDRESS}. */
  readonly listen?: string | undefined;
  /** Names that requests may be addressed to, besides `localhost`, loopback addresses and the address they come in on. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly status: () => StatusDocument;
  /** Undefined: `/metrics` is not found. */
  readonly metrics?: MetricsText | undefined;
  /** Keep the process alive. Default: false. */
  readonly ref?: boolean | undefined;
}

export interface HealthListener extends AsyncDisposable {
  /** `host:port` with the port that it got. */
  readonly address: string;
  /** Ends every connection. Idempotent. */
  close(): Promise<void>;
}

/** 9464 is what OpenTelemetry's Prometheus exporters listen on. */
export const DEFAULT_HEALTH_ADDRESS = '127.0.0.1:9464';

/** Far more than any probe or scrape sends and takes; whoever needs more is not one. */
const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  // How often the first two are looked at. Node's default of 30 s would make 35 s of the 5.
  connectionsCheckingInterval: 2000,
};
const MAX_CONNECTIONS = 64;

/**
 * Listens for probes and scrapes. Read only: GET and HEAD of `/healthz`, `/readyz`, `/metrics`, `/status`. Whoever reaches
 * it can read names and serial numbers of certificates, and can do nothing.
 *
 * @throws {RoteyError} `ROTEY_LISTEN_FAILED`: the address is taken, not allowed, or not one of this machine;
 * `ROTEY_CONFIG_INVALID`: it is none
 */
export async function startHealthListener(options: HealthListenerOptions): Promise<HealthListener> {
  const { listen = DEFAULT_HEALTH_ADDRESS, ref = false } = options;
  const { host, port } = parseListenAddress(listen);
  const server = createServer(LIMITS, (request, response) => void answer(request, response, options));
  server.maxConnections = MAX_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (!ref) socket.unref();
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  if (!ref) server.unref();
  await listening(server, host, port).catch((cause: unknown) => {
    throw listenFailed(listen, cause);
  });
  const bound = server.address() as AddressInfo; // a TCP server that listens has one
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { address: formatAddress(bound.address, bound.port), close, [Symbol.asyncDispose]: close };
}

async function listening(server: Server, host: string | undefined, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...(host === undefined ? {} : { host }), port, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => undefined); // of a connection that could not be accepted
      resolve();
    });
  });
}

interface Answer {
  readonly code: number;
  readonly body: string;
  readonly type?: string;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthListenerOptions,
): Promise<void> {
  const { code, body, type = 'text/plain; charset=utf-8' } = await answerTo(request, options);
  // What we refuse may have more to say; nobody listens.
  if (code >= 400 && code !== 503) response.setHeader('connection', 'close');
  response.writeHead(code, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(code === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(body); // without the body for HEAD, as Node sees to it
  request.resume();
}

async function answerTo(request: IncomingMessage, options: HealthListenerOptions): Promise<Answer> {
  const { method, url = '', headers, socket } = request;
  if (!isHostAllowed(headers.host, socket.localAddress, options.allowedHosts ?? [])) {
    return { code: 421, body: 'This host name is not one of mine; allowedHosts can add it.\n' };
  }
  if (method !== 'GET' && method !== 'HEAD') return { code: 405, body: 'Read only.\n' };
  try {
    return await route(url.split('?', 1)[0] ?? '', options);
  } catch (error) {
    return { code: 500, body: `${summarizeError(error).message}\n` };
  }
}

async function route(path: string, { status, metrics }: HealthListenerOptions): Promise<Answer> {
  switch (path) {
    case '/healthz':
      return verdict(status(), 'healthy');
    case '/readyz':
      return verdict(status(), 'ready');
    case '/status':
      return {
        code: 200,
        body: `${JSON.stringify(status(), undefined, 2)}\n`,
        type: 'application/json; charset=utf-8',
      };
    case '/metrics':
      if (metrics === undefined) return { code: 404, body: 'Metrics are not collected here.\n' };
      return { code: 200, body: await metrics.metrics(), type: metrics.contentType };
    default:
      return { code: 404, body: 'There are /healthz, /readyz, /metrics and /status.\n' };
  }
}

/** 200 or 503, and what to look at. */
function verdict(document: StatusDocument, what: 'healthy' | 'ready'): Answer {
  const problems = document.problems.map(({ severity, name, address, message }) => {
    return `${severity}: ${name}${address === null ? '' : ` ${address}`}: ${message}\n`;
  });
  const code = document[what] ? 200 : 503;
  return { code, body: `${document[what] ? '' : 'not '}${what}\n${problems.join('')}` };
}
