import { type Clock, systemClock } from '../clock.ts';
import { RoteyError, type RoteyErrorCode } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import { closeSession, openSession } from './open-session.ts';
import { DeadlineExpired, ProbeScope } from './probe-scope.ts';
import type { CallReport, ProbeReport, ProbeStep, ProbeStepName, ServerCertificate, TlsReport } from './report.ts';
import { StepFailure } from './step-failure.ts';
import { StepLog } from './step-log.ts';
import { type ProbeTarget, resolveTarget } from './target.ts';
import { judgeCalls, makeTemporalCalls } from './temporal-calls.ts';

/** Default of {@link ProbeOptions.timeoutMs}: many times a slow handshake, and short against every certificate's life. */
export const DEFAULT_PROBE_TIMEOUT_MS = 10_000;

export interface ProbeOptions {
  /** Stops the probe now: sockets are destroyed and it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** For all steps together, in milliseconds. Default: {@link DEFAULT_PROBE_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** How rotey introduces itself to the server. Default: `rotey`. */
  readonly userAgent?: string | undefined;
  /** Called after each step, for whoever shows them as they come. Must not throw. */
  readonly onStep?: ((step: ProbeStep) => void) | undefined;
}

/**
 * Opens one TLS + HTTP/2 session with a Temporal frontend, presenting `pair` (or no certificate), makes
 * GetSystemInfo and DescribeNamespace calls on it, closes it, and reports what happened and what it means for the
 * certificate. Nothing is reused from or kept for other probes: no TLS session, no connection, no DNS answer.
 *
 * Does not reject for anything that a network, a server or a certificate can do: that is what the report is for.
 *
 * @throws the signal's reason, at once, when it aborts. A failed probe that ran out of time is a report with one of
 * `ROTEY_CONNECT_TIMEOUT`, `ROTEY_TLS_TIMEOUT`, `ROTEY_HTTP2_TIMEOUT`, `ROTEY_RPC_TIMEOUT`.
 */
export async function probe(
  target: ProbeTarget,
  pair: Pair | undefined,
  { signal, timeoutMs = DEFAULT_PROBE_TIMEOUT_MS, clock = systemClock, userAgent = 'rotey', onStep }: ProbeOptions = {},
): Promise<ProbeReport> {
  if (!(timeoutMs > 0)) throw new RangeError(`timeoutMs must be more than 0, not ${timeoutMs}`);
  signal?.throwIfAborted();
  const scope = new ProbeScope(clock, timeoutMs, signal);
  const log = new StepLog(clock, onStep);
  const found: Findings = { calls: [] };
  try {
    const failure = await takeSteps(scope, log, found, { target, pair, userAgent });
    return report(log, found, failure);
  } catch (error) {
    signal?.throwIfAborted();
    return report(log, found, explain(error, log.current, target.address, timeoutMs));
  } finally {
    scope.dispose();
  }
}

/** What was learnt so far: worth reporting wherever the probe ends. */
interface Findings {
  serverCertificate?: ServerCertificate;
  tls?: TlsReport;
  serverVersion?: string;
  readonly calls: CallReport[];
}

interface Subject {
  readonly target: ProbeTarget;
  readonly pair: Pair | undefined;
  readonly userAgent: string;
}

async function takeSteps(
  scope: ProbeScope,
  log: StepLog,
  found: Findings,
  { target, pair, userAgent }: Subject,
): Promise<StepFailure | undefined> {
  const resolved = await log.take(
    'address',
    () => resolveTarget(target),
    ({ label }) => label,
  );
  const session = await openSession(scope, log, {
    target: resolved,
    pair,
    trustPem: target.trustPem,
    onServerCertificate: (certificate) => {
      found.serverCertificate = certificate;
    },
    onHandshake: (tls) => {
      found.tls = tls;
    },
  });
  await makeTemporalCalls(scope, log, session, {
    target,
    resolved,
    userAgent,
    onCall: (call) => found.calls.push(call),
    onServerVersion: (version) => {
      found.serverVersion = version;
    },
  });
  const failure = judgeCalls(found.calls, resolved.label);
  await closeSession(scope, session).catch(ignoreDeadline);
  return failure;
}

/** The answer is complete: a deadline that passes while saying goodbye does not change it. */
function ignoreDeadline(reason: unknown): void {
  if (!(reason instanceof DeadlineExpired)) throw reason;
}

function report(log: StepLog, { calls, ...found }: Findings, failure: StepFailure | undefined): ProbeReport {
  return Object.freeze({
    outcome: failure?.outcome ?? 'accepted',
    steps: Object.freeze([...log.steps]),
    ...(failure === undefined ? {} : { failure: failure.error }),
    ...found,
    calls: Object.freeze([...calls]),
  });
}

/** How an error of any kind ended a probe in this step. */
export function explain(error: unknown, step: ProbeStepName, address: string, timeoutMs: number): StepFailure {
  if (error instanceof StepFailure) return error;
  const context = { step, address, timeoutMs };
  if (error instanceof RoteyError) return new StepFailure('unobtainable', error);
  const codes = CODES[step];
  if (error instanceof DeadlineExpired) {
    const message = `${address} did not answer within ${timeoutMs} ms: no ${AWAITED[step]}.`;
    const hint = 'Check that the server is running and not overloaded, and that no firewall drops packets.';
    return new StepFailure('unobtainable', new RoteyError(codes.timeout, message, { hint, retryable: true, context }));
  }
  const message = `The probe of ${address} failed unexpectedly: ${error instanceof Error ? error.message : String(error)}.`;
  return new StepFailure('unobtainable', new RoteyError(codes.failure, message, { cause: error, context }));
}

interface StepCodes {
  readonly timeout: RoteyErrorCode;
  readonly failure: RoteyErrorCode;
}

const CONNECT: StepCodes = { timeout: 'ROTEY_CONNECT_TIMEOUT', failure: 'ROTEY_CONNECT_FAILED' };
const RPC: StepCodes = { timeout: 'ROTEY_RPC_TIMEOUT', failure: 'ROTEY_RPC_UNAVAILABLE' };

const CODES: Readonly<Record<ProbeStepName, StepCodes>> = {
  address: CONNECT,
  dns: CONNECT,
  tcp: CONNECT,
  proxy: CONNECT,
  tls: { timeout: 'ROTEY_TLS_TIMEOUT', failure: 'ROTEY_TLS_FAILED' },
  http2: { timeout: 'ROTEY_HTTP2_TIMEOUT', failure: 'ROTEY_HTTP2_FAILED' },
  'system-info': RPC,
  namespace: RPC,
};

const AWAITED: Readonly<Record<ProbeStepName, string>> = {
  address: 'address',
  dns: 'answer of the name service',
  tcp: 'TCP connection',
  proxy: 'answer of the HTTP proxy',
  tls: 'end of the TLS handshake',
  http2: 'HTTP/2 SETTINGS after the TLS handshake',
  'system-info': 'answer to GetSystemInfo',
  namespace: 'answer to DescribeNamespace',
};
