import { RoteyError } from '../../../src/errors.ts';
import { ensureTemporalServer } from '../../../src/sandbox/index.ts';

/**
 * For the `skip` option of a test that needs a real Temporal server: why it cannot be had here, else false. Builds the
 * server if it can be built (once per machine, minutes) and says so on stderr.
 *
 * With `CI=true` nothing is skipped: there the test runs, and fails for want of a server.
 */
export async function requireToolchain(): Promise<string | false> {
  try {
    await ensureTemporalServer({ onProgress: (line) => process.stderr.write(`${line}\n`) });
    return false;
  } catch (error) {
    const missing =
      error instanceof RoteyError && ['ROTEY_TOOLCHAIN_MISSING', 'ROTEY_TOOLCHAIN_TOO_OLD'].includes(error.code);
    if (!missing || process.env['CI'] === 'true') throw error;
    return `no Temporal server: ${error.message} ${error.hint ?? ''}`;
  }
}
