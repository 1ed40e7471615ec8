import { RoteyError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import { formatAddress, parseAddress, proveCandidate } from '../probe/index.ts';
import { noPair, type PairSummary, summarizePair } from '../rotation/index.ts';
import { watchFiles } from '../source/index.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { ProofGate } from './proof-gate.ts';
import type { WatchConsumerOptions } from './watch-consumer.ts';
import { DEFAULT_PROOFS_AT_ONCE, targetOf, unknownNamespaces, type WatchSpec } from './watch-spec.ts';

/**
 * `accepted`: the server accepts the certificate, and every call. `denied`: it accepts the certificate, and denies a call or does not
 * have the Namespace.
 * `refused`: it does not accept the certificate. `unusable`: what is on disk is no pair. `unobtainable`: nothing is known.
 */
export type OnceVerdict = 'accepted' | 'denied' | 'refused' | 'unusable' | 'unobtainable';

export interface OnceResult {
  readonly name: string;
  /** `host:port` */
  readonly address: string;
  readonly verdict: OnceVerdict;
  /** Undefined when there is none that can be used. */
  readonly pair: PairSummary | undefined;
  /** Undefined when it is accepted. */
  readonly error: RoteyError | undefined;
}

export interface ProveOnceOptions extends Omit<WatchConsumerOptions, 'gate'> {
  readonly proofsAtOnce?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Proves each pair once, with nothing to compare it with: a call that is denied is a problem here. Answers in the order
 * of the specs.
 *
 * @throws the signal's reason, at once, when it aborts
 */
export async function proveOnce(
  specs: readonly WatchSpec[],
  { proofsAtOnce = DEFAULT_PROOFS_AT_ONCE, ...options }: ProveOnceOptions,
): Promise<readonly OnceResult[]> {
  const gate = new ProofGate(proofsAtOnce);
  // Files are read without a signal: a mount that does not answer must not hold up an interrupt.
  return await unlessAborted(Promise.all(specs.map((spec) => prove(spec, gate, options))), options.signal);
}

async function prove(
  spec: WatchSpec,
  gate: ProofGate,
  options: Omit<ProveOnceOptions, 'proofsAtOnce'>,
): Promise<OnceResult> {
  const { name, certPath, keyPath, caPath, passphrase } = spec;
  const subject = { name, address: formatAddress(parseAddress(spec.target.address)) };
  const source = await watchFiles({ certPath, keyPath, caPath, passphrase, watch: false, clock: options.clock });
  try {
    const { current } = source;
    if (current === undefined) return { ...subject, verdict: 'unusable', pair: undefined, error: noPair(source) };
    const pair = summarizePair(current);
    const outcome = await gate.run({ urgent: true, server: subject.address }, options.signal, () =>
      provePair(spec, current, options),
    );
    return { ...subject, pair, ...outcome };
  } finally {
    await source.close();
  }
}

async function provePair(
  spec: WatchSpec,
  pair: Pair,
  { readSecret, signal, timeoutMs, clock, userAgent }: Omit<ProveOnceOptions, 'proofsAtOnce'>,
): Promise<Pick<OnceResult, 'verdict' | 'error'>> {
  try {
    const target = await targetOf(spec, pair.trustPem, readSecret, { signal, timeoutMs, clock });
    const limits = { signal, timeoutMs, clock, ...(userAgent === undefined ? {} : { userAgent }) };
    const { verdict, report, error } = await proveCandidate(target, pair, undefined, limits);
    if (verdict !== 'accepted') return { verdict, error: error ?? report.failure };
    if (report.outcome === 'denied') return { verdict: 'denied', error: report.failure };
    const [unknown] = unknownNamespaces(report);
    return unknown === undefined ? { verdict, error: undefined } : { verdict: 'denied', error: noNamespace(unknown) };
  } catch (error) {
    if (signal.aborted || !(error instanceof RoteyError)) throw error;
    return { verdict: 'unusable', error }; // the file of the API key
  }
}

function noNamespace(name: string): RoteyError {
  return new RoteyError('ROTEY_CONFIG_INVALID', `The server has no Namespace ${name}.`, {
    hint: 'Correct the name, or the address: on Temporal Cloud each Namespace has its own.',
  });
}
