import { type Clock, systemClock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { type CertificateFacts, nameText, parseCertificate } from '../identity/index.ts';
import { clientHello } from './client-hello.ts';
import { connectTcp } from './connect-tcp.ts';
import { ConnectionFate } from './connection-fate.ts';
import { connectThroughProxy } from './http-connect.ts';
import { listen, ProbeScope } from './probe-scope.ts';
import { MAX_FLIGHT_BYTES, readServerFlight, type ServerFlight } from './server-flight.ts';
import { StepLog } from './step-log.ts';
import { type ProbeTarget, resolveTarget, sniOf } from './target.ts';
import type { TlsAlert } from './tls-alert.ts';

/** What a server shows to anybody who knocks. */
export type Presented =
  | {
      readonly kind: 'presented';
      /** Everything that the server presented, in its order, verified by nobody. Undefined: it cannot be read. */
      readonly chain: readonly (CertificateFacts | undefined)[];
      readonly alpn: string | undefined;
      /** Whether it asks for a client certificate. */
      readonly asksForCertificate: boolean;
      /**
       * The names of the CAs whose certificates it asks for, as `CertificateFacts.subject` writes them. Empty when it
       * names none, which says nothing about which it accepts.
       */
      readonly authorities: readonly string[];
    }
  /** It refuses to go on. 70 is the answer of a server that speaks TLS 1.3 only. */
  | { readonly kind: 'alert'; readonly alert: TlsAlert }
  | { readonly kind: 'not-tls'; readonly speaks: 'http/1' | 'http/2' | 'unknown' }
  /** No connection, no answer in time, or the connection ended before the flight was there. */
  | { readonly kind: 'nothing' };

export interface FetchPresentedOptions {
  /** Stops at once; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** For everything together. Default: {@link DEFAULT_PRESENTED_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A second look at a server that was reached just now: a few round trips, and nothing is lost when they fail. */
export const DEFAULT_PRESENTED_TIMEOUT_MS = 3_000;

/**
 * Looks at what a server presents, and what it asks of clients, without trusting it and without showing anything of ours:
 * says hello in TLS 1.2, where both are sent in the clear, reads the answer and hangs up before any key exists. So
 * nothing that is read this way is proven; it serves to explain a failure, never to decide on trust.
 *
 * Does not reject for anything that a server can do.
 *
 * @throws the signal's reason, at once, when it aborts.
 */
export async function fetchPresentedChain(
  target: ProbeTarget,
  { signal, timeoutMs = DEFAULT_PRESENTED_TIMEOUT_MS, clock = systemClock }: FetchPresentedOptions = {},
): Promise<Presented> {
  signal?.throwIfAborted();
  const scope = new ProbeScope(clock, timeoutMs, signal);
  try {
    return describe(await fetchFlight(scope, target));
  } catch {
    signal?.throwIfAborted();
    return { kind: 'nothing' };
  } finally {
    scope.dispose();
  }
}

async function fetchFlight(scope: ProbeScope, target: ProbeTarget): Promise<ServerFlight> {
  const { server, proxy, serverName } = resolveTarget(target);
  const fate = new ConnectionFate();
  const socket = await connectTcp(scope, new StepLog(scope.clock), fate, proxy?.server ?? server);
  if (proxy !== undefined) await connectThroughProxy(scope, fate, socket, proxy, server);
  return await scope.settle<ServerFlight>((resolve) => {
    let received = Buffer.alloc(0);
    let flight: ServerFlight = { kind: 'incomplete' };
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      flight = readServerFlight(received);
      if (flight.kind !== 'incomplete' || received.length > MAX_FLIGHT_BYTES) resolve(flight);
    };
    const stopListening = listen(socket, { data: onData });
    const stopWatching = fate.onLost(() => resolve(flight));
    socket.write(clientHello(sniOf(serverName)));
    return () => {
      stopListening();
      stopWatching();
    };
  });
}

function describe(flight: ServerFlight): Presented {
  switch (flight.kind) {
    case 'incomplete':
      return { kind: 'nothing' };
    case 'flight':
      return {
        kind: 'presented',
        chain: flight.certificates.map(factsOf),
        alpn: flight.alpn,
        asksForCertificate: flight.request !== undefined,
        authorities: (flight.request?.authorities ?? []).flatMap((name) => nameText(name) ?? []),
      };
    default:
      return flight;
  }
}

function factsOf(der: Buffer): CertificateFacts | undefined {
  try {
    return parseCertificate(der).facts;
  } catch (error) {
    if (error instanceof RoteyError) return undefined;
    throw error;
  }
}
