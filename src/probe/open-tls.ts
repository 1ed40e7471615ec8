import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { Timer } from '../clock.ts';
import type { Pair } from '../identity/index.ts';
import type { ConnectionFate } from './connection-fate.ts';
import { listen, type ProbeScope } from './probe-scope.ts';
import type { ServerCertificate, TlsReport } from './report.ts';
import type { StepFailure } from './step-failure.ts';
import { sniOf } from './target.ts';
import { explainNoAlpn, explainTlsFailure, explainUnusable, type TlsCircumstances } from './tls-failure.ts';

/**
 * How long to stay silent after the handshake, in milliseconds, waiting for the server's first bytes: its refusal, or
 * its SETTINGS, which Go and Node send without waiting for the client's (tried). A server that does wait is not harmed.
 *
 * Bytes that reach a server after it has refused and closed make its kernel answer with a reset, and a reset can
 * overtake the alert. Tried with Go 1.26 and Node 20 on one Linux machine, TLS 1.3, four bad certificates, five ways to
 * begin (silent; preface at once; with 10 bytes or 60 kB of request; late): the alert came through in 1,200 of 1,200, as
 * Linux keeps what it received before a reset. Nothing was tried over a real network or on other systems, and silence
 * costs nothing with a server that speaks first. 500 ms: more than a round trip around the world.
 */
const SILENCE_MS = 500;

export interface OpenTlsOptions {
  readonly serverName: string;
  readonly label: string;
  readonly pair: Pair | undefined;
  readonly trustPem: string | undefined;
  readonly onServerCertificate: (certificate: ServerCertificate) => void;
}

/** A TLS connection on which the handshake is done; the server's acceptance of our certificate is not yet proven. */
export class TlsConnection {
  readonly #scope: ProbeScope;
  readonly #fate: ConnectionFate;
  readonly #options: OpenTlsOptions;
  readonly #tcp: Socket;
  readonly #bytesBefore: number;
  #secured = false;
  #heard = false;
  #serverCertificate: ServerCertificate | undefined;

  constructor(scope: ProbeScope, fate: ConnectionFate, tcp: Socket, options: OpenTlsOptions) {
    this.#scope = scope;
    this.#fate = fate;
    this.#tcp = tcp;
    this.#options = options;
    this.#bytesBefore = tcp.bytesRead; // a proxy's answer may have come over it
  }

