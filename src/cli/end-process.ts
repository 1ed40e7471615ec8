import { systemClock } from '../clock.ts';

/** Requests that one of Node's threads works on: files and names. */
const OF_A_THREAD = /^(?:FSReq|GetAddrInfo|GetNameInfo)/;
const GRACE_MS = 500;
const HELD_MS = 3000;
const LOOK_EVERY_MS = 10;

/**
 * Ends the process with the exit code that is set, although something may never end. `process.exit` waits for Node's threads, and
 * one that reads from a mount that does not answer would hold it for ever, deaf to every further signal. Only a signal
 * ends the process then, and so the one that has asked for it does.
 */
export async function endProcess(signal: NodeJS.Signals): Promise<never> {
  const until = systemClock.monotonic() + GRACE_MS;
  while (hasBusyThread() && systemClock.monotonic() < until) await systemClock.sleep(LOOK_EVERY_MS, { ref: true });
  return endProcessNow(signal);
}

/**
 * Ends the process when a command has ended, and what it has given up waiting for still holds the process after some seconds:
 * nobody would see it end, and those that cron starts would pile up.
 */
export function endIfHeld(): void {
  void systemClock.sleep(HELD_MS).then(() => {
    if (hasBusyThread()) endProcessNow('SIGTERM');
  });
}

/** As {@link endProcess}, without a moment for what is about to end. */
export function endProcessNow(signal: NodeJS.Signals, exitCode?: number): never {
  if (hasBusyThread()) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exit(exitCode ?? process.exitCode); // also where the signal has no effect: the first process of a container
}

function hasBusyThread(): boolean {
  return process.getActiveResourcesInfo().some((name) => OF_A_THREAD.test(name));
}
