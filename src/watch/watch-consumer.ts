import type { Clock } from '../clock.ts';
import { type ProbeReport, type Proof, proveAgain, proveCandidate } from '../probe/index.ts';
import type { Consumer, OpenOutcome, OpenRequest, Retirement } from '../rotation/index.ts';
import type { ProofGate } from './proof-gate.ts';
import type { ReadSecret } from './secret-files.ts';
import { targetOf, unknownNamespaces, type WatchSpec } from './watch-spec.ts';

/** What stays of a proof: how the server answered. No connection stays open. */
export interface Proven {
  readonly report: ProbeReport;
}

export interface WatchConsumerOptions {
  readonly gate: ProofGate;
  readonly readSecret: ReadSecret;
  /** For one probe, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly userAgent?: string | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Uses identities by proving them, and in no other way: what a rotation calls the identity in use is the one that the
 * server accepted last.
 */
export class WatchConsumer implements Consumer<Proven> {
  readonly #spec: WatchSpec;
  readonly #options: WatchConsumerOptions;
  #tried: string | undefined;

  constructor(spec: WatchSpec, options: WatchConsumerOptions) {
    this.#spec = spec;
    this.#options = options;
  }

  async open(request: OpenRequest<Proven>): Promise<OpenOutcome<Proven>> {
    const { identity, purpose, signal } = request;
    const isNew = purpose === 'candidate' && identity.pair.id !== this.#tried;
    const turn = { urgent: isNew, server: this.#spec.target.address };
    const proof = await this.#options.gate.run(turn, signal, () => {
      this.#tried = identity.pair.id;
      return this.#prove(request);
    });
    const { verdict, report, warnings } = proof;
    if (verdict === 'accepted') {
      const unknown = unknownNamespaces(report).map((name) => `The server has no Namespace ${name}.`);
      return { verdict, session: { report }, warnings: [...warnings, ...unknown] };
    }
    const error = proof.error ?? report.failure;
    if (error === undefined) throw new TypeError('a proof that failed says why');
    return { verdict, error };
  }

  activate(): void {
    // Nothing uses it.
  }

  async retire(): Promise<Retirement> {
    return { callsCut: 0 }; // nothing is open
  }

  async #prove({ identity, current, purpose, signal }: OpenRequest<Proven>): Promise<Proof> {
    const { readSecret, timeoutMs, userAgent, clock } = this.#options;
    const { pair } = identity;
    const target = await targetOf(this.#spec, pair.trustPem, readSecret, { signal, timeoutMs, clock });
    const options = { signal, timeoutMs, clock, ...(userAgent === undefined ? {} : { userAgent }) };
    const inUse = current && { pair: current.identity.pair, baseline: current.session.report };
    return purpose === 'remake' && inUse !== undefined
      ? await proveAgain(target, inUse, options)
      : await proveCandidate(target, pair, inUse, options);
  }
}
