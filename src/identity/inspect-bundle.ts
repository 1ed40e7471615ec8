import { type Finding, type FindingRules, judge } from './findings.ts';
import { observeBundle } from './observe-bundle.ts';
import { observeEnds } from './observe-validity.ts';
import type { CaBundle } from './read-bundle.ts';

export interface InspectBundleOptions {
  /** The present moment in milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** `cloud`: what Temporal Cloud documents that it refuses is an error. Default: `server`. */
  readonly rules?: FindingRules | undefined;
  /** SHA-256 fingerprints (lower-case hex) of well-known public CAs. Default: none is known, so none is reported. */
  readonly publicRoots?: ReadonlySet<string> | undefined;
  /** A CA that ends within this time, in milliseconds, is an error. Default: none is asked for. */
  readonly expiresWithinMs?: number | undefined;
}

/**
 * Everything worth knowing about a bundle of client CAs at a moment. Pure.
 *
 * The order is fixed: a time that was asked for, then what each certificate says in their order, then the bundle.
 */
export function inspectBundle(bundle: CaBundle, options: InspectBundleOptions): readonly Finding[] {
  const { nowMs, rules = 'server', publicRoots = new Set(), expiresWithinMs } = options;
  const ends =
    expiresWithinMs === undefined
      ? []
      : bundle.certificates.flatMap((facts) =>
          observeEnds([facts], nowMs, expiresWithinMs).map((end) => ({ ...end, certificate: facts.sha256 })),
        );
  return judge([...ends, ...observeBundle(bundle, { nowMs, rules, publicRoots })], rules);
}
