import { either, known } from './cause.ts';

/** What is found in the handshake before our own certificate matters: the peer, its protocol and its certificate. */
export const TLS_CAUSES = Object.freeze({
  ROTEY_TLS_TIMEOUT: either(
    'tls',
    'The TCP connection stands, and TLS gets no answer.',
    [
      'the server is frozen or overloaded: the kernel accepts in its stead',
      'a load balancer in between has no server behind it',
      'a firewall lets the first packets through and drops those of TLS',
    ],
    'Look at the server and at its load balancer; try from a machine beside the server.',
    'unreachable',
  ),
  ROTEY_CHECK_PLAINTEXT_FRONTEND: known(
    'tls',
    'The port speaks HTTP/2 without TLS: a Temporal frontend, or a proxy before one, that takes no certificates.',
    'Use the port that speaks TLS, or configure TLS at the server. A local proxy that adds the certificate itself is meant to be so.',
  ),
  ROTEY_CHECK_HTTP_SERVER: known(
    'tls',
    'The port speaks HTTP/1 without TLS: a web server.',
    'Use the port of the gRPC frontend (7233), not the one of the Web UI, of metrics or of a health check.',
  ),
  ROTEY_CHECK_NOT_TLS: known(
    'tls',
    'The port speaks something other than TLS.',
    'Check the port; something in between may prefix a PROXY protocol header or speak STARTTLS.',
  ),
  ROTEY_CHECK_PRIVATE_LINK_NAME: either(
    'tls',
    'A PrivateLink address is dialled without a server name, and what is behind it does not take us.',
    [
      'the endpoint does not know which Namespace is meant, because only the server name tells it',
      'the service behind the endpoint is down, or is another one',
    ],
    'Set --tls-server-name to the Namespace endpoint (mTLS) or the regional endpoint (API key), or set up private DNS.',
  ),
  ROTEY_CHECK_SERVER_NAME_UNKNOWN: known(
    'tls',
    'The server says that it does not know the server name.',
    'Set --tls-server-name to a name that the server has, or correct the address.',
  ),
  ROTEY_CHECK_CLOSED_AT_HELLO: either(
    'tls',
    'The peer closes the connection at the first TLS message, before it shows a certificate.',
    [
      'it does not know the server name and says so by closing, as load balancers and PrivateLink endpoints do',
      'it does not speak TLS on this port',
      'a load balancer in between has no healthy server behind it, or a firewall ends TLS connections to here',
    ],
    'Compare the server name with the endpoint that is documented; then look at the log of what listens there.',
  ),
  ROTEY_CHECK_TLS_VERSION: known(
    'tls',
    'Both sides have no TLS version in common.',
    'Let the server speak TLS 1.2 or 1.3; older ones are not used by rotey, nor by any Temporal SDK.',
  ),
  ROTEY_CHECK_TLS_CIPHERS: either(
    'tls',
    'The server ends the handshake before it shows a certificate: handshake_failure.',
    ['both sides have no cipher suite or group in common', 'the server has no certificate for this server name'],
    'Compare the cipher suites of the server with those of TLS 1.2 and 1.3; look into its log.',
  ),
  ROTEY_TLS_NO_ALPN: either(
    'tls',
    'TLS works, but the peer does not agree on HTTP/2 (ALPN).',
    [
      'a proxy or load balancer in between ends TLS and does not know HTTP/2',
      'a TLS tunnel in between (stunnel, ghostunnel, an L4 listener) does not pass ALPN on',
    ],
    'Let the hop in between pass TLS through untouched, or offer ALPN h2; if it ends TLS, our certificate ends there, too.',
  ),
  ROTEY_CHECK_HTTP1_ONLY: known(
    'tls',
    'The server speaks TLS and offers other protocols than HTTP/2: a web server or an HTTP/1 proxy.',
    'Use the port of the gRPC frontend, or switch HTTP/2 on in the proxy before it.',
  ),
  ROTEY_CHECK_TRUST_IS_OUR_ISSUER: known(
    'tls',
    'The CA bundle for the server holds the CA of our own certificate, and that is not the CA of the server.',
    "The ca.crt of a cert-manager volume is the client's issuer: leave --tls-ca-path out for Temporal Cloud, else name the server's CA.",
  ),
  ROTEY_CHECK_TRUST_NOT_NEEDED: known(
    'tls',
    "The system's roots vouch for the server, and the CA bundle that was given does not.",
    'Leave --tls-ca-path out: the server has a public certificate.',
  ),
  ROTEY_CHECK_SERVER_SELF_SIGNED: known(
    'tls',
    'The certificate of the server is self-signed, and nobody here trusts it.',
    'Give the server a certificate of a CA; or, knowing the server, name its certificate as --tls-ca-path.',
  ),
  ROTEY_CHECK_SERVER_CA_UNKNOWN: either(
    'tls',
    'The certificate of the server comes from a CA that is not trusted here.',
    [
      'the server has a CA of its own, which is not in the CA bundle',
      'a proxy in between ends TLS and shows a certificate of its own: then its names or its issuer are not those of the server',
    ],
    "Compare issuer and names with the server's owner; if they are the server's, name its CA as --tls-ca-path.",
  ),
  ROTEY_CHECK_SERVER_CA_OR_CHAIN: either(
    'tls',
    'The server presents its certificate alone, and nobody here has issued it.',
    [
      'its CA is not trusted here',
      'its CA is trusted, and the server leaves out the intermediate certificate between the two',
    ],
    "Ask the server's owner which CA it has; then name that CA as --tls-ca-path, or have the server present the whole chain.",
  ),
  ROTEY_CHECK_SERVER_EXPIRED: known(
    'tls',
    'The certificate of the server, or of its CA, has expired by the clock of this machine.',
    "Have the server's certificate renewed. If it should be valid, set the clock of this machine.",
  ),
  ROTEY_CHECK_SERVER_NOT_YET_VALID: either(
    'tls',
    'The certificate of the server is not valid yet by the clock of this machine.',
    [
      'the clock of this machine is behind',
      'the certificate was issued for later, or by a machine whose clock is ahead',
    ],
    'Compare the clock of this machine with another one first (`date -u`).',
  ),
  ROTEY_CHECK_INTERCEPTED: either(
    'tls',
    'A certificate for the name of Temporal Cloud comes from a CA that is not among the public ones here.',
    [
      'a TLS-intercepting proxy in between makes certificates of its own: the issuer in the message is its CA',
      "the roots of this machine's Node.js are too old to know the CA of Temporal Cloud",
    ],
    'If it is a proxy, have it leave out *.tmprl.cloud and *.api.temporal.io: behind it no client certificate arrives. Else update Node.js.',
  ),
  ROTEY_CHECK_CLOUD_NAME_LEADS_ELSEWHERE: either(
    'tls',
    'Behind the name of Temporal Cloud sits a server with the certificate of somebody else.',
    [
      'a private zone or a hosts file overrides the endpoint and leads to something else',
      'a proxy in between answers in its own name',
    ],
    'Compare the addresses here with those of a public resolver (`dig @1.1.1.1 NAME`); correct the record, or leave the proxy out.',
  ),
  ROTEY_SERVER_NAME_MISMATCH: known(
    'tls',
    'The certificate of the server is trusted, and it is for another name.',
    'Set --tls-server-name to a name of that certificate if this is the right server; else correct the address.',
  ),
  ROTEY_CHECK_SERVER_CERTIFICATE_UNUSABLE: known(
    'tls',
    'The certificate of the server must not be used for a server, or breaks a rule of its CA.',
    'Have it issued with usage "server auth"; the OpenSSL code in the message says which rule it is.',
  ),
  ROTEY_CHECK_PAIR_UNUSABLE: known(
    'tls',
    'OpenSSL does not use this pair: nothing was sent.',
    'Issue it with ECDSA P-256 or RSA of 2,048 bits or more, signed with SHA-256 or more.',
  ),
  ROTEY_TLS_FAILED: known(
    'tls',
    'The TLS handshake fails for a reason that is in no list here.',
    'Hand the file of --report to whoever runs the server; the OpenSSL code is in the message.',
  ),
});
