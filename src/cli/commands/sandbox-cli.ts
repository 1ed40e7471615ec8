import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ensureTemporalCli } from '../../sandbox/index.ts';
import type { CommandContext } from '../command-context.ts';

/** Runs the temporal CLI on our terminal, and ends with its exit code. */
export async function runTemporalCli(args: readonly string[], context: CommandContext): Promise<void> {
  const { env, signal, note, setExitCode } = context;
  const binary = await ensureTemporalCli({ env, signal, onProgress: note });
  const child = spawn(binary, args, { env, stdio: 'inherit' });
  // Ctrl-C reaches it by the terminal; what is sent to us alone is passed on.
  const passOn = () => child.kill('SIGTERM');
  signal.addEventListener('abort', passOn);
  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ended) => resolve(ended));
    });
    setExitCode(code ?? 128 + (killedBy === null ? 0 : constants.signals[killedBy]));
  } finally {
    signal.removeEventListener('abort', passOn);
  }
}
