/**
 * Where settings come from: flags, the environment, profiles of temporal.toml; which of them counts, and why.
 * May import errors, environment and identity. Must never know what the settings are used for: it connects to nothing.
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
export { Secret } from './secret.ts';
export { describeSettings, type Setting, type SettingOrigin, type SettingReport } from './setting.ts';
