import type { HoldReason } from './plan.ts';
import type { RotationStatus } from './status.ts';

/** Why a pair that was read is not in use, for people and alarms. */
export type HoldCause = Exclude<HoldReason, 'retry-later'> | 'refused' | 'unobtainable';

/**
 * Why the candidate is not in use. A retry that is being waited for, or is under way, is no reason of its own: what
 * counts is how the last attempt ended. Undefined without a candidate, and for one that is being tried for the first time.
 */
export function heldBecause({ candidate }: Pick<RotationStatus, 'candidate'>): HoldCause | undefined {
  const held = candidate?.held;
  return held === undefined || held === 'retry-later' ? candidate?.verdict : held;
}
