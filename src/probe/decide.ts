/**
 * The decision of the differential proof, without any I/O: a candidate may do no worse than the identity in use on the
 * same calls. TLS acceptance is not Namespace acceptance, and core-based Workers shut down when a poll is answered
 * PERMISSION_DENIED, so wherever it is unclear, holding the candidate is the safe side.
 *
 * @module
 */
import { RoteyError } from '../errors.ts';
import { meaningOf } from './grpc-status.ts';
import { type CallReport, callName, type ProbeReport } from './report.ts';

/**
 * - `accepted`: use it.
 * - `refused`: the server does not want it, or wants it less than the one in use. Hold it until it or the server changes.
 * - `unobtainable`: nothing is known; keep what is in use and try again.
 */
export type ProofVerdict = 'accepted' | 'refused' | 'unobtainable';

/** What is known so far. */
export interface Evidence {
  readonly candidate: ProbeReport;
  /** How often the candidate was probed; {@link candidate} is the last report. */
  readonly attempts: number;
  /** Whether there is an identity in use to compare with. */
  readonly hasCurrent: boolean;
  /** The report of probing the identity in use now, if that was done. */
  readonly control?: ProbeReport | undefined;
  /** The report by which the identity in use was once adopted, if it is remembered. */
  readonly baseline?: ProbeReport | undefined;
}

/** The next thing to do: gather more evidence, or conclude. */
export type Advice =
  | { readonly next: 'probe-current' }
  | { readonly next: 'probe-again' }
  | {
      readonly next: 'conclude';
      readonly verdict: ProofVerdict;
      readonly warnings: readonly string[];
      /** Present unless the verdict is `accepted`. */
      readonly error?: RoteyError;
    };

/**
 * Says what the evidence means. Asks for the current identity only where it makes a difference, and for a second look at a
 * candidate whose connection was closed without a word: one reset in a busy network must not condemn a certificate.
 * Never asks for more than three probes.
 */
export function decide(evidence: Evidence): Advice {
  const { candidate } = evidence;
  switch (candidate.outcome) {
    case 'accepted':
      return accepted([]);
    case 'refused':
      return conclude('refused', candidate.failure);
    case 'unobtainable':
      return conclude('unobtainable', candidate.failure);
    case 'ambiguous':
      return decideAmbiguous(evidence);
    case 'denied':
      return decideDenied(evidence);
  }
}

function decideAmbiguous({ candidate, control, hasCurrent, attempts }: Evidence): Advice {
  if (!hasCurrent) return conclude('unobtainable', candidate.failure);
  if (control === undefined) return { next: 'probe-current' };
  if (control.outcome !== 'accepted' && control.outcome !== 'denied') {
    return conclude('unobtainable', candidate.failure);
  }
  if (attempts < 2) return { next: 'probe-again' };
  const message =
    'The server closes the connection right after it was shown this certificate, again and again, ' +
    'while it accepts the certificate in use at the same time.';
  return conclude(
    'refused',
    new RoteyError('ROTEY_CERTIFICATE_REFUSED', message, {
      cause: candidate.failure,
      hint: "The server's log says why it refuses the certificate.",
      context: { ...candidate.failure?.context },
    }),
  );
}

function decideDenied({ candidate, control, baseline, hasCurrent }: Evidence): Advice {
  if (hasCurrent && control === undefined) return { next: 'probe-current' };
  const warnings: string[] = [];
  let held: CallReport | undefined;
  for (const call of candidate.calls) {
    if (meaningOf(call.status) !== 'denied') continue;
    const standing = compare(call, control, baseline);
    if (standing === 'worse') return conclude('refused', deniedError(call, candidate));
    if (standing === 'unknown') held ??= call;
    else warnings.push(warningOf(call, standing));
  }
  if (held !== undefined) return conclude('unobtainable', heldError(held, candidate, control));
  const failed = candidate.calls.some(({ status }) => meaningOf(status) === 'unobtainable');
  return failed ? conclude('unobtainable', candidate.failure) : accepted(warnings);
}

/** How a denial of the candidate compares with what the identity in use gets for the same call. */
type Standing = 'nothing-to-compare' | 'denied-now' | 'denied-at-adoption' | 'worse' | 'unknown';

function compare(call: CallReport, control: ProbeReport | undefined, baseline: ProbeReport | undefined): Standing {
  if (control === undefined) return 'nothing-to-compare';
  const now = meaningFor(call, control);
  if (now === 'answered') return 'worse';
  if (now === 'denied') return 'denied-now';
  if (baseline !== undefined && meaningFor(call, baseline) === 'denied') return 'denied-at-adoption';
  return control.outcome === 'refused' ? 'worse' : 'unknown';
}

function meaningFor({ method, namespace }: CallReport, report: ProbeReport): ReturnType<typeof meaningOf> {
  const same = report.calls.find((other) => other.method === method && other.namespace === namespace);
  return same === undefined ? 'unobtainable' : meaningOf(same.status);
}

function warningOf(call: CallReport, standing: Standing): string {
  const said = `${callName(call)} is answered ${call.status}`;
  if (standing === 'denied-now') return `${said}, as it is for the certificate in use.`;
  if (standing === 'denied-at-adoption') return `${said}, as it was for the certificate in use when that was adopted.`;
  return `${said}; no certificate is in use to compare with.`;
}

function deniedError(call: CallReport, candidate: ProbeReport): RoteyError {
  return new RoteyError(
    'ROTEY_RPC_DENIED',
    `The server answers ${callName(call)} with ${call.status} for the new certificate, but not for the one in use.`,
    {
      cause: candidate.failure,
      hint: "Compare subject and names of both certificates with the Namespace's certificate filters or the server's rules.",
      context: { ...candidate.failure?.context },
    },
  );
}

function heldError(call: CallReport, candidate: ProbeReport, control: ProbeReport | undefined): RoteyError {
  const why = control?.failure === undefined ? '' : ` (${control.failure.message})`;
  return new RoteyError(
    'ROTEY_RPC_DENIED',
    `The server answers ${callName(call)} with ${call.status} for the new certificate, and what it answers for the one in use cannot be found out now${why}.`,
    {
      cause: candidate.failure,
      hint: 'The certificate in use is kept; the comparison is tried again.',
      retryable: true,
      context: { ...candidate.failure?.context },
    },
  );
}

function accepted(warnings: readonly string[]): Advice {
  return { next: 'conclude', verdict: 'accepted', warnings };
}

function conclude(verdict: 'refused' | 'unobtainable', error: RoteyError | undefined): Advice {
  return { next: 'conclude', verdict, warnings: [], ...(error === undefined ? {} : { error }) };
}
