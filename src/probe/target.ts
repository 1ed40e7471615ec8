import { isIP } from 'node:net';
import { formatAddress, type HostAndPort, parseAddress } from './address.ts';

/** An HTTP proxy that tunnels by CONNECT (RFC 9110 §9.3.6); the shape of the SDK's `http-connect` proxy option. */
export interface HttpConnectProxy {
  /** `host:port` of the proxy, with an optional `http://`. The connection to the proxy itself is plain HTTP. */
  readonly targetHost: string;
  /** Sent as `Proxy-Authorization: Basic` (RFC 7617). Never appears in a report. */
  readonly basicAuth?: { readonly username: string; readonly password: string } | undefined;
}

/** The server to prove an identity with, and how to speak to it. */
export interface ProbeTarget {
  /** What is dialled; see {@link parseAddress}. */
  readonly address: string;
  /**
   * The name for SNI and for checking the server's certificate. Default: the host of {@link address}. Set it where the
   * dialled name is not the server's own (PrivateLink, a tunnel). SNI is left out for IP addresses (RFC 6066 §3).
   */
  readonly serverName?: string | undefined;
  /** HTTP/2's `:authority`. Default: {@link serverName} if that is set, else `host:port`, both as gRPC clients do. */
  readonly authority?: string | undefined;
  /** DescribeNamespace is called for each of these. Default: none, only GetSystemInfo is called. */
  readonly namespaces?: readonly string[] | undefined;
  /**
   * CA bundle for the server's certificate as PEM. Default: Node's built-in roots with `NODE_EXTRA_CA_CERTS`. The trust
   * of the pair that is proven is not taken by itself, because who issued our certificate need not vouch for the server.
   */
  readonly trustPem?: string | undefined;
  /** Sent with every call. Never appears in a report. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Sent as `authorization: Bearer …` with every call. Never appears in a report. */
  readonly apiKey?: string | undefined;
  readonly httpConnectProxy?: HttpConnectProxy | undefined;
}

/** A {@link ProbeTarget} whose defaults are filled in. */
export interface ResolvedTarget {
  readonly server: HostAndPort;
  readonly serverName: string;
  readonly authority: string;
  readonly proxy: ResolvedProxy | undefined;
  /** For messages: the address, with the server name where that is another one. */
  readonly label: string;
}

export interface ResolvedProxy {
  readonly server: HostAndPort;
  readonly basicAuth: HttpConnectProxy['basicAuth'];
}

/** @throws {RoteyError} `ROTEY_ADDRESS_INVALID` when the address of the server or of the proxy cannot be read. */
export function resolveTarget(target: ProbeTarget): ResolvedTarget {
  const server = parseAddress(target.address);
  const address = formatAddress(server);
  const serverName = target.serverName ?? server.host;
  return {
    server,
    serverName,
    authority: target.authority ?? target.serverName ?? address,
    proxy: resolveProxy(target.httpConnectProxy),
    label: serverName === server.host ? address : `${address} (server name ${serverName})`,
  };
}

/** The name to send as SNI, or undefined where SNI forbids one: "literal IPv4 and IPv6 addresses are not permitted". */
export function sniOf(serverName: string): string | undefined {
  return isIP(serverName) === 0 ? serverName.replace(/\.$/, '') : undefined;
}

function resolveProxy(proxy: HttpConnectProxy | undefined): ResolvedProxy | undefined {
  if (proxy === undefined) return undefined;
  return { server: parseAddress(proxy.targetHost.replace(/^http:\/\//i, '')), basicAuth: proxy.basicAuth };
}
