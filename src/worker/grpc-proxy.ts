import type { HttpConnectProxy } from '../probe/index.ts';

/** Where grpc-js looks, in this order; it knows no upper case. */
const VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'] as const;

/**
 * The HTTP proxy that grpc-js goes through, so that the probe goes the same way. Whether it uses one is its own decision
 * (`no_proxy`, `grpc.enable_http_proxy`), which shows in the target of its channel.
 *
 * @param target what `getTarget` of a channel says: `dns:` and the address, or instead of it the proxy
 * @param address what the channel was made for, `host:port`
 */
export function grpcProxy(
  target: string,
  address: string,
  env: Readonly<Record<string, string | undefined>>,
): HttpConnectProxy | undefined {
  const value = VARIABLES.map((name) => env[name]).find(Boolean);
  if (value === undefined || target === `dns:${address}` || !URL.canParse(value)) return undefined;
  const { hostname, port, username, password } = new URL(value);
  const targetHost = `${hostname}:${port === '' ? '80' : port}`;
  if (target !== `dns:${targetHost}`) return undefined;
  if (username === '') return { targetHost };
  return {
    targetHost,
    basicAuth: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
  };
}
