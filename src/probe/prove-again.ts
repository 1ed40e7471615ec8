import { RoteyError } from '../errors.ts';
import type { CurrentIdentity, Proof, ProveOptions } from './differential-proof.ts';
import { meaningOf } from './grpc-status.ts';
import { probe } from './probe.ts';
import { type CallReport, callName, type ProbeReport } from './report.ts';
import type { ProbeTarget } from './target.ts';

/**
 * Finds out whether the server still accepts an identity that it has accepted before. There is nothing to compare with
 * but how it answered then ({@link CurrentIdentity.baseline}): a call that was answered and is denied now makes the identity
 * `refused`; one that was denied then as well is a warning. Without a baseline every denial is one.
 *
 * A connection that is closed without a word is looked at a second time, and stays `unobtainable`: nothing else tells
 * the certificate from the network. So it takes at most twice `timeoutMs`.
 *
 * @throws the signal's reason, at once, when it aborts.
 */
export async function proveAgain(
  target: ProbeTarget,
  { pair, baseline }: CurrentIdentity,
  options: ProveOptions = {},
): Promise<Proof> {
  let report = await probe(target, pair, options);
  if (report.outcome === 'ambiguous') report = await probe(target, pair, options);
  if (report.outcome === 'accepted') return conclude('accepted', report);
  if (report.outcome === 'denied') return judgeDenied(report, baseline);
  return conclude(report.outcome === 'refused' ? 'refused' : 'unobtainable', report, [], report.failure);
}

function judgeDenied(report: ProbeReport, baseline: ProbeReport | undefined): Proof {
  const warnings: string[] = [];
  for (const call of report.calls) {
    if (meaningOf(call.status) !== 'denied') continue;
    if (baseline !== undefined && meaningThen(call, baseline) === 'answered') {
      return conclude('refused', report, [], deniedNow(call, report));
    }
    warnings.push(`${callName(call)} is answered ${call.status}, and was not allowed before either.`);
  }
  const failed = report.calls.some(({ status }) => meaningOf(status) === 'unobtainable');
  return failed ? conclude('unobtainable', report, [], report.failure) : conclude('accepted', report, warnings);
}

function meaningThen({ method, namespace }: CallReport, baseline: ProbeReport): ReturnType<typeof meaningOf> {
  const then = baseline.calls.find((other) => other.method === method && other.namespace === namespace);
  return then === undefined ? 'unobtainable' : meaningOf(then.status);
}

function deniedNow(call: CallReport, report: ProbeReport): RoteyError {
  return new RoteyError(
    'ROTEY_RPC_DENIED',
    `The server answers ${callName(call)} with ${call.status}, which it allowed before with the same certificate.`,
    {
      cause: report.failure,
      hint: "Find out what has changed: the Namespace's certificate filters, the server's rules, or the API key.",
      context: { ...report.failure?.context },
    },
  );
}

function conclude(
  verdict: Proof['verdict'],
  report: ProbeReport,
  warnings: readonly string[] = [],
  error?: RoteyError,
): Proof {
  return Object.freeze({ verdict, report, warnings, ...(error === undefined ? {} : { error }) });
}
