import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** The path of a named pipe that nobody writes to: the one reader that a test makes waits. */
export function makeSilentPipe(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'rotey-pipe-'));
  const file = join(directory, 'pipe');
  execFileSync('mkfifo', [file]);
  t.after(async () => {
    await release(file);
    rmSync(directory, { recursive: true });
  });
  return file;
}

/** Lets go of the reader, which may be about to open the pipe: the process of the test could not end before. */
async function release(file: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      closeSync(openSync(file, constants.O_WRONLY | constants.O_NONBLOCK));
      return;
    } catch (error) {
      const early = error instanceof Error && 'code' in error && error.code === 'ENXIO'; // nobody has opened it
      if (!early || attempt === 1000) throw error;
      await sleep(10);
    }
  }
}
