import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Clock, systemClock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { connectServer } from './connect-server.ts';
import { ConnectionFate } from './connection-fate.ts';
import { HandshakeReader, type ServerFlight } from './handshake-reader.ts';
import { NotTls } from './not-tls.ts';
import { DEFAULT_PROBE_TIMEOUT_MS, explain } from './probe.ts';
import { ProbeScope } from './probe-scope.ts';
import type { StepFailure } from './step-failure.ts';
import { StepLog } from './step-log.ts';
import { tapSocket } from './tapped-socket.ts';
import { type ProbeTarget, type ResolvedTarget, resolveTarget, sniOf } from './target.ts';
import { explainTlsFailure } from './tls-failure.ts';

export interface FetchServerFlightOptions {
  /** Stops now: sockets are destroyed and it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** For everything together, in milliseconds. Default: {@link DEFAULT_PROBE_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Asks a server for its certificates, and hangs up: what it presents, whether it asks for a client certificate, and which
 * CAs it names for that. Decides nothing about trust, presents no certificate, and sends nothing but the handshake.
 *
 * @throws {RoteyError} `ROTEY_ADDRESS_INVALID`, `ROTEY_DNS_FAILED`, `ROTEY_CONNECT_…`, `ROTEY_PROXY_REFUSED`,
 * `ROTEY_TLS_…`. Its context has the `alert` that the server sent, or what it `speaks` instead of TLS: `http/1`, `http/2` or
 * `unknown`.
 * @throws the signal's reason when it aborts.
 */
export async function fetchServerFlight(
  target: Pick<ProbeTarget, 'address' | 'serverName' | 'httpConnectProxy'>,
  { signal, timeoutMs = DEFAULT_PROBE_TIMEOUT_MS, clock = systemClock }: FetchServerFlightOptions = {},
): Promise<ServerFlight> {
  signal?.throwIfAborted();
  const scope = new ProbeScope(clock, timeoutMs, signal);
  const log = new StepLog(clock);
  try {
    const resolved = await log.take(
      'address',
      () => resolveTarget(target),
      ({ label }) => label,
    );
    const fate = new ConnectionFate();
    const tcp = await connectServer(scope, log, fate, resolved);
    const reader = new HandshakeReader();
    const hear = () => hearFlight(scope, fate, reader, { tcp, resolved });
    const flight = await log.take('tls', hear, ({ protocol }) => protocol);
    if (flight.certificates.length > 0) return flight;
    throw new RoteyError('ROTEY_TLS_FAILED', `${resolved.label} presented no certificate.`, {
      hint: 'Check that the port is the one of the server.',
      context: { step: 'tls', address: resolved.label },
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw explain(error, log.current, target.address, timeoutMs).error;
  } finally {
    scope.dispose();
  }
}

interface Connected {
  readonly tcp: Socket;
  readonly resolved: ResolvedTarget;
}

/** Begins a handshake and reads along until the server has said all that it says before our answer. */
function hearFlight(
  scope: ProbeScope,
  fate: ConnectionFate,
  reader: HandshakeReader,
  { tcp, resolved: { serverName, label } }: Connected,
): Promise<ServerFlight> {
  const explainLoss = (cause: unknown): StepFailure =>
    explainTlsFailure(reader.speaks === undefined ? cause : new NotTls(reader.speaks), {
      step: 'tls',
      label,
      serverName,
      pair: undefined,
      certificate: 'not-sent',
      serverCertificate: undefined,
      trust: 'built-in',
      nowMs: scope.clock.now(),
    });
  return fate.whileAlive(scope, explainLoss, (resolve, reject) => {
    const follow = (step: () => void): void => {
      try {
        step();
        if (reader.flight !== undefined) resolve(reader.flight);
      } catch (error) {
        reject(error); // what it sends is no handshake of TLS 1.2 or 1.3
      }
    };
    const sni = sniOf(serverName);
    const tapped = tapSocket(tcp, (bytes) => follow(() => reader.push(bytes)));
    fate.watch(tapped);
    const tls = connectTls({
      socket: tapped,
      // The one place where a server is not verified: its certificate is what is being looked at, nobody relies on it,
      // and nothing is sent over this connection, neither a certificate of ours nor a request.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['h2', 'http/1.1'], // some servers refuse whom they share no protocol with
      ...(sni === undefined ? {} : { servername: sni }),
    });
    tls.on('keylog', (line) => follow(() => reader.keylog(line)));
    scope.own(() => tls.destroy());
    fate.watch(tls);
    return () => undefined;
  });
}
