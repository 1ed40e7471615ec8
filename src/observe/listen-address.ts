import { isIP } from 'node:net';
import { RoteyError } from '../errors.ts';

/** Where to listen. */
export interface ListenAddress {
  /** Without brackets; undefined: all addresses. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

/** `host:port`, with brackets around an IPv6 address; `:port` means all addresses. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text.trim());
  const { v6, name, port } = match?.groups ?? {};
  const host = v6 ?? (name || undefined);
  if (port === undefined || Number(port) > 65_535 || (v6 !== undefined && isIP(v6) !== 6)) {
    throw new RoteyError('ROTEY_CONFIG_INVALID', `Not an address to listen on: ${JSON.stringify(text)}.`, {
      hint: 'Write host:port, for example 127.0.0.1:9464 or [::1]:9464; :9464 means all addresses.',
    });
  }
  return { host, port: Number(port) };
}

/** As {@link parseListenAddress} reads it. */
export function formatAddress(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
