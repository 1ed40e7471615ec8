import { type Finding, type FindingCode, type FindingRules, judge, type Observation } from './findings.ts';
import { observeAlgorithms } from './observe-algorithms.ts';
import { observeChain } from './observe-chain.ts';
import { observeLeaf } from './observe-leaf.ts';
import { observeReading, type ReadingNotes } from './observe-reading.ts';
import { observeEnds, observeValidity } from './observe-validity.ts';
import type { CertificatePath } from './pair.ts';

export interface InspectPathOptions {
  /** The present moment in milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** Default: `server`, see {@link InspectOptions.rules}. */
  readonly rules?: FindingRules | undefined;
  /** What the leaf is for. Of a server's, nothing is said that concerns clients only. Default: `client`. */
  readonly role?: 'client' | 'server' | undefined;
  /** What reading the leaf came across. Default: nothing. */
  readonly notes?: ReadingNotes | undefined;
  /** A certificate that ends within this time, in milliseconds, is an error. Default: none is asked for. */
  readonly expiresWithinMs?: number | undefined;
}

/** Everything worth knowing about a leaf and its issuers whose key is not at hand. Pure. */
export function inspectPath(path: CertificatePath, options: InspectPathOptions): readonly Finding[] {
  const { nowMs, rules = 'server', role = 'client', notes, expiresWithinMs } = options;
  const observations = [
    ...(notes === undefined ? [] : observeReading(notes)),
    ...(expiresWithinMs === undefined ? [] : observeEnds(path, nowMs, expiresWithinMs)),
    ...observePath(path, nowMs, rules),
  ];
  return judge(role === 'client' ? observations : observations.filter(({ code }) => !OF_CLIENTS.has(code)), rules);
}

/** What the certificates of a path say: time, leaf, keys and signatures, chain, in this order. */
export function observePath(path: CertificatePath, nowMs: number, rules: FindingRules): readonly Observation[] {
  return [
    ...observeValidity(path[0], nowMs),
    ...observeLeaf(path[0]),
    ...observeAlgorithms(path, rules),
    ...observeChain(path, nowMs),
  ];
}

/** Findings that are about what a Temporal server minds in a client, or that name it as the one that verifies. */
const OF_CLIENTS: ReadonlySet<FindingCode> = new Set([
  'ROTEY_FINDING_LEAF_IS_CA',
  'ROTEY_FINDING_BASIC_CONSTRAINTS_ABSENT',
  'ROTEY_FINDING_KEY_USAGE_ABSENT',
  'ROTEY_FINDING_NO_DIGITAL_SIGNATURE',
  'ROTEY_FINDING_NO_CLIENT_AUTH',
  'ROTEY_FINDING_SELF_SIGNED',
  'ROTEY_FINDING_KEY_EDWARDS',
  'ROTEY_FINDING_KEY_TYPE_UNUSUAL',
  'ROTEY_FINDING_CHAIN_INCOMPLETE',
]);
