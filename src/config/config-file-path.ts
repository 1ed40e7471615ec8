import path from 'node:path';

/**
 * Where `temporal.toml` is looked for, as by `@temporalio/envconfig` and the `temporal` CLI: `$TEMPORAL_CONFIG_FILE`, else
 * in the user's configuration folder. Undefined where that cannot be known.
 *
 * | system | folder |
 * |---|---|
 * | Linux and others | `$XDG_CONFIG_HOME/temporalio`, `$HOME/.config/temporalio` |
 * | macOS | `$HOME/Library/Application Support/temporalio` |
 * | Windows | `%APPDATA%\temporalio` |
 */
export function configFilePath(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): { readonly file: string; readonly named: boolean } | undefined {
  const named = env['TEMPORAL_CONFIG_FILE'];
  if (named) return { file: named, named: true };
  const folder = userFolder(env, platform);
  return folder === undefined
    ? undefined
    : { file: pathOf(platform).join(folder, 'temporalio', 'temporal.toml'), named: false };
}

function userFolder(
  { APPDATA, HOME, XDG_CONFIG_HOME }: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | undefined {
  const { isAbsolute, join } = pathOf(platform);
  if (platform === 'win32') return APPDATA || undefined;
  if (platform === 'darwin') return HOME ? join(HOME, 'Library', 'Application Support') : undefined;
  if (XDG_CONFIG_HOME) return isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : undefined;
  return HOME ? join(HOME, '.config') : undefined;
}

function pathOf(platform: NodeJS.Platform): path.PlatformPath {
  return platform === 'win32' ? path.win32 : path.posix;
}
