const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/**
 * A duration as people write it, in milliseconds: `250ms`, `5m`, `1.5h`, `1h30m`, `30d`. Units are `ms`, `s`, `m` (minutes),
 * `h` and `d` (24 hours), each at most once and the larger ones first. Case matters, for `M` could mean months.
 *
 * @throws {RangeError} when it is anything else: no unit, a sign, blanks, or more than a number can hold.
 */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(PART)];
  const whole = parts.map(([part]) => part).join('') === text && text !== '';
  const units = parts.map(([, , unit = '']) => UNITS_MS.get(unit) ?? 0);
  const falling = units.every((unit, index) => index === 0 || unit < (units[index - 1] ?? 0));
  const ms = parts.reduce((sum, [, count], index) => sum + Number(count) * (units[index] ?? 0), 0);
  if (whole && falling && ms <= Number.MAX_SAFE_INTEGER) return Math.round(ms);
  throw new RangeError(`Not a duration: ${JSON.stringify(text)}. Write for example 250ms, 90s, 5m, 1h30m or 30d.`);
}

/** The shortest such text: `5m`, `1h30m`; `0s` for nothing. Whole milliseconds. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, unitMs] of [...UNITS_MS].reverse()) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text === '' ? '0s' : text;
}
