import { either, known } from './cause.ts';

const SEE_LOG = "The server's log says the reason";

/** What the server has against our certificate. */
export const CERTIFICATE_CAUSES = Object.freeze({
  ROTEY_CERTIFICATE_REQUIRED: known(
    'tls',
    'The server requires a client certificate, and none is set.',
    'Set --tls-cert-path and --tls-key-path, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH.',
  ),
  ROTEY_CHECK_API_KEY_AT_MTLS_ENDPOINT: known(
    'tls',
    'An API key is used at an endpoint that requires a client certificate.',
    'Use the regional endpoint <region>.<provider>.api.temporal.io:7233 with the key, or a client certificate here.',
  ),
  ROTEY_CHECK_CERTIFICATE_NOT_SENT: known(
    'tls',
    'The certificate was not sent, because its key fits none of the signatures that the server takes.',
    'Issue the certificate with an ECDSA P-256 or RSA key, whichever the server takes.',
  ),
  ROTEY_CHECK_CERTIFICATE_EXPIRED: known(
    'tls',
    'The server refuses the certificate, which has expired.',
    'Issue a new one, and find out why nobody renewed it.',
  ),
  ROTEY_CHECK_EXPIRED_SOMEWHERE: either(
    'tls',
    'The server refuses the certificate as expired, and by the clock of this machine it is valid.',
    [
      "the server's clock is ahead, or the one of this machine is behind",
      'an intermediate or CA certificate above it has expired, here or among those that the server keeps',
    ],
    'Compare the clocks of both machines; then look at every certificate of the chain and at the CA file of the server.',
  ),
  ROTEY_CHECK_CERTIFICATE_NOT_YET_VALID: either(
    'tls',
    'The server refuses the certificate, which is not valid yet by the clock of this machine.',
    ['the clock of the issuer is ahead', 'the certificate is meant for later'],
    'Compare the clocks of the issuer and of this machine; issue with notBefore a minute in the past, or wait.',
  ),
  ROTEY_CHECK_CA_NOT_IN_NAMESPACE: known(
    'tls',
    'The Namespace does not accept the CA of this certificate.',
    "Add the CA to the Namespace's CA certificates (the whole bundle: old and new), or use the endpoint of the right Namespace.",
  ),
  ROTEY_CHECK_CA_NOT_IN_SERVER: either(
    'tls',
    'The server does not accept the CA of this certificate.',
    [
      "the CA is not in the server's file of client CAs",
      'it is in that file, and the server has read the file before: without refreshInterval it never reads it again',
    ],
    "Look into the server's clientCaFiles; if the CA is there, restart the frontend or set tls.refreshInterval.",
  ),
  ROTEY_CHECK_CA_SAME_NAME: either(
    'tls',
    'The server knows a CA of this name, and does not accept what ours has signed.',
    [
      'the CA was created anew under its old name, with another key, and the server knows the old one',
      'the CA certificate that the server keeps has expired or forbids this certificate (path length, name constraints)',
    ],
    'Compare the fingerprints of the CA here and at the server; give every new CA a new name.',
  ),
  ROTEY_CHECK_INTERMEDIATE_MISSING: known(
    'tls',
    'The chain that we present lacks the intermediate certificate between our leaf and a CA that the server accepts.',
    'Append the intermediate to the certificate file, behind the leaf.',
  ),
  ROTEY_CHECK_CA_OR_INTERMEDIATE: either(
    'tls',
    'The server does not know the issuer of our certificate.',
    [
      'the CA is not among those that the server or the Namespace accepts',
      'our issuer is an intermediate CA, and its certificate is missing in the certificate file',
      'the server has not read its CA files again since the CA was added (self-hosted, without refreshInterval)',
    ],
    'If the issuer is a root, add it to the server or Namespace, and reload the server; if not, append its certificate to our file.',
  ),
  ROTEY_CERTIFICATE_REFUSED: either(
    'tls',
    'The server refuses the certificate and does not say why.',
    [
      'a rule of the server that only its log tells',
      'an alert that stands for several reasons in this server: unknown CA, expired, or a usage that it does not take',
    ],
    `${SEE_LOG}; the findings above are candidates.`,
  ),
  ROTEY_CHECK_CERTIFICATE_KIND_REFUSED: known(
    'tls',
    'The server does not take certificates of this kind.',
    'Issue it for clients: key usage digitalSignature, extended key usage clientAuth, an ECDSA P-256 or RSA key.',
  ),
  ROTEY_CHECK_CERTIFICATE_REVOKED: known(
    'tls',
    'The server says that the certificate was revoked.',
    'Issue a new one, and ask why this one was revoked.',
  ),
  ROTEY_CHECK_CERTIFICATE_FORBIDDEN: known(
    'tls',
    'The certificate is valid, and the server does not let its subject connect.',
    'Have the access rules of the server (a proxy or a mesh before it) allow this subject or these names.',
  ),
  ROTEY_CHECK_SIGNATURE_REFUSED: known(
    'tls',
    'The server cannot verify a signature that we made.',
    'Look for something in between that changes TLS; a key in hardware or a FIPS module may sign differently.',
  ),
  ROTEY_CHECK_REFUSED_SILENTLY: either(
    'tls',
    'The peer closes the connection when it has seen our certificate, without a word; without a certificate it answers otherwise.',
    [
      'it refuses the certificate (unknown CA, expired, a rule), and tells only its log',
      'a proxy before the server refuses it and closes',
    ],
    `${SEE_LOG}; compare issuer and validity with what the server accepts.`,
  ),
  ROTEY_CHECK_CLOSED_AFTER_HANDSHAKE: either(
    'tls',
    'The peer closes the connection after the TLS handshake, and does not say why.',
    [
      'it requires a certificate, or another one than ours, and says nothing to anybody',
      'it does not know the server name',
      'the server behind a load balancer is down, or a device in between ends the connection',
    ],
    `${SEE_LOG} if the connection arrives there at all; check the server name.`,
  ),
  ROTEY_CHECK_HANDSHAKE_ENDED: either(
    'tls',
    'The server ends the handshake after it has seen our certificate, with an alert that names no cause.',
    [
      'it refuses the certificate',
      'it does not agree to something else in the handshake: a cipher, a signature, an extension',
    ],
    `${SEE_LOG}; let it speak TLS 1.3, where alerts are more exact.`,
  ),
  ROTEY_CHECK_CERTIFICATE_NEVER_ASKED: either(
    'tls',
    'Everything works, but the server asks for no client certificate: ours was never used.',
    [
      'the server does not require mTLS: whoever reaches it gets in',
      'TLS ends at a proxy or load balancer before the server, and our certificate with it',
      'it is an endpoint for API keys',
    ],
    "Ask the server's owner whether this port is meant for mTLS before relying on the certificate.",
  ),
});
