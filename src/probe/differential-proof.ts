import type { RoteyError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import { type Advice, decide, type Evidence, type ProofVerdict } from './decide.ts';
import { type ProbeOptions, probe } from './probe.ts';
import type { ProbeReport } from './report.ts';
import type { ProbeTarget } from './target.ts';

/** The identity in use, to compare a candidate with. */
export interface CurrentIdentity {
  readonly pair: Pair;
  /** The {@link Proof.report} by which it was adopted; answers for it when it can no longer be asked (it may have expired). */
  readonly baseline?: ProbeReport | undefined;
}

export interface ProveOptions extends ProbeOptions {
  /** For each probe, in milliseconds; a proof takes at most three. Default: {@link DEFAULT_PROBE_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
}

export interface Proof {
  readonly verdict: ProofVerdict;
  /** The (last) report of the candidate. */
  readonly report: ProbeReport;
  /** The report of the identity in use, where the verdict needed one. */
  readonly control?: ProbeReport;
  /** What an accepted candidate is denied all the same, for people. */
  readonly warnings: readonly string[];
  /** Why the verdict is not `accepted`. */
  readonly error?: RoteyError;
}

/**
 * Proves a candidate against the identity in use: the candidate may do no worse on the same calls. The rules are in
 * {@link decide}. Nothing is changed anywhere; calling it again is safe at any time.
 *
 * Takes one probe where the candidate is accepted, refused by TLS or the server cannot be reached, and at most three
 * otherwise: so at most three times `timeoutMs`.
 *
 * @param current undefined at the start, when nothing is in use: then what the server denies is a warning only.
 * @throws the signal's reason, at once, when it aborts.
 */
export async function proveCandidate(
  target: ProbeTarget,
  candidate: Pair,
  current: CurrentIdentity | undefined,
  options: ProveOptions = {},
): Promise<Proof> {
  let evidence: Evidence = {
    candidate: await probe(target, candidate, options),
    attempts: 1,
    hasCurrent: current !== undefined,
    baseline: current?.baseline,
  };
  for (;;) {
    const advice = decide(evidence);
    if (advice.next === 'conclude') return conclusion(advice, evidence);
    evidence =
      advice.next === 'probe-current'
        ? { ...evidence, control: await probe(target, current?.pair, options) }
        : { ...evidence, candidate: await probe(target, candidate, options), attempts: evidence.attempts + 1 };
  }
}

function conclusion({ verdict, warnings, error }: Advice & { next: 'conclude' }, evidence: Evidence): Proof {
  return Object.freeze({
    verdict,
    report: evidence.candidate,
    ...(evidence.control === undefined ? {} : { control: evidence.control }),
    warnings,
    ...(error === undefined ? {} : { error }),
  });
}
