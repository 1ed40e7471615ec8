import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A FUSE file system that nobody serves: the kernel asks, and waits. Ends with its standard input. */
const SCRIPT = `
exec 3<>/dev/fuse
mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none "$1" || exit 1
echo mounted
cat >/dev/null
umount -l "$1"
`;

export interface HangingMount {
  /** In which every look hangs. */
  readonly directory: string;
  /** Takes it away: what waits in it fails. */
  release(): Promise<void>;
}

/** For the `skip` option of a test: why there can be no hanging mount here, else false. With `CI=true` never skips. */
export function cannotHang(): string | false {
  const possible = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/dev/fuse');
  return possible || process.env['CI'] === 'true' ? false : 'no hanging mount: it takes Linux, root and /dev/fuse';
}

/** A file system in which every look hangs, as on a network mount whose server is gone. */
export async function mountHanging(t: TestContext): Promise<HangingMount> {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-hanging-'));
  const child = spawn('sh', ['-c', SCRIPT, 'sh', directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const release = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  t.after(async () => {
    await release();
    await rmdir(directory);
  });
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(([code]) => Promise.reject(new Error(`mount has ended with ${code}`))),
  ]);
  return { directory, release };
}
