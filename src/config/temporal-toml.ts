/**
 * Profiles of `temporal.toml`, read as `@temporalio/envconfig` 1.24 reads them.
 *
 * @module
 */
import { RoteyError } from '../errors.ts';
import { placeOf } from './toml-place.ts';

/** One profile, checked. Everything is optional, as in the file. */
export interface TemporalProfile {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly api_key?: string | undefined;
  readonly grpc_meta?: Readonly<Record<string, string>> | undefined;
  readonly tls?: TemporalProfileTls | undefined;
}

export interface TemporalProfileTls {
  readonly disabled?: boolean | undefined;
  readonly server_name?: string | undefined;
  readonly client_cert_path?: string | undefined;
  readonly client_cert_data?: string | undefined;
  readonly client_key_path?: string | undefined;
  readonly client_key_data?: string | undefined;
  readonly server_ca_cert_path?: string | undefined;
  readonly server_ca_cert_data?: string | undefined;
  readonly disable_host_verification?: boolean | undefined;
}

export interface ReadProfileOptions {
  /** How messages call the text: the path of its file. */
  readonly file: string;
  readonly name: string;
}

export interface ReadProfile {
  /** Undefined when the file has no such profile. */
  readonly profile: TemporalProfile | undefined;
  /** The names of all profiles, for messages. */
  readonly names: readonly string[];
  /** One line for each key that nothing reads: it may be a typing error, or newer than rotey. */
  readonly warnings: readonly string[];
}

/**
 * Reads one profile. Other profiles, and other tables (the `temporal` CLI keeps more in the file), are not looked at. Keys
 * that are unknown are a warning and no error, as the SDKs read the same file and newer ones know more.
 *
 * @throws {RoteyError} `ROTEY_CONFIG_INVALID` with file, line, column and key when the text is not TOML, or a value of the
 * profile has the wrong type, or path and data of the same thing are both given.
 */
export async function readProfile(text: string, { file, name }: ReadProfileOptions): Promise<ReadProfile> {
  const document = await parseToml(text, file);
  const profiles = document['profile'];
  if (profiles === undefined) return { profile: undefined, names: [], warnings: [] };
  if (!isTable(profiles)) throw invalid(text, file, ['profile'], 'it must be a table: write [profile.NAME]');
  const names = Object.keys(profiles);
  const found = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (found === undefined) return { profile: undefined, names, warnings: [] };
  const { parsed, unknown } = await check(found, text, { file, name });
  const warnings = unknown.map((path) => `${at(text, file, path)}: ${path.join('.')} is not known and not used.`);
  return { profile: parsed, names, warnings };
}

type Table = Readonly<Record<string, unknown>>;

async function parseToml(text: string, file: string): Promise<Table> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The parser's message goes on with the text around the place, which may hold a key.
    const reason = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'it is not TOML';
    throw new RoteyError('ROTEY_CONFIG_INVALID', `${file}:${error.line}:${error.column}: ${reason}.`, {
      hint: 'Correct the file; it is TOML (https://toml.io).',
      context: { file, line: error.line, column: error.column },
    });
  }
}

async function check(
  value: unknown,
  text: string,
  { file, name }: ReadProfileOptions,
): Promise<{ readonly parsed: TemporalProfile; readonly unknown: readonly (readonly string[])[] }> {
  const { z } = await import('zod');
  const string = z.string().optional();
  const boolean = z.boolean().optional();
  const tls = z.object({
    disabled: boolean,
    server_name: string,
    client_cert_path: string,
    client_cert_data: string,
    client_key_path: string,
    client_key_data: string,
    server_ca_cert_path: string,
    server_ca_cert_data: string,
    disable_host_verification: boolean,
  });
  const profile = z.object({
    address: string,
    namespace: string,
    api_key: string,
    grpc_meta: z.record(z.string(), z.string()).optional(),
    codec: z.record(z.string(), z.unknown()).optional(), // nothing here reads payloads
    tls: tls.optional(),
  });
  const result = profile.safeParse(value);
  const [issue] = result.error?.issues ?? [];
  if (result.data === undefined) {
    const path = ['profile', name, ...(issue?.path ?? []).map(String)];
    throw invalid(
      text,
      file,
      path,
      EXPECTED[issue !== undefined && 'expected' in issue ? issue.expected : ''] ?? 'its value is of the wrong kind',
    );
  }
  refuseBoth(result.data.tls ?? {}, text, { file, name });
  const table = isTable(value) ? value : {};
  const tlsTable = isTable(table['tls']) ? table['tls'] : {};
  return {
    parsed: result.data,
    unknown: [
      ...unknownKeys(table, profile.shape).map((key) => ['profile', name, key]),
      ...unknownKeys(tlsTable, tls.shape).map((key) => ['profile', name, 'tls', key]),
    ],
  };
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'it must be a text in quotes',
  boolean: 'it must be true or false',
  object: 'it must be a table',
  record: 'it must be a table of texts',
};

/** The SDKs refuse it as well, because nobody could say which of the two counts. */
function refuseBoth(tls: TemporalProfileTls, text: string, { file, name }: ReadProfileOptions): void {
  for (const item of ['client_cert', 'client_key', 'server_ca_cert'] as const) {
    if (tls[`${item}_path`] === undefined || tls[`${item}_data`] === undefined) continue;
    const path = ['profile', name, 'tls', `${item}_data`];
    throw invalid(text, file, path, `it is given beside ${item}_path, and only one of them can count`);
  }
}

function unknownKeys(table: Table, shape: object): readonly string[] {
  return Object.keys(table).filter((key) => !Object.hasOwn(shape, key));
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function invalid(text: string, file: string, path: readonly string[], why: string): RoteyError {
  const { line, column } = placeOf(text, path);
  const key = path.join('.');
  return new RoteyError('ROTEY_CONFIG_INVALID', `${file}:${line}:${column}: ${key}: ${why}.`, {
    hint: 'Correct the file; docs/guides/check.md lists what is read of it.',
    context: { file, line, column, key },
  });
}

function at(text: string, file: string, path: readonly string[]): string {
  const { line, column } = placeOf(text, path);
  return `${file}:${line}:${column}`;
}
