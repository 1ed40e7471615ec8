import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where built tools are kept between runs: `$ROTEY_CACHE_DIR`, else `$XDG_CACHE_HOME/rotey`, else the platform's place
 * for caches (`~/Library/Caches/rotey` on macOS, `~/.cache/rotey` elsewhere). It may be deleted at any time; what was in
 * it is built again.
 */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env['ROTEY_CACHE_DIR']) return env['ROTEY_CACHE_DIR'];
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'rotey');
  const home = env['HOME'] || homedir();
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'rotey') : join(home, '.cache', 'rotey');
}
