import { dirname, resolve } from 'node:path';
import { parseDuration } from '../duration.ts';
import { RoteyError } from '../errors.ts';
import { ConfigProblems } from './config-problems.ts';
import { readConfigFile, readSecretFile } from './read-text-file.ts';
import { Secret } from './secret.ts';
import { watchSchema } from './watch-schema.ts';
import { parseYaml, type YamlDocument, type YamlPath } from './yaml-document.ts';

/** One watch with the defaults of its file filled in. Paths are absolute. */
export interface WatchEntry {
  readonly name: string;
  readonly certPath: string;
  /** The certificate file where the key has none of its own. */
  readonly keyPath: string;
  readonly caPath: string | undefined;
  readonly address: string;
  readonly namespaces: readonly string[];
  readonly serverName: string | undefined;
  readonly passphrase: Secret | undefined;
  readonly apiKeyFile: string | undefined;
  readonly proxy: string | undefined;
  readonly proxyCredentials: Secret | undefined;
  /** Undefined: nothing was said. */
  readonly proveEveryMs: number | undefined;
  readonly pollEveryMs: number | undefined;
}

export interface ReadWatchConfigOptions {
  /** Throws a `RoteyError` for an address that is none. */
  readonly checkAddress: (address: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the configuration of `rotey watch`. Files of passphrases and proxy credentials are read as well; certificates, keys
 * and API keys are not: they may come later.
 *
 * @throws {RoteyError} `ROTEY_CONFIG_INVALID`; its message has one line for each mistake, `file:line:column path: what is
 * wrong`, up to ten
 * @throws the signal's reason, at once, when it aborts
 */
export async function readWatchConfig(
  file: string,
  { checkAddress, signal }: ReadWatchConfigOptions,
): Promise<readonly WatchEntry[]> {
  const text = (await readConfigFile(file, { mustExist: true, namedBy: '--config', signal })) ?? '';
  const document = await parseYaml(text, file);
  const problems = new ConfigProblems(document, file);
  const config = await parse(document, problems);
  const entries: WatchEntry[] = [];
  const seen = new Map<string, number>();
  for (const [index, watch] of config.watches.entries()) {
    const first = seen.get(watch.name);
    if (first === undefined) seen.set(watch.name, index);
    else problems.add(['watches', index, 'name'], `watches[${first}] has the same name, and each needs its own`);
    const reader = new EntryReader(file, { ...config, index }, { checkAddress, signal }, problems);
    const entry = await reader.read();
    if (entry !== undefined) entries.push(entry);
  }
  problems.throwIfAny();
  return entries;
}

type Config = ReturnType<ReturnType<typeof watchSchema>['parse']>;
type Watch = Config['watches'][number];

async function parse(document: YamlDocument, problems: ConfigProblems): Promise<Config> {
  const { z } = await import('zod');
  const schema = watchSchema(z);
  const { data, error } = schema.safeParse(document.value);
  if (data !== undefined) return data;
  for (const issue of error.issues) {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) problems.addKey([...path, key], unknownKey(schema, path));
    } else problems.add(path, whatIsWrong(issue, valueAt(document.value, path)));
  }
  throw problems.error();
}

