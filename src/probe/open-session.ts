import { type ClientHttp2Session, connect } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { Timer } from '../clock.ts';
import type { Pair } from '../identity/index.ts';
import { connectServer } from './connect-server.ts';
import { ConnectionFate } from './connection-fate.ts';
import { TlsConnection } from './open-tls.ts';
import { listen, type ProbeScope } from './probe-scope.ts';
import type { ServerCertificate, TlsReport } from './report.ts';
import type { StepFailure } from './step-failure.ts';
import type { StepLog } from './step-log.ts';
import type { ResolvedTarget } from './target.ts';
import { explainTlsFailure } from './tls-failure.ts';

export interface OpenSessionOptions {
  readonly target: ResolvedTarget;
  readonly pair: Pair | undefined;
  readonly trustPem: string | undefined;
  /** Called when the server has shown its certificate, before anybody judges it. */
  readonly onServerCertificate: (certificate: ServerCertificate) => void;
  /** Called when the handshake is done: what is known of it is worth reporting even if the next step fails. */
  readonly onHandshake: (report: TlsReport) => void;
}

/** A session on which the server's SETTINGS frame has arrived: it has accepted the certificate. */
export interface OpenSession {
  readonly http2: ClientHttp2Session;
  readonly fate: ConnectionFate;
  /** Explains a loss of the connection after the session was open. */
  explainLoss(reason: unknown): StepFailure;
}

/** Takes the steps from the name of a server to its first HTTP/2 frame. Everything it opens is owned by `scope`. */
export async function openSession(scope: ProbeScope, log: StepLog, options: OpenSessionOptions): Promise<OpenSession> {
  const { target, pair, trustPem, onServerCertificate } = options;
  const { serverName, label } = target;
  const fate = new ConnectionFate();
  const tcp = await connectServer(scope, log, fate, target);
  const tls = new TlsConnection(scope, fate, tcp, { serverName, label, pair, trustPem, onServerCertificate });
  const socket = await log.take('tls', () => secure(tls, options.onHandshake), describeTls);
  const http2 = await log.take(
    'http2',
    () => startHttp2(scope, fate, tls, socket),
    () => describeSettings(pair),
  );
  return { http2, fate, explainLoss: (reason) => explainTlsFailure(reason, tls.circumstances('http2')) };
}

/**
 * Says goodbye (GOAWAY, close_notify) and waits for the peer to close too, at most `CLOSE_MS`: it has nothing left to
 * say that matters, and what is owned is destroyed afterwards in any case.
 */
export function closeSession(scope: ProbeScope, { http2, fate }: OpenSession): Promise<void> {
  return scope.settle((resolve) => {
    const patience = new Timer(scope.clock, resolve);
    patience.set(CLOSE_MS);
    const stop = fate.onLost(() => resolve());
    if (!http2.destroyed) http2.close();
    return () => {
      patience.clear();
      stop();
    };
  });
}

const CLOSE_MS = 250;

async function secure(tls: TlsConnection, onHandshake: (report: TlsReport) => void): Promise<TLSSocket> {
  const socket = await tls.handshake();
  onHandshake(tls.report(socket));
  await tls.hearServer(socket);
  return socket;
}

/**
 * Sends our preface and waits for the server's SETTINGS. Only they prove that the server took our certificate: in
 * TLS 1.3 the client is done with the handshake before the server has seen it (RFC 8446 §2, §6.2).
 */
function startHttp2(
  scope: ProbeScope,
  fate: ConnectionFate,
  tls: TlsConnection,
  socket: TLSSocket,
): Promise<ClientHttp2Session> {
  const explain = (reason: unknown): StepFailure => explainTlsFailure(reason, tls.circumstances('http2'));
  return fate.whileAlive(scope, explain, (resolve) => {
    // The URL only satisfies Node: every request names its own :authority.
    const session = connect('https://rotey.invalid', {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    scope.own(() => session.destroy());
    fate.watch(session);
    return listen(session, { remoteSettings: () => resolve(session) });
  });
}

function describeTls(socket: TLSSocket): string {
  return `${socket.getProtocol() ?? 'unknown'}, ${socket.getCipher().standardName}, ALPN h2`;
}

function describeSettings(pair: Pair | undefined): string {
  return `the server's SETTINGS have arrived: it accepts ${pair === undefined ? 'us without a' : 'the'} certificate`;
}
