/**
 * The closed list of causes that a check tells apart. docs/reference/check-causes.md is made from it.
 *
 * @module
 */
import { CALL_CAUSES } from './call-causes.ts';
import type { CauseKind } from './cause.ts';
import { CERTIFICATE_CAUSES } from './certificate-causes.ts';
import { FILE_CAUSES } from './file-causes.ts';
import { NETWORK_CAUSES } from './network-causes.ts';
import { TLS_CAUSES } from './tls-causes.ts';

const ALL = {
  ...FILE_CAUSES,
  ...NETWORK_CAUSES,
  ...TLS_CAUSES,
  ...CERTIFICATE_CAUSES,
  ...CALL_CAUSES,
} as const;

/**
 * Stable. Where rotey has an error of the same meaning (docs/reference/errors.md), it is that code; the others begin with
 * `ROTEY_CHECK_`. A code never changes its meaning; new ones may be added in a minor release.
 */
export type CauseCode = keyof typeof ALL;

/** Every cause, in the order of the steps. */
export const CAUSES: Readonly<Record<CauseCode, CauseKind>> = Object.freeze(ALL);

export const CAUSE_CODES: readonly CauseCode[] = Object.freeze(Object.keys(ALL) as CauseCode[]); // its own keys

/** Whether an error's code is one of a cause. */
export function isCauseCode(code: string): code is CauseCode {
  return Object.hasOwn(CAUSES, code);
}
