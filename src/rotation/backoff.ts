/** How failed attempts are spaced. */
export interface BackoffOptions {
  /** The first wait in milliseconds. Default: 500. */
  readonly firstMs: number;
  /** The longest wait in milliseconds, before jitter. Default: 30,000. */
  readonly maxMs: number;
  /** Each wait is longer or shorter by up to this share, so that many Workers do not retry in step. Default: 0.2. */
  readonly jitter: number;
}

export const DEFAULT_BACKOFF: BackoffOptions = Object.freeze({ firstMs: 500, maxMs: 30_000, jitter: 0.2 });

/**
 * The wait after the `failures`-th failure in a row, in milliseconds: 0.5 s, 1 s, 2 s, 4 s, 8 s, 16 s, 30 s, 30 s …
 * by default, each ±20 %.
 *
 * @param random a number in [0, 1)
 */
export function backoffMs(failures: number, random: number, options: BackoffOptions = DEFAULT_BACKOFF): number {
  const { firstMs, maxMs, jitter } = options;
  const base = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(base * (1 + jitter * (2 * random - 1)));
}