  /** Resolves once our side of the handshake is done and the server's certificate, name and ALPN are checked. */
  async handshake(): Promise<TLSSocket> {
    const socket = this.#start(this.#createContext());
    await this.#fate.whileAlive<void>(this.#scope, this.#explain, (resolve) =>
      listen(socket, { secureConnect: resolve }),
    );
    this.#secured = true;
    if (socket.alpnProtocol !== 'h2') {
      throw explainNoAlpn(this.circumstances('tls'), socket.alpnProtocol ? `ALPN ${socket.alpnProtocol}` : 'no ALPN');
    }
    return socket;
  }

  /** Waits, silently, for the server's first bytes or its refusal, at most {@link SILENCE_MS}. */
  async hearServer(socket: TLSSocket): Promise<void> {
    await this.#fate.whileAlive<void>(this.#scope, this.#explain, (resolve) => {
      const silence = new Timer(this.#scope.clock, resolve);
      silence.set(SILENCE_MS);
      const onReadable = (): void => {
        if (socket.readableLength > 0) {
          this.#heard = true;
          resolve();
        } else socket.read(); // the end of the stream: reading makes Node close, and so tells #fate
      };
      const stop = listen(socket, { readable: onReadable });
      socket.read(0);
      return () => {
        silence.clear();
        stop();
      };
    });
  }

  report(socket: TLSSocket): TlsReport {
    return {
      protocol: socket.getProtocol() ?? 'unknown',
      cipher: socket.getCipher().standardName,
      alpn: socket.alpnProtocol || undefined,
      serverCertificate: this.#serverCertificate,
      trustAnchor: trustAnchorOf(socket),
      sessionReused: socket.isSessionReused(),
    };
  }

  circumstances(step: 'tls' | 'http2'): TlsCircumstances {
    return {
      step,
      label: this.#options.label,
      serverName: this.#options.serverName,
      pair: this.#options.pair,
      certificate: this.#certificateFate(),
      serverCertificate: this.#serverCertificate,
      trust: this.#options.trustPem === undefined ? 'built-in' : 'bundle',
      nowMs: this.#scope.clock.now(),
    };
  }

  #certificateFate(): TlsCircumstances['certificate'] {
    if (this.#heard) return 'accepted';
    if (this.#secured) return 'sent';
    return this.#tcp.bytesRead > this.#bytesBefore ? 'perhaps-sent' : 'not-sent';
  }

  readonly #explain = (reason: unknown): StepFailure => explainTlsFailure(reason, this.circumstances('tls'));

  /** A new context every time, and no `session`: a resumed session would bring back the identity of an old one. */
  #createContext(): SecureContext {
    const { pair, trustPem } = this.#options;
    try {
      return createSecureContext({
        minVersion: 'TLSv1.2',
        ...(pair === undefined ? {} : { cert: pair.certificatePem, key: pair.revealPrivateKey() }),
        ...(trustPem === undefined ? {} : { ca: trustPem }),
      });
    } catch (error) {
      throw explainUnusable(error, this.circumstances('tls'));
    }
  }

  #start(secureContext: SecureContext): TLSSocket {
    const { serverName } = this.#options;
    const sni = sniOf(serverName);
    const socket = connect({
      socket: this.#tcp,
      secureContext,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
      ...(sni === undefined ? {} : { servername: sni }),
    });
    this.#scope.own(() => socket.destroy());
    this.#fate.watch(socket);
    // Before Node's own listener, which destroys the socket, and the certificate with it, when it is not trusted.
    socket.prependOnceListener('secure', () => {
      this.#serverCertificate = factsOf(socket);
      if (this.#serverCertificate !== undefined) this.#options.onServerCertificate(this.#serverCertificate);
    });
    return socket;
  }
}

/**
 * By way of `getPeerCertificate`: `getPeerX509Certificate` of Node 20 takes the certificate out of OpenSSL's chain, so that
 * Node's own check of the server's name, which comes after, finds none and fails.
 */
function factsOf(socket: TLSSocket): ServerCertificate | undefined {
  const { raw } = socket.getPeerCertificate();
  if (raw === undefined) return undefined; // despite its type: an empty object when there is no certificate
  try {
    return describeCertificate(new X509Certificate(raw));
  } catch {
    return undefined; // this runs inside an event: a certificate that cannot be described must not end the process
  }
}

/** The end of the chain as OpenSSL built it; only for a connection whose certificate has been verified. */
function trustAnchorOf(socket: TLSSocket): string | undefined {
  let certificate = socket.getPeerCertificate(true);
  if (certificate.raw === undefined) return undefined;
  for (let height = 0; height < MAX_CHAIN; height += 1) {
    // Despite its type, missing where the chain ends.
    const issuer: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
    if (issuer === undefined || issuer === certificate) break;
    certificate = issuer;
  }
  try {
    return describeCertificate(new X509Certificate(certificate.raw)).subject;
  } catch {
    return undefined;
  }
}

/** OpenSSL follows at most 100 issuers. */
const MAX_CHAIN = 100;

function describeCertificate(certificate: X509Certificate): ServerCertificate {
  return {
    subject: certificate.subject?.replaceAll('\n', ', ') ?? '',
    issuer: certificate.issuer?.replaceAll('\n', ', ') ?? '',
    serial: certificate.serialNumber,
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    sans: certificate.subjectAltName?.split(', ') ?? [],
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
}
