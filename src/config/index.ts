/**
 * Where settings come from: flags, the environment, profiles of temporal.toml, rotey's own files; which counts, and why.
 * May import errors, environment, duration and identity. Must never know what the settings are used for: it connects to nothing.
 *
 * @module
 */
export type { ConnectionFlags, ConnectionLayer, ConnectionValues, PemSource } from './connection-layers.ts';
export {
  type ConnectionSettings,
  type ProfileChoice,
  type ResolveOptions,
  resolveConnection,
} from './connection-settings.ts';
export { readSecretFile } from './read-text-file.ts';
export { Secret } from './secret.ts';
export { describeSettings, type Setting, type SettingOrigin, type SettingReport } from './setting.ts';
export { type ReadWatchConfigOptions, readWatchConfig, type WatchEntry } from './watch-config.ts';
export { watchJsonSchema } from './watch-schema.ts';
