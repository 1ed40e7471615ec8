import { Secret } from './secret.ts';

/**
 * Where the value of a setting comes from. The kinds stand in the order in which they count:
 *
 * - `flag`: the command line; `name` is the flag.
 * - `environment`: a variable; `name` is the variable.
 * - `config-file`: rotey's own configuration file; `name` is the key in it.
 * - `profile`: temporal.toml; `name` is file and key.
 * - `default`: nothing said anything; `name` says what the default is taken from.
 */
export interface SettingOrigin {
  readonly kind: 'flag' | 'environment' | 'config-file' | 'profile' | 'default';
  readonly name: string;
}

/** A value, and where it comes from. */
export interface Setting<T> {
  readonly value: T;
  readonly origin: SettingOrigin;
}

/** One setting as it may be shown to anybody: secrets are replaced. */
export interface SettingReport {
  readonly name: string;
  readonly value: string;
  readonly from: SettingOrigin['kind'];
  /** See {@link SettingOrigin.name}. */
  readonly origin: string;
}

/** All settings that have a value, in the order in which they are declared, with secrets replaced. */
export function describeSettings(settings: object): readonly SettingReport[] {
  return Object.entries(settings).flatMap(([name, setting]: [string, unknown]) =>
    isSetting(setting)
      ? [{ name, value: describeValue(setting.value), from: setting.origin.kind, origin: setting.origin.name }]
      : [],
  );
}

function isSetting(value: unknown): value is Setting<unknown> {
  return typeof value === 'object' && value !== null && 'origin' in value && 'value' in value;
}

function describeValue(value: unknown): string {
  if (value instanceof Secret) return String(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if ('path' in value) return String(value.path);
  if ('pem' in value) return '[inline PEM]';
  return Object.keys(value).join(', '); // metadata: its names, never its values
}
