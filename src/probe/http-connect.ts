import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { formatAddress, type HostAndPort } from './address.ts';
import type { ConnectionFate } from './connection-fate.ts';
import { explainProxyFailure } from './network-failure.ts';
import { listen, type ProbeScope } from './probe-scope.ts';
import type { StepFailure } from './step-failure.ts';
import type { HttpConnectProxy, ResolvedProxy } from './target.ts';

/**
 * Asks an HTTP proxy to which `socket` is connected for a tunnel (CONNECT, RFC 9110 §9.3.6). Resolves with the status
 * once the tunnel stands; the socket then belongs to the server behind the proxy.
 *
 * The host is handed to the proxy by name: the proxy resolves it, because this machine may not be able to.
 */
export function connectThroughProxy(
  scope: ProbeScope,
  fate: ConnectionFate,
  socket: Socket,
  proxy: ResolvedProxy,
  server: HostAndPort,
): Promise<number> {
  const explain = (reason: unknown, why?: string): StepFailure =>
    explainProxyFailure(reason, proxy.server, server, why);
  return fate.whileAlive(scope, explain, (resolve, reject) => {
    const asked = askForTunnel(socket, proxy, formatAddress(server));
    const answered = (
      { statusCode = 0, statusMessage = '' }: IncomingMessage,
      _socket?: Socket,
      head?: Buffer,
    ): void => {
      if (statusCode < 200 || statusCode > 299) {
        reject(explain(undefined, `${statusCode} ${statusMessage}`.trim()));
        return;
      }
      if (head !== undefined && head.length > 0) socket.unshift(head);
      resolve(statusCode);
    };
    asked.on('error', () => undefined); // stays: the request may fail after this wait is over
    const stop = listen(asked, { connect: answered, response: answered, error: reject });
    asked.end();
    return stop;
  });
}

function askForTunnel(socket: Socket, { server, basicAuth }: ResolvedProxy, authority: string): ClientRequest {
  return request({
    method: 'CONNECT',
    host: server.host,
    port: server.port,
    path: authority,
    createConnection: () => socket, // and so without an agent, which would open a connection of its own
    setHost: false,
    headers: {
      host: authority,
      ...(basicAuth === undefined ? {} : { 'proxy-authorization': `Basic ${basicCredentials(basicAuth)}` }),
    },
  });
}

/** User and password as they go over the wire (RFC 7617 §2): whoever sees this sees both. */
export function basicCredentials({ username, password }: NonNullable<HttpConnectProxy['basicAuth']>): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}
