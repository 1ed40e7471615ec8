/** Tells each of `values` with 1 for the one that holds and 0 for the others, so that none of the series has gaps. */
export function setFlags<Value extends string>(
  values: readonly Value[],
  holds: Value | undefined,
  set: (value: Value, flag: 0 | 1) => void,
): void {
  for (const value of values) set(value, value === holds ? 1 : 0);
}
