/**
 * Watching pairs and servers for processes that rotey does not touch: each new pair is proven, and what was proven is
 * proven again from time to time. May import observe, identity, source, probe, rotation and what they stand on. Must never
 * write anything, keep a connection open, or know where its settings come from.
 *
 * @module
 */

export { ProofGate } from './proof-gate.ts';
export { type OnceResult, type OnceVerdict, proveOnce } from './prove-once.ts';
export { oneReadAtATime, type ReadSecret } from './secret-files.ts';
export type { Watch } from './watch.ts';
export { startWatchService, type WatchService, type WatchServiceOptions } from './watch-service.ts';
export {
  DEFAULT_PROOFS_AT_ONCE,
  DEFAULT_PROVE_EVERY_MS,
  DEFAULT_WATCH_POLL_MS,
  type WatchSpec,
} from './watch-spec.ts';
export { type SpecChanges, Watches, type WatchesOptions } from './watches.ts';
