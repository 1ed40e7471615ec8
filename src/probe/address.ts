import { isIP } from 'node:net';
import { RoteyError } from '../errors.ts';

/** Where to connect to. An IPv6 address stands here without its brackets. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** The port of a Temporal frontend, used when an address names none (as every Temporal SDK does). */
export const DEFAULT_PORT = 7233;

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
/** Schemes that say nothing beyond "gRPC over TLS"; `http` would be a contradiction, as rotey always speaks TLS. */
const TLS_SCHEMES: ReadonlySet<string> = new Set(['https', 'grpc', 'grpcs']);
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

/**
 * Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address, each with an optional `https://`, `grpc://` or
 * `grpcs://` in front. The port defaults to {@link DEFAULT_PORT} whatever the scheme: an address of a Temporal frontend
 * without a port means 7233 everywhere in Temporal's tools.
 *
 * @throws {RoteyError} `ROTEY_ADDRESS_INVALID` when it is anything else (a path, a user, a port outside 1–65535).
 */
export function parseAddress(address: string): HostAndPort {
  const scheme = SCHEME.exec(address);
  if (scheme?.[1] !== undefined && !TLS_SCHEMES.has(scheme[1].toLowerCase())) {
    throw invalid(address, `scheme '${scheme[1]}' does not mean gRPC over TLS`);
  }
  const rest = address.slice(scheme?.[0].length ?? 0).replace(/\/$/, '');
  if (isIP(rest) === 6) return { host: rest, port: DEFAULT_PORT };

  const parts = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(rest);
  if (parts === null) throw invalid(address, 'it is not host:port; an IPv6 address with a port needs brackets');
  const [, bracketed, plain, portText] = parts;
  const host = bracketed ?? plain ?? '';
  const valid = bracketed === undefined ? HOST_NAME.test(host) : isIP(host) === 6;
  if (!valid) throw invalid(address, host === '' ? 'the host is empty' : `'${host}' is not a host name`);
  return { host, port: portText === undefined ? DEFAULT_PORT : parsePort(address, portText) };
}

/** `host:port` as it stands in messages and in HTTP/2's `:authority`, with brackets around IPv6 (RFC 3986 §3.2.2). */
export function formatAddress({ host, port }: HostAndPort): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

function parsePort(address: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw invalid(address, `port '${text}' is not a number from 1 to 65535`);
  return port;
}

function invalid(address: string, why: string): RoteyError {
  return new RoteyError('ROTEY_ADDRESS_INVALID', `The address ${JSON.stringify(address)} cannot be used: ${why}.`, {
    hint: 'Write host:port, for example temporal.example.com:7233 or [::1]:7233.',
    context: { address, step: 'address' },
  });
}
