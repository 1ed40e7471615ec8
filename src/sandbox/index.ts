/**
 * A local real Temporal Service with an mTLS frontend: for demonstrations, tests and drills (`rotey sandbox`).
 * May import errors, clock, identity and pki. Must never know worker, proxy or agent: it is the other side.
 *
 * @module
 */
export type { BuildOptions } from './build-once.ts';
export type { ActiveRule, CallFilter, DelayRule, RefuseRule } from './call-rules.ts';
export { Journal, type JournalEvents, type WaitOptions } from './journal.ts';
export type { Call, Session } from './observations.ts';
export { type ClientLeafOptions, Sandbox, startSandbox } from './sandbox.ts';
export type { SandboxFiles } from './sandbox-credentials.ts';
export type { SandboxEvents, SandboxOptions } from './sandbox-options.ts';
export type { ServerExit } from './server-process.ts';
export { ensureTemporalCli, ensureTemporalServer } from './temporal-tools.ts';
