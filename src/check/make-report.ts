import type { CertificateFacts, Finding, Pair } from '../identity/index.ts';
import { describeTime } from '../identity/index.ts';
import type { ServerCertificate } from '../probe/index.ts';
import { CAUSES } from './causes.ts';
import type {
  CheckedIdentity,
  CheckedServer,
  CheckedServerCertificate,
  CheckedTarget,
  CheckReport,
  CheckStep,
  FoundCause,
} from './check-report.ts';
import type { Diagnosis, Evidence } from './evidence.ts';
import { namesOf } from './investigate.ts';
import type { CheckSubject } from './subject.ts';

interface Found {
  readonly subject: CheckSubject;
  readonly checkedAtMs: number;
  readonly steps: readonly CheckStep[];
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis | undefined;
  /** Undefined when it ended before anybody was asked. */
  readonly evidence?: Evidence;
}

/** Puts together what was found. Copies facts one by one, so that no secret gets in with an object. */
export function makeReport({ subject, checkedAtMs, steps, findings, diagnosis, evidence }: Found): CheckReport {
  const cause = diagnosis === undefined ? undefined : foundCause(diagnosis, steps);
  return Object.freeze({
    schema: 1,
    checkedAt: new Date(checkedAtMs).toISOString(),
    result: diagnosis === undefined ? 'good' : CAUSES[diagnosis.code].result,
    target: targetOf(subject),
    ...(evidence?.pair === undefined ? {} : { identity: identityOf(evidence.pair) }),
    steps: steps.map((step) => (step.result === 'failed' && step.detail === '' ? explained(step, cause) : step)),
    findings,
    ...(cause === undefined ? {} : { cause }),
    server: evidence === undefined ? {} : serverOf(evidence),
    calls: evidence?.report.calls ?? [],
  });
}

function explained(step: CheckStep, cause: FoundCause | undefined): CheckStep {
  return { ...step, detail: cause?.title ?? '' };
}

function foundCause({ code, message }: Diagnosis, steps: readonly CheckStep[]): FoundCause {
  const { step, title, perhaps, remedy } = CAUSES[code];
  // Some causes turn up in another step than usual: a limit of requests in DescribeNamespace.
  const failed = steps.find(({ result }) => result === 'failed')?.name;
  return { code, step: failed ?? step, title, message, perhaps, remedy };
}

function targetOf(subject: CheckSubject): CheckedTarget {
  const { address, namespace, httpConnectProxy, trust, certificate, apiKey } = subject;
  return {
    address,
    namespace,
    serverName: namesOf(subject).serverName,
    ...(httpConnectProxy === undefined ? {} : { httpProxy: httpConnectProxy.targetHost }),
    trust: trust === undefined ? 'system' : 'bundle',
    credentials: [
      ...(certificate === undefined ? [] : (['certificate'] as const)),
      ...(apiKey === undefined ? [] : (['api-key'] as const)),
    ],
  };
}

function identityOf({ leaf, chain }: Pair): CheckedIdentity {
  const { subject, issuer, serial, sha1, sha256, sans } = leaf;
  return {
    ...{ subject, issuer, serial, sha1, sha256, sans },
    notBefore: describeTime(leaf.notBeforeMs),
    notAfter: describeTime(leaf.notAfterMs),
    chain: chain.map((facts) => facts.subject),
  };
}

function serverOf({ report, presented }: Evidence): CheckedServer {
  const { tls, serverCertificate: certificate, serverVersion } = report;
  const shown = presented?.kind === 'presented' ? presented : undefined;
  const { protocol, alpn } = tls ?? shown ?? {};
  return {
    ...(serverVersion === undefined ? {} : { version: serverVersion }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(tls === undefined ? {} : { cipher: tls.cipher }),
    ...(alpn === undefined ? {} : { alpn }),
    ...(tls?.trustAnchor === undefined ? {} : { trustedBy: tls.trustAnchor }),
    ...(certificate === undefined ? {} : { certificate: serverCertificateOf(certificate) }),
    ...(shown === undefined
      ? {}
      : {
          chain: shown.chain.map(subjectOf),
          asksForCertificate: shown.asksForCertificate,
          ...(shown.asksForCertificate ? { acceptedAuthorities: shown.authorities } : {}),
        }),
  };
}

function subjectOf(facts: CertificateFacts | undefined): string {
  return facts?.subject ?? '(unreadable)';
}

function serverCertificateOf({ notBeforeMs, notAfterMs, ...rest }: ServerCertificate): CheckedServerCertificate {
  return { ...rest, notBefore: describeTime(notBeforeMs), notAfter: describeTime(notAfterMs) };
}
