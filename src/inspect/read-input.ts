import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { parseAddress } from '../probe/index.ts';
import { MAX_FILE_BYTES, readSingleFile } from '../source/index.ts';
import { type DirectoryLayout, listDirectory } from './read-directory.ts';
import { readManifest, type SecretEntry } from './read-manifest.ts';
import { describeForeign, type Material, readMaterial } from './read-material.ts';
import { readServer, type ServerFacts } from './read-server.ts';
import { type ForeignKind, recognise } from './recognise.ts';

/** What to look at. */
export type InspectInput =
  /** A file, a directory, or `host:port`: an existing path wins, and only what ends in a port can be a server. */
  | { readonly t: 'argument'; readonly text: string }
  | { readonly t: 'stdin' }
  | { readonly t: 'server'; readonly address: string };

/** One place with certificates or keys. */
export interface Entry {
  /** Path, or what stands for it. */
  readonly where: string;
  /** Entries of one name are meant for each other: a certificate and its key. */
  readonly pairing: string;
  /** Whether it was named by itself; only then does a role that was asked for hold for it. */
  readonly named: boolean;
  /** A server's own chain. */
  readonly ofServer: boolean;
  /** Undefined where it could not be read, see {@link problem}. */
  readonly material: Material | undefined;
  readonly problem: RoteyError | undefined;
}

export type InputKind = 'file' | 'directory' | 'secret-manifest' | 'stdin' | 'server';

/** What was read from one input. */
export interface ReadInput {
  /** As it was asked for. */
  readonly input: string;
  readonly kind: InputKind;
  readonly layout?: DirectoryLayout | undefined;
  readonly server?: ServerFacts | undefined;
  readonly entries: readonly Entry[];
  /** What lies beside, and was not looked into. */
  readonly skipped: readonly { readonly where: string; readonly what: string }[];
  /** Why there is nothing to see. */
  readonly problem?: RoteyError | undefined;
}

export interface ReadInputOptions {
  /** For encrypted keys. */
  readonly passphrase: string | undefined;
  /** What is piped in; undefined where nothing is. */
  readonly stdin: Readable | undefined;
  /** For servers: the name for SNI. Default: the host. */
  readonly serverName: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/**
 * Reads an input of any kind. What cannot be read is a problem of the input, not an exception.
 *
 * @throws the signal's reason when it aborts.
 */
export async function readInput(input: InspectInput, options: ReadInputOptions): Promise<ReadInput> {
  const shown = input.t === 'argument' ? input.text : input.t === 'stdin' ? '-' : input.address;
  let kind: InputKind = input.t === 'argument' ? 'file' : input.t;
  try {
    if (input.t === 'server') return await readServer(input.address, options);
    if (input.t === 'stdin') return await readContents(await readAll(options.stdin, options.signal), 'stdin', options);
    const what = await lookAt(input.text);
    if (what === 'server') {
      kind = 'server';
      return await readServer(input.text, options);
    }
    if (what === 'directory') {
      kind = 'directory';
      return await readDirectory(input.text, options);
    }
    // A pipe, as `<(command)` of a shell is one, has no size and can be read once.
    const bytes =
      what === 'pipe' ? await readAll(createReadStream(input.text), options.signal) : await readSingleFile(input.text);
    return await readContents(bytes, input.text, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof RoteyError)) throw error;
    const problem = error.code === 'ROTEY_FILE_MISSING' && kind === 'file' ? nothingThere(shown, error) : error;
    return { input: shown, kind, entries: [], skipped: [], problem };
  }
}

function nothingThere(text: string, cause: RoteyError): RoteyError {
  return new RoteyError('ROTEY_FILE_MISSING', `${text} does not exist.`, {
    cause,
    retryable: true,
    hint: 'Check the path; a server is named with its port, as host:port.',
    context: cause.context,
  });
}

/** An existing path wins. A missing one that is an address with a port is a server; reading says what any other is. */
async function lookAt(text: string): Promise<'file' | 'directory' | 'pipe' | 'server'> {
  const stats = await stat(text).catch(() => undefined);
  if (stats?.isDirectory() === true) return 'directory';
  if (stats?.isFIFO() === true) return 'pipe';
  return stats === undefined && isServer(text) ? 'server' : 'file';
}

function isServer(text: string): boolean {
  if (!/:\d{1,5}$/.test(text)) return false;
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads a pipe to its end, and lets go of it when somebody has had enough. */
async function readAll(stream: Readable | undefined, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (stream === undefined) return Buffer.alloc(0);
  if (signal !== undefined) addAbortSignal(signal, stream);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece));
    size += piece.length;
    if (size <= MAX_FILE_BYTES) continue;
    throw new RoteyError('ROTEY_FILE_TOO_LARGE', `What is piped in has more than ${MAX_FILE_BYTES} bytes.`, {
      hint: 'Check that the intended file is handed over.',
      context: { limit: MAX_FILE_BYTES },
    });
  }
  return Buffer.concat(pieces);
}

