/**
 * What each error code means and what to do about it. docs/reference/errors.md is made from this table.
 *
 * @module
 */
import type { RoteyErrorCode } from './errors.ts';

/** One code for people: an error itself says more (paths, values, limits) in its message and hint. */
export interface ErrorExplanation {
  /** What happened, one sentence. */
  readonly title: string;
  /** What a person should do, one or two sentences. */
  readonly remedy: string;
}

function explain(title: string, remedy: string): ErrorExplanation {
  return Object.freeze({ title, remedy });
}

/** Every code has an entry: the compiler refuses a code without one. */
export const ERROR_CATALOG: Readonly<Record<RoteyErrorCode, ErrorExplanation>> = Object.freeze({
  ROTEY_FILE_MISSING: explain(
    'A file of the pair does not exist.',
    'Check the path, and that whatever issues the certificate has written it.',
  ),
  ROTEY_FILE_UNREADABLE: explain(
    'A file of the pair cannot be read, or is not a regular file.',
    'Make it readable for the user of the process; on Kubernetes with fsGroup, or fs-group of the csi-driver.',
  ),
  ROTEY_FILE_TOO_LARGE: explain(
    'A file has more than 1 MiB, or more certificates or keys than any pair has.',
    'Check that the path names the intended PEM file; a bundle of roots belongs into the trust file.',
  ),
  ROTEY_FILE_CHANGING: explain(
    'The files changed each time while they were read.',
    'Nothing, if it goes away; otherwise look for a process that rewrites them in a loop.',
  ),
  ROTEY_PEM_NO_CERTIFICATE: explain(
    'There is no certificate where one is expected.',
    'Check that the right file is named; an empty one may be in the middle of being written.',
  ),
  ROTEY_PEM_NO_KEY: explain(
    'There is no private key where one is expected.',
    'Check that the right file is named; an empty one may be in the middle of being written.',
  ),
  ROTEY_PEM_TRUNCATED: explain(
    'A file ends inside a PEM block, as one does that is being written.',
    'Nothing, if it goes away; otherwise write the file again, whole, best under another name and renamed.',
  ),
  ROTEY_PEM_MALFORMED: explain(
    'A file is not PEM: it is binary or UTF-16, or a block does not hold base64.',
    'Convert or write it again; `openssl x509 -in FILE -noout` and `openssl pkey -in FILE -noout` check it.',
  ),
  ROTEY_CERTIFICATE_MALFORMED: explain(
    'A PEM block is labelled as a certificate and does not hold one.',
    'Write it again; `openssl x509 -in FILE -noout -text` checks it.',
  ),
  ROTEY_KEY_MALFORMED: explain(
    'A private key cannot be read, or does not sign for its own public key.',
    'Write it again from its source, or issue a new pair; `openssl pkey -in FILE -noout -check` checks it.',
  ),
  ROTEY_KEY_UNSUPPORTED: explain(
    'A private key is of a kind, a format or an encryption that cannot be used for TLS here.',
    'Use ECDSA P-256 or RSA of 2,048 bits or more, in PKCS#8.',
  ),
  ROTEY_KEY_AMBIGUOUS: explain(
    'There are several private keys that belong to certificates in the file, and nothing says which to use.',
    'Keep one pair, and put the others into files of their own.',
  ),
  ROTEY_KEY_PASSPHRASE_MISSING: explain(
    'The private key is encrypted, and no passphrase was given.',
    'Give the passphrase, or write the key without encryption and with mode 0600.',
  ),
  ROTEY_KEY_PASSPHRASE_WRONG: explain(
    'The passphrase does not open the private key.',
    'Check it for another value, a newline at its end, or more than 1,024 bytes.',
  ),
  ROTEY_PAIR_MISMATCH: explain(
    'The private key does not belong to the certificate.',
    'Nothing, if the files are being replaced one after the other; otherwise find the key that belongs to it, or issue a new pair.',
  ),
  ROTEY_TRUST_MALFORMED: explain(
    'The trust bundle holds no certificate, or one that cannot be read.',
    'Put the CA certificates of the server there as PEM, or leave it out to use those of the system.',
  ),
  ROTEY_DER_MALFORMED: explain(
    'Binary data is not DER, the encoding of certificates; mostly the cause of another error.',
    'Write the file again from its source.',
  ),
  ROTEY_INPUT_UNSUPPORTED: explain(
    'An input was recognised, and is of a kind that rotey does not read (PKCS#12, PKCS#7, a certificate request …).',
    'The message names the kind, and the hint a command that shows or converts it.',
  ),
  ROTEY_INPUT_UNRECOGNISED: explain(
    'An input is neither a certificate, a private key, a directory with them nor a Secret manifest.',
    'Check that the right file is named.',
  ),
  ROTEY_MANIFEST_INVALID: explain(
    'A Kubernetes manifest cannot be read, or holds no Secret that can be looked at.',
    'The message names the line and column; `kubectl apply --dry-run=server -f FILE` checks it.',
  ),
  ROTEY_ADDRESS_INVALID: explain(
    'An address is not of the form host:port.',
    'Write it as the temporal CLI takes it, for example `my-namespace.a1b2c.tmprl.cloud:7233`.',
  ),
  ROTEY_DNS_FAILED: explain(
    'The host name of the address could not be resolved.',
    'Check the spelling, and the resolver of this machine or Pod.',
  ),
  ROTEY_CONNECT_REFUSED: explain('Nothing listens at the address.', 'Check host and port, and that the server is up.'),
  ROTEY_CONNECT_FAILED: explain(
    'No TCP connection to the address came about.',
    'Check routes, firewalls and network policies between here and the server.',
  ),
  ROTEY_CONNECT_TIMEOUT: explain(
    'The address did not answer in time, as behind a firewall that drops packets.',
    'Check routes, firewalls and network policies between here and the server.',
  ),
  ROTEY_PROXY_REFUSED: explain(
    'The HTTP proxy did not open a tunnel to the address.',
    'Check that the proxy allows CONNECT to this host and port, and its credentials.',
  ),
  ROTEY_TLS_FAILED: explain(
    'The TLS handshake failed for a reason that has no code of its own.',
    'Read the message; `openssl s_client` against the same address shows the handshake.',
  ),
  ROTEY_TLS_TIMEOUT: explain(
    'The server took the connection and did not finish the TLS handshake in time.',
    'Check that the port speaks TLS, and what stands in between.',
  ),
  ROTEY_TLS_NO_ALPN: explain(
    'The server did not agree on HTTP/2, which gRPC needs.',
    'Check that the port is the gRPC frontend, and that nothing in between ends TLS without offering h2.',
  ),
  ROTEY_SERVER_UNTRUSTED: explain(
    'The certificate of the server is not signed by a CA that is trusted here.',
    'Name the CA of the server as trust; leave it out for Temporal Cloud. The ca.crt of cert-manager is the CA of the client.',
  ),
  ROTEY_SERVER_NAME_MISMATCH: explain(
    'The certificate of the server is for another name.',
    'Set the server name (SNI) to a name in that certificate, as with PrivateLink, or use that name as address.',
  ),
  ROTEY_CERTIFICATE_REQUIRED: explain(
    'The server wants a client certificate and got none.',
    'Configure a certificate and key.',
  ),
  ROTEY_CERTIFICATE_REFUSED: explain(
    'The server refused the client certificate.',
    'Look at the log of the server for the reason; the findings about the certificate (findings.md) are candidates.',
  ),
  ROTEY_CERTIFICATE_EXPIRED: explain(
    'The server refused the client certificate as expired.',
    'Issue a new one, and find out why it was not renewed; compare the clocks if it should be valid.',
  ),
  ROTEY_CERTIFICATE_UNKNOWN_CA: explain(
    'The server does not know the CA of the client certificate.',
    'Add the CA to the Namespace or the frontend of the server, or send the missing intermediate certificates.',
  ),
  ROTEY_HTTP2_FAILED: explain(
    'The server ended the session before HTTP/2 came about, without saying that it was for the certificate.',
    'Check that the port is the gRPC frontend; look at the log of the server.',
  ),
  ROTEY_HTTP2_TIMEOUT: explain(
    'TLS came about, and the server sent no HTTP/2 settings in time.',
    'Check that the port is the gRPC frontend, and the load of the server.',
  ),
  ROTEY_RPC_DENIED: explain(
    'The server accepted the certificate and denied the call.',
    'Check the certificate filters and permissions of the Namespace, and its name.',
  ),
  ROTEY_RPC_UNAVAILABLE: explain(
    'The server did not answer the call for reasons of its own.',
    'Check the health of the server; it is tried again.',
  ),
  ROTEY_RPC_TIMEOUT: explain(
    'The server did not answer the call in time.',
    'Check the health and load of the server; it is tried again.',
  ),
  ROTEY_NATIVE_CONNECT_FAILED: explain(
    'The Temporal SDK could not connect with a certificate that had been proven.',
    'Read the cause; options of the connection other than TLS may differ from what was proven.',
  ),
  ROTEY_NATIVE_CONNECT_TIMEOUT: explain(
    'The Temporal SDK did not connect in time; it has no timeout of its own.',
    'Check the server and the network; it is tried again.',
  ),
  ROTEY_NATIVE_CONNECT_PENDING: explain(
    'An earlier attempt of the Temporal SDK to connect has not ended, and only one runs at a time.',
    'Check the server and the network; the process has to be restarted if it never ends.',
  ),
  ROTEY_CLIENT_CONNECT_FAILED: explain(
    'The Temporal SDK could not open the new connection of a Client with a certificate that had been proven.',
    'Read the cause; options of the connection other than TLS may differ from what was proven.',
  ),
  ROTEY_CLIENT_CONNECT_TIMEOUT: explain(
    'The new connection of a Client was not ready in time.',
    'Check the server and the network; it is tried again.',
  ),
  ROTEY_NOT_YET_VALID: explain(
    'The certificate is not valid yet, so it is held until it is.',
    'Compare the clocks of this machine and of the issuer, or wait.',
  ),
  ROTEY_NO_PAIR: explain(
    'There is no usable pair to start with.',
    'Read the cause: it says what is wrong with the files.',
  ),
  ROTEY_ATTEMPT_FAILED: explain(
    'An attempt to adopt a new certificate failed; the one in use stays in use.',
    'Read the cause.',
  ),
  ROTEY_ATTEMPT_SUPERSEDED: explain(
    'An attempt ended because a newer certificate arrived in the meantime.',
    'Nothing: the newer one is tried.',
  ),
  ROTEY_ROTATION_CLOSED: explain(
    'Something was asked of a rotation that has been closed.',
    'Close it after everything that uses it.',
  ),
  ROTEY_ROTATION_FROZEN: explain(
    'Rotation has been frozen, so new certificates are not adopted.',
    'Thaw it when the reason for freezing has gone.',
  ),
  ROTEY_SDK_UNSUPPORTED: explain(
    'The installed Temporal SDK lacks what is needed.',
    'Install @temporalio/worker and @temporalio/client of 1.15 or newer.',
  ),
  ROTEY_CONFIG_INVALID: explain(
    'A setting has a value that makes no sense.',
    'The message names the setting, its value and what is allowed.',
  ),
  ROTEY_LISTEN_FAILED: explain(
    'The health listener or the control socket cannot listen where it should.',
    'Choose another address or path, or end the process that has it; the message says which it is.',
  ),
  ROTEY_STATUS_UNREACHABLE: explain(
    'No rotey answers where one was asked for its status.',
    'Check that it runs with a health listener or control socket, and the address or path; run this on the same machine or in the same Pod.',
  ),
  ROTEY_STATUS_INVALID: explain(
    'What answered is not the status document of a rotey that is understood here.',
    'Check that the address belongs to rotey, and use the same version of rotey on both sides.',
  ),
  ROTEY_COMMAND_FAILED: explain(
    'A running rotey refused a command, or failed to carry it out.',
    'Read the message; `status` shows the state that it is in.',
  ),
  ROTEY_ISSUE_RULE_BROKEN: explain(
    'The certificate asked for would break a rule of Temporal Cloud or of X.509.',
    'The message names the rule, the value and the limit; choose other rules if the server is not Temporal Cloud.',
  ),
  ROTEY_PUBLISH_FAILED: explain(
    'A pair could not be written to its folder; what was there before is still there.',
    'Check the permissions and the space of the file system.',
  ),
  ROTEY_TOOLCHAIN_MISSING: explain(
    'The sandbox needs a tool that is not installed.',
    'Install the tool that the message names, and put it on the PATH.',
  ),
  ROTEY_TOOLCHAIN_TOO_OLD: explain(
    'A tool that the sandbox needs is too old.',
    'Install at least the version that the message names.',
  ),
  ROTEY_TOOLCHAIN_BUILD_FAILED: explain(
    'The server of the sandbox could not be built.',
    'Read the output of the build in the message; it needs the Go module proxy the first time.',
  ),
  ROTEY_SANDBOX_FAILED: explain(
    'The server of the sandbox did not start, or stopped.',
    'Read the last lines of its log in the message.',
  ),
  ROTEY_USAGE: explain('The command line is wrong.', 'Run the command with --help.'),
  ROTEY_INTERRUPTED: explain('The command was interrupted by a signal.', 'Nothing, if that was meant.'),
});
