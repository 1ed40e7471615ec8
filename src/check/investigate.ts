import type { Clock } from '../clock.ts';
import {
  DEFAULT_PROBE_TIMEOUT_MS,
  type ProbeReport,
  type ProbeStep,
  type ProbeTarget,
  parseAddress,
  probe,
} from '../probe/index.ts';
import type { CheckStep } from './check-report.ts';
import type { Evidence } from './evidence.ts';
import { lookAtServer } from './presented.ts';
import type { Identity } from './read-identity.ts';
import type { CheckSubject } from './subject.ts';

export interface InvestigateOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly userAgent?: string | undefined;
  readonly onStep: (step: CheckStep) => void;
}

/** Probes the server, and looks a second time where that tells more. */
export async function investigate(
  subject: CheckSubject,
  { pair, trust, trustPem, nearby }: Identity,
  { onStep, ...options }: InvestigateOptions,
): Promise<Evidence> {
  const target = targetOf(subject, trustPem);
  const report = await probe(target, pair, { ...options, onStep: (step) => onStep(asCheckStep(step)) });
  const { signal, clock, timeoutMs } = options;
  const presented = isTlsReached(report) ? await lookAtServer(target, { signal, clock }) : undefined;
  const again = { ...options, timeoutMs: Math.min(timeoutMs ?? DEFAULT_PROBE_TIMEOUT_MS, SECOND_LOOK_TIMEOUT_MS) };
  const { host, serverName } = namesOf(subject);
  return {
    subject,
    host,
    serverName,
    pair,
    trust,
    nearby,
    report,
    presented,
    without: tellsWithout(report, pair !== undefined) ? await probe(target, undefined, again) : undefined,
    withSystemRoots: tellsWithSystemRoots(report, trustPem)
      ? await probe({ ...target, trustPem: undefined }, pair, again)
      : undefined,
    nowMs: clock.now(),
  };
}

/** A second look may take less than the first: it only has to tell two causes apart. */
const SECOND_LOOK_TIMEOUT_MS = 5_000;

/** Nothing more is to be seen where no connection stands, or where TLS gets no answer. */
function isTlsReached({ steps, failure }: ProbeReport): boolean {
  return steps.some(({ name }) => name === 'tls') && failure?.code !== 'ROTEY_TLS_TIMEOUT';
}

/** A connection that ended without a word: does it end so for everybody? */
function tellsWithout({ outcome }: ProbeReport, hasPair: boolean): boolean {
  return hasPair && outcome === 'ambiguous';
}

function tellsWithSystemRoots({ failure }: ProbeReport, trustPem: string | undefined): boolean {
  return trustPem !== undefined && failure?.code === 'ROTEY_SERVER_UNTRUSTED';
}

function targetOf(subject: CheckSubject, trustPem: string | undefined): ProbeTarget {
  const { address, namespace, serverName, apiKey, metadata, httpConnectProxy } = subject;
  return { address, serverName, namespaces: [namespace], trustPem, apiKey, metadata, httpConnectProxy };
}

/** The names that count; the address as it stands where it cannot be read. */
export function namesOf({ address, serverName }: CheckSubject): { readonly host: string; readonly serverName: string } {
  try {
    const { host } = parseAddress(address);
    return { host, serverName: serverName ?? host };
  } catch {
    return { host: address, serverName: serverName ?? address };
  }
}

/** An answer such as NOT_FOUND proves the certificate, and is a problem all the same; an old server is none. */
function asCheckStep({ name, ok, ms, detail = '', status = 'OK' }: ProbeStep): CheckStep {
  const old = name === 'system-info' && status === 'UNIMPLEMENTED';
  return { name, result: old ? 'warning' : ok && status === 'OK' ? 'ok' : 'failed', ms, detail };
}
