/** A hundred years: no process lives as long, and a time so far away can still be shown as a date. */
const LONGEST_MS = 100 * 365 * 24 * 60 * 60 * 1000;

/**
 * Passes a duration in milliseconds through. One that is none would show only when something is due, or as a status that
 * cannot be written (no date is infinitely far away).
 *
 * @throws {RangeError} when it is less than `leastMs` (default 0), no number, or longer than a hundred years
 */
export function requireDuration(name: string, ms: number, leastMs = 0): number {
  if (ms >= leastMs && ms <= LONGEST_MS) return ms;
  throw new RangeError(`${name} must be between ${leastMs} and ${LONGEST_MS} milliseconds, got ${ms}`);
}
