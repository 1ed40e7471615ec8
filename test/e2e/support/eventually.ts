import { systemClock } from '../../../src/clock.ts';

/** For what announces itself by no event: looks every 10 ms, and fails when it is not so in time. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  { timeoutMs = 10_000 }: { timeoutMs?: number } = {},
): Promise<void> {
  const deadline = systemClock.monotonic() + timeoutMs;
  while (!(await isSo())) {
    if (systemClock.monotonic() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}.`);
    await systemClock.sleep(10, { ref: true });
  }
}