function unknownKey(schema: ReturnType<typeof watchSchema>, path: YamlPath): string {
  const { defaults, watches } = schema.shape;
  const shapes = { '': schema.shape, defaults: defaults.unwrap().shape, watches: watches.element.shape };
  const shape = shapes[path[0] === 'defaults' || path[0] === 'watches' ? path[0] : ''];
  return `it is not known; allowed are ${Object.keys(shape).join(', ')}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'it must be a text; put it in quotes',
  array: 'it must be a list, each line with a dash',
  object: 'it must be a map of keys and values',
};

interface Issue {
  readonly code: string;
  readonly message: string;
  readonly expected?: unknown;
}

function whatIsWrong({ code, message, expected }: Issue, value: unknown): string {
  if (value === undefined || value === null) return 'it is missing or empty';
  if (code === 'invalid_type') return EXPECTED[String(expected)] ?? 'its value is of the wrong kind';
  if (code === 'too_small') return 'it must not be empty';
  return message;
}

function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[part] : undefined),
    value,
  );
}

type Key = keyof NonNullable<Config['defaults']>;

/** One watch of the file, with its defaults and the places of both. */
class EntryReader {
  readonly #file: string;
  readonly #watch: Watch;
  readonly #defaults: NonNullable<Config['defaults']>;
  readonly #index: number;
  readonly #options: ReadWatchConfigOptions;
  readonly #problems: ConfigProblems;

  constructor(
    file: string,
    { watches, defaults = {}, index }: Config & { readonly index: number },
    options: ReadWatchConfigOptions,
    problems: ConfigProblems,
  ) {
    this.#file = file;
    this.#watch = watches[index] as Watch; // it is one of them
    // A key belongs to its certificate: one from the defaults does not fit another certificate.
    this.#defaults = this.#watch.certPath === undefined ? defaults : { ...defaults, keyPath: undefined };
    this.#index = index;
    this.#options = options;
    this.#problems = problems;
  }

  async read(): Promise<WatchEntry | undefined> {
    const certPath = this.#path('certPath');
    const address = this.#address('address');
    const entry = {
      keyPath: this.#path('keyPath') ?? certPath ?? '',
      caPath: this.#path('caPath'),
      namespaces: this.#get('namespaces') ?? [],
      serverName: this.#get('serverName'),
      passphrase: await this.#secret('passphraseFile'),
      apiKeyFile: this.#path('apiKeyFile'),
      proxy: this.#address('proxy'),
      proxyCredentials: await this.#secret('proxyCredentialsFile'),
      proveEveryMs: this.#duration('proveEvery'),
      pollEveryMs: this.#duration('pollEvery'),
    };
    for (const key of ['certPath', 'address'] as const) if (this.#get(key) === undefined) this.#missing(key);
    if (certPath === undefined || address === undefined) return undefined;
    return Object.freeze({ name: this.#watch.name, certPath, address, ...entry });
  }

  #get<K extends Key>(key: K): NonNullable<Config['defaults']>[K] {
    return this.#watch[key] ?? this.#defaults[key];
  }

  #report(key: Key, why: string): void {
    const inWatch = this.#watch[key] !== undefined;
    this.#problems.add(inWatch ? ['watches', this.#index, key] : ['defaults', key], why);
  }

  #missing(key: Key): void {
    this.#problems.add(['watches', this.#index], `${key} is missing; give it here or in defaults`);
  }

  #path(
    key: 'certPath' | 'keyPath' | 'caPath' | 'apiKeyFile' | 'passphraseFile' | 'proxyCredentialsFile',
  ): string | undefined {
    const path = this.#get(key);
    if (path === undefined) return undefined;
    if (!/-----BEGIN|[\r\n\0]/.test(path)) return resolve(dirname(this.#file), path);
    this.#report(key, 'it must be the path of a file, and holds something else');
    return undefined;
  }

  #address(key: 'address' | 'proxy'): string | undefined {
    const address = this.#get(key);
    if (address === undefined) return undefined;
    if (key === 'proxy' && address.includes('@')) {
      this.#report(key, 'it takes no user name and password; put user:password into the file of proxyCredentialsFile');
      return address;
    }
    try {
      this.#options.checkAddress(key === 'proxy' ? address.replace(/^http:\/\//i, '') : address);
    } catch (error) {
      if (!(error instanceof RoteyError)) throw error;
      this.#report(key, `${withoutStop(error.message)}; ${withoutStop(error.hint ?? '')}`);
    }
    return address;
  }

  #duration(key: 'proveEvery' | 'pollEvery'): number | undefined {
    const text = this.#get(key);
    if (text === undefined || text === 0) return text;
    try {
      const ms = parseDuration(text);
      if (ms < 1000) this.#report(key, `it must be 1s or longer${key === 'proveEvery' ? ', or 0 for never' : ''}`);
      return ms;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#report(key, withoutStop(error.message));
      return undefined;
    }
  }

  async #secret(key: 'passphraseFile' | 'proxyCredentialsFile'): Promise<Secret | undefined> {
    const path = this.#path(key);
    if (path === undefined) return undefined;
    try {
      return new Secret(await readSecretFile(path, key, this.#options.signal));
    } catch (error) {
      if (!(error instanceof RoteyError)) throw error;
      this.#report(key, withoutStop(error.message));
      return undefined;
    }
  }
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
