import type { TestContext } from 'node:test';
import { RoteyError } from '../../../src/errors.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/index.ts';

/**
 * A sandbox that ends with the test. Where Go and a built server are both missing the test is skipped with a line that
 * says so, except in CI, where everything has to be there.
 */
export async function sandboxOrSkip(t: TestContext, options: SandboxOptions = {}): Promise<Sandbox | undefined> {
  try {
    const sandbox = await startSandbox({ onProgress: (line) => t.diagnostic(line), ...options });
    t.after(() => sandbox.stop());
    return sandbox;
  } catch (error) {
    const missing = error instanceof RoteyError && /^ROTEY_TOOLCHAIN_(MISSING|TOO_OLD)$/.test(error.code);
    if (!missing || process.env['CI'] === 'true') throw error;
    t.skip(`needs the Temporal server: ${error.message}`);
    return undefined;
  }
}
