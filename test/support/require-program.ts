import { spawnSync } from 'node:child_process';

/**
 * For the `skip` option of a test that needs a program: why it cannot be had here, else false. With `CI=true` nothing is
 * skipped: there the test runs, and fails for want of it.
 */
export function requireProgram(name: string): string | false {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  if (error === undefined || process.env['CI'] === 'true') return false;
  return `no ${name} here (Debian: apt-get install ${name})`;
}
