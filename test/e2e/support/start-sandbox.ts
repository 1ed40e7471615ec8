import type { TestContext } from 'node:test';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/index.ts';

/** A sandbox of the test's own, stopped when the test has ended. */
export async function startTestSandbox(t: TestContext, options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ onProgress: (line) => process.stderr.write(`${line}\n`), ...options });
  t.after(() => sandbox.stop());
  return sandbox;
}
