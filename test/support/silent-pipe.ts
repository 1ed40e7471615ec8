import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** The path of a named pipe that nobody writes to: whoever opens it waits. */
export function makeSilentPipe(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'rotey-pipe-'));
  const file = join(directory, 'pipe');
  execFileSync('mkfifo', [file]);
  t.after(() => {
    // Lets go of who still waits, or the process of the test could not end.
    closeSync(openSync(file, constants.O_RDWR | constants.O_NONBLOCK));
    rmSync(directory, { recursive: true });
  });
  return file;
}