async function readContents(bytes: Uint8Array, name: string, options: ReadInputOptions): Promise<ReadInput> {
  const kind = name === 'stdin' ? 'stdin' : 'file';
  const input = name === 'stdin' ? '-' : name;
  if (recognise(bytes) === 'manifest') {
    const entries = (await readManifest(bytes, name)).flatMap((entry) => entryOfSecret(entry, options));
    if (entries.length > 0) return { input, kind: 'secret-manifest', entries, skipped: [] };
    throw new RoteyError('ROTEY_PEM_NO_CERTIFICATE', `The Secrets in ${name} hold neither a certificate nor a key.`, {
      hint: 'Check that the right Secret is named.',
      context: { name },
    });
  }
  const material = readMaterial(bytes, name, options.passphrase);
  const skipped = material.others.map((other) => ({ where: name, what: describeForeign(other) }));
  const entry = { where: name, pairing: pairingOf(name), named: true, ofServer: false, material, problem: undefined };
  return { input, kind, entries: [entry], skipped };
}

/** Files that a Secret for TLS has by definition: of any other, what is not recognised may be a password. */
const TLS_FILES: ReadonlySet<string> = new Set(['tls.crt', 'tls.key', 'ca.crt']);

function entryOfSecret(entry: SecretEntry, { passphrase }: ReadInputOptions): readonly Entry[] {
  const { where, secret, key, bytes, problem } = entry;
  const known = TLS_FILES.has(key);
  const base = { where, pairing: pairingOf(path.join(secret, key)), named: false, ofServer: false };
  if (bytes === undefined) return known ? [{ ...base, material: undefined, problem }] : [];
  const kind = recognise(bytes);
  if (!known && (kind === 'unknown' || kind === 'empty' || kind === 'manifest')) return [];
  return [{ ...base, ...tryReading(bytes, where, passphrase) }];
}

async function readDirectory(directory: string, { passphrase, signal }: ReadInputOptions): Promise<ReadInput> {
  const { layout, files, tooLarge } = await listDirectory(directory);
  const skipped = tooLarge.map((where) => ({ where, what: 'too large' }));
  const entries: Entry[] = [];
  for (const { where, real } of files) {
    signal?.throwIfAborted();
    const base = { where, pairing: pairingOf(where), named: false, ofServer: false };
    const bytes = await readSingleFile(real).catch(asProblem);
    if (bytes instanceof RoteyError) {
      entries.push({ ...base, material: undefined, problem: bytes });
      continue;
    }
    const kind = recognise(bytes);
    if (kind === 'unknown' || kind === 'manifest' || (kind === 'empty' && !TLS_FILES.has(path.basename(where))))
      continue;
    const outcome = tryReading(bytes, where, passphrase);
    const { problem } = outcome;
    if (problem?.code === 'ROTEY_INPUT_UNSUPPORTED') {
      const foreign = problem.context['kind'] as ForeignKind; // as readMaterial sets it
      skipped.push({ where, what: describeForeign(foreign) });
    } else if (problem?.code !== 'ROTEY_INPUT_UNRECOGNISED') entries.push({ ...base, ...outcome });
  }
  if (entries.length > 0) return { input: directory, kind: 'directory', layout, entries, skipped };
  throw new RoteyError('ROTEY_PEM_NO_CERTIFICATE', `${directory} holds neither a certificate nor a private key.`, {
    hint: 'Check the directory; those below it are not looked into.',
    context: { path: directory },
  });
}

function tryReading(
  bytes: Uint8Array,
  where: string,
  passphrase: string | undefined,
): Pick<Entry, 'material' | 'problem'> {
  try {
    return { material: readMaterial(bytes, where, passphrase), problem: undefined };
  } catch (error) {
    return { material: undefined, problem: asProblem(error) };
  }
}

function asProblem(error: unknown): RoteyError {
  if (error instanceof RoteyError) return error;
  throw error;
}

/**
 * The name that a certificate and its key share: `tls` of `tls.crt` and `tls.key`, nothing of `cert.pem` and `key.pem`
 * or `fullchain.pem` and `privkey.pem`, `server` of `server-key.pem`; with the directory.
 */
export function pairingOf(where: string): string {
  const { dir, base } = path.parse(where);
  const stem = base.replace(/\.(?:pem|crt|cer|cert|der|key|p8|pk8)$/i, '');
  return path.join(dir, stem.replace(/(?:^|[-_.])(?:key|privkey|cert|certificate|crt|fullchain|chain)$/i, ''));
}
