import type { RoteyError } from '../errors.ts';
import type { CertificateFacts, Pair } from '../identity/index.ts';
import type { OtherProtocol, ProbeReport } from '../probe/index.ts';
import type { CauseCode } from './causes.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import type { Presented } from './presented.ts';
import type { CheckSubject } from './subject.ts';

/** All that is known when a cause is to be named. */
export interface Evidence {
  readonly subject: CheckSubject;
  /** The host that is dialled. */
  readonly host: string;
  /** The name for SNI and for the server's certificate. */
  readonly serverName: string;
  readonly pair: Pair | undefined;
  /** The given CA bundle; empty for the system's roots. */
  readonly trust: readonly CertificateFacts[];
  /** CA certificates that stand beside the pair and are trusted for nothing. */
  readonly nearby: readonly CertificateFacts[];
  readonly report: ProbeReport;
  /** What the server shows to anybody; undefined when nobody looked. */
  readonly presented: Presented | undefined;
  /** The same probe without our certificate, where that tells something. */
  readonly without: ProbeReport | undefined;
  /** The same probe with the system's roots instead of the given bundle, where that tells something. */
  readonly withSystemRoots: ProbeReport | undefined;
  readonly nowMs: number;
}

/** A cause, and what was seen. */
export interface Diagnosis {
  readonly code: CauseCode;
  readonly message: string;
}

export function found(code: CauseCode, message: string): Diagnosis {
  return { code, message };
}

/** Facts that the probe put into an error's context. */
export function contextOf(error: RoteyError | undefined): {
  readonly alert: number | undefined;
  readonly errorCode: string;
  readonly certificate: string;
  readonly httpStatus: number | undefined;
  readonly step: string;
  readonly speaks: OtherProtocol | undefined;
} {
  const context = error?.context ?? {};
  const number = (name: string): number | undefined => {
    const value = context[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const text = (name: string): string => (typeof context[name] === 'string' ? context[name] : '');
  return {
    alert: number('alert'),
    errorCode: text('errorCode'),
    certificate: text('certificate'),
    httpStatus: number('httpStatus'),
    step: text('step'),
    speaks: PROTOCOLS.find((protocol) => protocol === context['speaks']),
  };
}

const PROTOCOLS: readonly OtherProtocol[] = ['http/1', 'http/2', 'unknown'];

/** The kind of endpoint that is meant: by the server name, which is what counts behind a private address. */
export function meantEndpoint({ serverName, host }: Pick<Evidence, 'serverName' | 'host'>): Endpoint {
  const byName = endpointOf(serverName);
  return byName === 'other' ? endpointOf(host) : byName;
}

/** The names of CAs that the server asks for; undefined where it names none or nobody could look. */
export function askedAuthorities({ presented }: Evidence): readonly string[] | undefined {
  if (presented?.kind !== 'presented' || presented.authorities.length === 0) return undefined;
  return presented.authorities;
}
