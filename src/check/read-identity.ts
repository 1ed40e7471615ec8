/**
 * Reads what a check needs from files, once: a pair, or only the CA bundle for the server.
 *
 * @module
 */
import { dirname, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { type CertificateFacts, type Pair, readPair, readTrust } from '../identity/index.ts';
import { type PairFiles, readFiles } from '../source/index.ts';
import type { CheckSubject, PemInput } from './subject.ts';

/** What was read. */
export interface Identity {
  readonly pair: Pair | undefined;
  readonly trust: readonly CertificateFacts[];
  /** Undefined: the system's roots. */
  readonly trustPem: string | undefined;
  /**
   * The `ca.crt` beside the certificate, as cert-manager writes it: the CA of our issuer. Trusted for nothing; it tells
   * whether that issuer is a root.
   */
  readonly nearby: readonly CertificateFacts[];
}

/** Contents as they stood at one moment. */
export interface Material {
  readonly certificate: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly trust: Buffer | undefined;
}

/** How long unusable files get before they are looked at again: somebody may be replacing one after the other. */
export const SECOND_LOOK_MS = 300;

/** Five looks are more than a second: longer than any writer of two small files takes. */
const MAX_LOOKS = 5;

/** The paths of all parts that stand in files, in the order certificate, key, CA bundle. */
export function filesOf({ certificate, key, trust }: CheckSubject): readonly string[] {
  return [certificate, key, trust].flatMap((part) => (part !== undefined && 'path' in part ? [part.path] : []));
}

/** @throws {RoteyError} `ROTEY_FILE_…` */
export async function readMaterial({ certificate, key, trust }: CheckSubject): Promise<Material> {
  const [certPath, keyPath, caPath] = [pathOf(certificate), pathOf(key), pathOf(trust)];
  const any = certPath ?? keyPath ?? caPath;
  if (any === undefined) return withTexts({}, { certificate, key, trust });
  const files: PairFiles = { certPath: certPath ?? any, keyPath: keyPath ?? any, caPath };
  const snapshot = await readFiles(files);
  return withTexts(
    {
      certificate: certPath === undefined ? undefined : snapshot.certificate,
      key: keyPath === undefined ? undefined : snapshot.key,
      trust: snapshot.trust,
    },
    { certificate, key, trust },
  );
}

/**
 * Makes a pair of what was read. When that fails, looks again: files that are being replaced one after the other do not
 * fit in between, and reporting that would be a false alarm. Files that have held still are what they are.
 *
 * @throws {RoteyError} what `readPair` and `readTrust` throw, `ROTEY_FILE_…`, or `ROTEY_FILE_CHANGING` when they never
 * held still.
 */
export async function readIdentity(
  subject: CheckSubject,
  material: Material,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<Identity> {
  let present = material;
  for (let look = 1; ; look += 1) {
    try {
      const identity = parse(subject, present);
      return { ...identity, nearby: await readNearby(subject) };
    } catch (error) {
      if (!(error instanceof RoteyError) || filesOf(subject).length === 0) throw error;
      await clock.sleep(SECOND_LOOK_MS, { signal, ref: true });
      const next = await readMaterial(subject);
      if (isSame(present, next)) throw error;
      if (look >= MAX_LOOKS) throw changing(subject, error);
      present = next;
    }
  }
}

function parse(subject: CheckSubject, { certificate, key, trust }: Material): Omit<Identity, 'nearby'> {
  const name = nameOf(subject.trust) ?? 'the CA bundle';
  if (certificate === undefined) {
    const facts = trust === undefined ? [] : readTrust(trust, name);
    return { pair: undefined, trust: facts, trustPem: trust === undefined ? undefined : pemOf(facts) };
  }
  const pair = readPair({
    certificate,
    key,
    trust,
    passphrase: subject.passphrase,
    origin: { certificate: nameOf(subject.certificate), key: nameOf(subject.key), trust: nameOf(subject.trust) },
  });
  return { pair, trust: pair.trust, trustPem: pair.trustPem };
}

/** Nothing depends on this file: whatever is wrong with it, it is as if it were not there. */
async function readNearby({ certificate }: CheckSubject): Promise<readonly CertificateFacts[]> {
  const certPath = pathOf(certificate);
  if (certPath === undefined) return [];
  const file = join(dirname(certPath), 'ca.crt');
  try {
    const { certificate: contents } = await readFiles({ certPath: file, keyPath: file });
    return readTrust(contents, file);
  } catch (error) {
    if (error instanceof RoteyError) return [];
    throw error;
  }
}

function pemOf(facts: readonly CertificateFacts[]): string {
  return facts.map(({ pem }) => pem).join('');
}

function withTexts(
  read: Partial<Material>,
  inputs: { readonly [K in keyof Material]: PemInput | undefined },
): Material {
  const text = (input: PemInput | undefined): Buffer | undefined =>
    input !== undefined && 'pem' in input ? Buffer.from(input.pem) : undefined;
  return {
    certificate: read.certificate ?? text(inputs.certificate),
    key: read.key ?? text(inputs.key),
    trust: read.trust ?? text(inputs.trust),
  };
}

function isSame(one: Material, other: Material): boolean {
  return (['certificate', 'key', 'trust'] as const).every((part) => {
    const [a, b] = [one[part], other[part]];
    return a === undefined || b === undefined ? a === b : a.equals(b);
  });
}

function pathOf(input: PemInput | undefined): string | undefined {
  return input !== undefined && 'path' in input ? input.path : undefined;
}

function nameOf(input: PemInput | undefined): string | undefined {
  if (input === undefined) return undefined;
  return 'path' in input ? input.path : input.name;
}

function changing(subject: CheckSubject, cause: RoteyError): RoteyError {
  const files = filesOf(subject).join(', ');
  const message = `The files were others at each of ${MAX_LOOKS} looks and never made up a pair: ${files}.`;
  return new RoteyError('ROTEY_FILE_CHANGING', message, { cause, retryable: true });
}
