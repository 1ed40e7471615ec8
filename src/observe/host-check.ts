import { isIP } from 'node:net';

/**
 * Whether a request was meant for this listener. A page in somebody's browser can have its own host name resolve to our
 * address (DNS rebinding) and would read what we answer; but its requests say that host name, and no other.
 *
 * @param header `Host` of the request
 * @param localAddress the address that the connection came in on
 * @param allowed further names, as `localhost` or `rotey.example`
 */
export function isHostAllowed(
  header: string | undefined,
  localAddress: string | undefined,
  allowed: readonly string[],
): boolean {
  const host = hostOf(header);
  if (host === undefined) return false;
  if (host === 'localhost' || host.endsWith('.localhost')) return true; // RFC 6761 §6.3
  if (allowed.some((name) => hostOf(name) === host)) return true;
  if (isIP(host) === 0) return false;
  return isLoopback(host) || host === unmapped(localAddress ?? '');
}

/** Lower case, without port, brackets and final dot; undefined when it is no host. */
function hostOf(header: string | undefined): string | undefined {
  const match = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9._-]+))(?::\d{1,5})?$/.exec(
    header?.trim().toLowerCase() ?? '',
  );
  const host = match?.groups?.['v6'] ?? match?.groups?.['name']?.replace(/\.$/, '');
  return host === undefined ? undefined : unmapped(host);
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

/** A socket that listens on `::` shows IPv4 addresses as `::ffff:127.0.0.1`. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
