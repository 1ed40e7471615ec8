import type { Clock } from '../clock.ts';
import type { RoteyError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { PairSource } from '../source/index.ts';
import type { BackoffOptions } from './backoff.ts';
import type { Consumer } from './consumer.ts';
import type { HoldReason } from './plan.ts';

/** Default of {@link RotationOptions.drainCapMs}: a Temporal long poll takes up to 70 s. */
export const DEFAULT_DRAIN_CAP_MS = 75_000;

export interface RotationOptions<Session> {
  readonly source: PairSource;
  readonly consumer: Consumer<Session>;
  /** A session that exists already and serves; without it, `startRotation` opens the first. */
  readonly initial?: { readonly pair: Pair; readonly session: Session } | undefined;
  /** `observe`: every new pair is proven, none is used. Default: `rotate`. */
  readonly mode?: 'rotate' | 'observe' | undefined;
  /** The kill switch: stay on the current identity. Default: false. */
  readonly frozen?: boolean | undefined;
  /** With no usable pair or no server at the start: keep trying instead of failing. Default: false. */
  readonly waitForFirst?: boolean | undefined;
  /** How long an old session may take to finish its calls. Default: {@link DEFAULT_DRAIN_CAP_MS}. */
  readonly drainCapMs?: number | undefined;
  /** How many sessions may drain at once; beyond that the oldest is closed. Default: 4. */
  readonly maxDraining?: number | undefined;
  /** After this an attempt is aborted. Default: 60,000: three probes, an earlier connect and this one, 10 s each, and room. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly backoff?: BackoffOptions | undefined;
  readonly clock?: Clock | undefined;
  /** For jitter: a number in [0, 1). Default: Math.random. */
  readonly random?: (() => number) | undefined;
  /** Stops at once: no attempt goes on, nothing drains. A session that was handed in as `initial` stays open. */
  readonly signal?: AbortSignal | undefined;
}

export interface CloseOptions {
  /** How long calls may go on, in milliseconds. Default: the drain cap; 0 closes everything at once. */
  readonly graceMs?: number;
  /** Leave the session in use alone: whoever owns it goes on with it, and nothing rotates any more. Default: false. */
  readonly keepCurrent?: boolean;
}

/** How a `rotateNow` ended. */
export type RotateNowResult =
  | { readonly outcome: 'rotated'; readonly generation: number }
  | { readonly outcome: 'rehearsed' }
  | { readonly outcome: 'held'; readonly reason: HoldReason }
  | { readonly outcome: 'refused' | 'unobtainable' | 'superseded'; readonly error: RoteyError };
