import { X509Certificate } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { readCertificates } from '../identity/index.ts';
import { errnoOf } from './durable-file.ts';
import { readKey } from './issuing-key.ts';
import { publishPlain } from './publish-plain.ts';
import { publishVolume } from './publish-volume.ts';

/** A pair to publish, as PEM. */
export interface PairFiles {
  /** Leaf first, then the intermediates: {@link IssuedLeaf.chainPem}. */
  readonly certificatePem: string;
  /** The leaf's private key, unencrypted. */
  readonly privateKeyPem: string;
  /** CA certificates for the reader to trust. Default: none, and no file for it. */
  readonly trustPem?: string | undefined;
}

/** How to publish. */
export interface PublishOptions {
  /**
   * `volume` (default): all files change in one rename, as in a Kubernetes volume. `plain`: ordinary files, for readers
   * that cannot follow symbolic links; each changes atomically, but not all together.
   */
  readonly layout?: 'volume' | 'plain' | undefined;
  /** File names. Default: those of cert-manager and of Kubernetes TLS secrets, `tls.crt`, `tls.key`, `ca.crt`. */
  readonly names?: Partial<PublishedNames> | undefined;
  /**
   * Let the files' group read them, as the csi-driver's `fs-group` does. Default: false; only the owner can. Modes:
   * `volume` 0400 or 0440, `plain` 0600 or 0640, directories made here 0700 or 0750.
   */
  readonly groupReadable?: boolean | undefined;
  /** Names the volume's directories. Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/** File names, without directories. */
export interface PublishedNames {
  readonly certificate: string;
  readonly key: string;
  readonly trust: string;
}

/** Where a pair was published. */
export interface PublishedPair {
  /** Paths to read from; `trust` is undefined when none was published. */
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly trustPath: string | undefined;
  /** Directories with old files that could not be removed; the next publication tries again. Usually empty. */
  readonly leftovers: readonly string[];
}

/**
 * Puts a pair on disk for others to read, and returns when it survives a power cut. The directory is created if need be.
 *
 * Calls for the same directory are done one after another; two processes must not publish to the same directory.
 *
 * With `plain` the key comes first and the certificate last: readers watch the certificate, and by then its key is
 * there. In the moment between, a reader sees the new key beside the old certificate, and has to read again.
 *
 * @throws {RoteyError} `ROTEY_PAIR_MISMATCH`, `ROTEY_PEM_…`, `ROTEY_CERTIFICATE_MALFORMED` or `ROTEY_KEY_MALFORMED`
 * for what is not a pair, before anything is touched; `ROTEY_PUBLISH_FAILED` with the system's reason. A complete pair is
 * in place afterwards: the last one, or the new one if only tidying up failed. (With `plain` this needs a file system
 * with hard links if a rename fails after another one has succeeded.)
 * @throws {RangeError} when a name is not a file name, begins with `..` or is used twice.
 */
export async function publishPair(
  directory: string,
  files: PairFiles,
  options: PublishOptions = {},
): Promise<PublishedPair> {
  const names = resolveNames(options.names);
  requirePair(files);
  const path = resolve(directory);
  const publication = (publications.get(path) ?? Promise.resolve()).then(() => publish(path, files, names, options));
  const settled = publication.then(
    () => undefined,
    () => undefined, // the caller gets the reason
  );
  publications.set(path, settled);
  try {
    return await publication;
  } finally {
    if (publications.get(path) === settled) publications.delete(path);
  }
}

/** The last publication under way of each directory. */
const publications = new Map<string, Promise<void>>();

async function publish(
  directory: string,
  pair: PairFiles,
  names: PublishedNames,
  { layout = 'volume', groupReadable = false, clock = systemClock }: PublishOptions,
): Promise<PublishedPair> {
  const { certificatePem, privateKeyPem, trustPem } = pair;
  const files = new Map([
    ...(trustPem === undefined ? [] : [[names.trust, trustPem] as const]),
    [names.key, privateKeyPem],
    [names.certificate, certificatePem],
  ]);
  const obsolete = trustPem === undefined ? [names.trust] : [];
  const directoryMode = groupReadable ? 0o750 : 0o700;
  let leftovers: readonly string[] = [];
  try {
    await ensureDirectory(directory, directoryMode);
    if (layout === 'plain') {
      await publishPlain(directory, files, groupReadable ? 0o640 : 0o600);
    } else {
      const fileMode = groupReadable ? 0o440 : 0o400;
      leftovers = await publishVolume(directory, { files, obsolete, fileMode, directoryMode, nowMs: clock.now() });
    }
  } catch (error) {
    throw publishFailed(directory, error);
  }
  return Object.freeze({
    certificatePath: join(directory, names.certificate),
    keyPath: join(directory, names.key),
    trustPath: trustPem === undefined ? undefined : join(directory, names.trust),
    leftovers,
  });
}

/** A directory that exists keeps its mode: its owner chose it. */
async function ensureDirectory(directory: string, mode: number): Promise<void> {
  const created = await mkdir(directory, { recursive: true, mode });
  if (created !== undefined) await chmod(directory, mode); // the umask may have taken bits away
}

function requirePair({ certificatePem, privateKeyPem, trustPem }: PairFiles): void {
  readCertificates(certificatePem, { name: 'the certificate to publish' });
  if (trustPem !== undefined) readCertificates(trustPem, { name: 'the trust bundle to publish' });
  const leaf = new X509Certificate(certificatePem);
  if (leaf.checkPrivateKey(readKey(privateKeyPem))) return;
  throw new RoteyError('ROTEY_PAIR_MISMATCH', 'The private key to publish does not belong to the first certificate.', {
    hint: 'Publish a chain that begins with the leaf, and the key that the leaf was issued for.',
    context: { serial: leaf.serialNumber },
  });
}

function resolveNames(names: Partial<PublishedNames> = {}): PublishedNames {
  const resolved = { ...DEFAULT_NAMES, ...names };
  const all = [resolved.certificate, resolved.key, resolved.trust];
  for (const name of all) {
    // `..` is the prefix of the volume's own entries.
    if (!/^[^/\0]{1,200}$/.test(name) || name === '.' || name.startsWith('..')) {
      throw new RangeError(`Not a name for a published file: ${JSON.stringify(name)}.`);
    }
  }
  if (new Set(all).size < all.length) throw new RangeError(`Published files need different names: ${all.join(', ')}.`);
  return resolved;
}

function publishFailed(directory: string, cause: unknown): RoteyError {
  const errno = errnoOf(cause);
  return new RoteyError('ROTEY_PUBLISH_FAILED', `Cannot publish to ${directory}: ${errno ?? 'unexpected failure'}.`, {
    cause,
    retryable: errno !== undefined && PASSING.has(errno),
    hint: HINTS.get(errno ?? '') ?? 'See the cause. A complete pair is still in place if there was one.',
    context: { directory, errno },
  });
}

const DEFAULT_NAMES: PublishedNames = Object.freeze({ certificate: 'tls.crt', key: 'tls.key', trust: 'ca.crt' });

/** Failures that can pass without anybody changing what was asked for. */
const PASSING: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'ENFILE',
  'EAGAIN',
  'EBUSY',
  'EIO',
  'ESTALE',
]);

const WRITABLE = 'Let this process own the directory, or publish to another one.';
const HINTS: ReadonlyMap<string, string> = new Map([
  ['EACCES', WRITABLE],
  ['EPERM', WRITABLE],
  ['EROFS', 'The file system is read-only: publish to a writable volume (an emptyDir in Kubernetes).'],
  ['ENOSPC', 'Free some space; the last pair is still in place.'],
  ['EDQUOT', 'Free some space; the last pair is still in place.'],
  ['ENOTDIR', 'A part of the path is a file: choose another directory.'],
  ['EISDIR', 'A directory has the name of a file to publish: remove it or choose another name.'],
]);
