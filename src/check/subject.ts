import type { HttpConnectProxy } from '../probe/index.ts';

/** PEM in a file, or the text itself with a name for messages. */
export type PemInput = { readonly path: string } | { readonly pem: string; readonly name: string };

/** What is to be checked: a connection as a Worker would make it. */
export interface CheckSubject {
  /** `host:port`; see `ProbeTarget.address`. */
  readonly address: string;
  readonly namespace: string;
  readonly serverName?: string | undefined;
  /** Without one, the connection is made without a client certificate. */
  readonly certificate?: PemInput | undefined;
  /** Default: the key stands with the certificate. */
  readonly key?: PemInput | undefined;
  readonly passphrase?: string | undefined;
  /** CA bundle for the server's certificate. Default: the system's roots. */
  readonly trust?: PemInput | undefined;
  readonly apiKey?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly httpConnectProxy?: HttpConnectProxy | undefined;
}
