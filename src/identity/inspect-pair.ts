import { type Finding, type FindingRules, judge } from './findings.ts';
import { observePath } from './inspect-path.ts';
import { observeTrust } from './observe-trust.ts';
import type { Pair } from './pair.ts';

export interface InspectOptions {
  /** The present moment in milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /**
   * `server`: nothing is an error, because a server accepts what it likes. `cloud`: what Temporal Cloud documents that
   * it refuses is an error. Default: `server`.
   */
  readonly rules?: FindingRules | undefined;
}

/**
 * Everything worth knowing about a pair at a moment: what reading it noticed, and what its certificates say. Pure.
 *
 * The order is fixed: reading, time, leaf, keys and signatures, chain, trust.
 */
export function inspectPair(pair: Pair, { nowMs, rules = 'server' }: InspectOptions): readonly Finding[] {
  const { path } = pair;
  return judge([...pair.findings, ...observePath(path, nowMs, rules), ...observeTrust(pair.trust, path, nowMs)], rules);
}
