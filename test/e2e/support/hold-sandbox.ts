/** A program that starts a sandbox, says where, and stays: for tests that kill it. */
import { startSandbox } from '../../../src/sandbox/index.ts';

const { pid, address, directory } = await startSandbox();
process.stdout.write(`${JSON.stringify({ pid, address, directory })}\n`);
