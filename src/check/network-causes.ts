import { either, known } from './cause.ts';

/** What is found between a name and a TCP connection, proxies included. None of it says anything of a certificate. */
export const NETWORK_CAUSES = Object.freeze({
  ROTEY_ADDRESS_INVALID: known(
    'address',
    'The address cannot be read.',
    'Write host:port, for example orders.a1b2c.tmprl.cloud:7233; an IPv6 address in brackets.',
  ),
  ROTEY_CHECK_NAME_UNKNOWN: known(
    'dns',
    'The host name of the address, or of the HTTP proxy where one is set, does not exist.',
    'Check the spelling. A Namespace endpoint is <namespace>.<account>.tmprl.cloud; a private zone has to hold the name.',
    'unreachable',
  ),
  ROTEY_CHECK_NAME_UNANSWERED: known(
    'dns',
    'The name service does not answer.',
    'Check the resolver of this machine or Pod (/etc/resolv.conf, CoreDNS) and the way to it.',
    'unreachable',
  ),
  ROTEY_CONNECT_REFUSED: known(
    'tcp',
    'The host answers, and nothing listens at the port.',
    'Check the port (a Temporal frontend has 7233) and that the server is up.',
    'unreachable',
  ),
  ROTEY_CHECK_NO_ROUTE: known(
    'tcp',
    'This machine has no way to the address, or is forbidden to take it.',
    'Check the routes, the local firewall and the network policies of this machine or Pod.',
    'unreachable',
  ),
  ROTEY_CONNECT_TIMEOUT: either(
    'tcp',
    'Nobody answers at the address.',
    [
      'a firewall, a security group or a network policy drops the packets',
      'the address belongs to nobody: an old address in DNS, or a PrivateLink endpoint that is gone',
      'the host is so overloaded that it takes no more connections',
    ],
    'Try from another network or Pod; ask for the rules between here and there; compare the addresses with DNS elsewhere.',
    'unreachable',
  ),
  ROTEY_CHECK_PROXY_UNREACHABLE: known(
    'tcp',
    'No connection to the HTTP proxy comes about.',
    'Correct --http-proxy, or start the proxy. The server itself was not tried: the way to it leads through the proxy.',
    'unreachable',
  ),
  ROTEY_CHECK_PROXY_CREDENTIALS: known(
    'proxy',
    'The HTTP proxy asks for other credentials.',
    'Set ROTEY_HTTP_PROXY_CREDENTIALS=user:password.',
    'unreachable',
  ),
  ROTEY_CHECK_PROXY_DENIED: known(
    'proxy',
    'The HTTP proxy does not allow a tunnel to this host and port.',
    'Have the proxy allow CONNECT to it; many allow port 443 only.',
    'unreachable',
  ),
  ROTEY_CHECK_PROXY_NO_WAY: known(
    'proxy',
    'The HTTP proxy itself does not reach the server.',
    "Look at the proxy's own DNS and routes: it resolves the name, not this machine.",
    'unreachable',
  ),
  ROTEY_CHECK_PROXY_NOT_HTTP: either(
    'proxy',
    'What listens at the address of the HTTP proxy gives no HTTP answer.',
    [
      'it is no HTTP proxy: SOCKS proxies, and proxies that want TLS themselves, are not supported',
      'it is one, and closes connections that it does not allow without an answer',
    ],
    'Check port and kind of the proxy, then its rules for this host and port.',
    'unreachable',
  ),
  ROTEY_CHECK_PROXY_SILENT: known(
    'proxy',
    'The HTTP proxy takes the connection and does not answer.',
    'Check the health of the proxy; or raise --timeout if it needs long to connect.',
    'unreachable',
  ),
});
