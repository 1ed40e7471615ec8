import type { ProbeReport, ProbeTarget } from '../probe/index.ts';
import type { FileSourceOptions } from '../source/index.ts';
import { type ReadSecret, readSecretInTime, type SecretLimits } from './secret-files.ts';

/** How often what was proven is proven again: as long as Temporal Cloud keeps a connection, so as often as a Worker reconnects. */
export const DEFAULT_PROVE_EVERY_MS = 300_000;

/** How often to look at files without an event. Events bring news at once; this is for mounts that have none. */
export const DEFAULT_WATCH_POLL_MS = 30_000;

/** How many proofs run at once, whatever the number of watches. */
export const DEFAULT_PROOFS_AT_ONCE = 8;

/**
 * One pair and one server. Plain data, so that two of them can be compared: a watch whose spec has not changed goes on when
 * the configuration is read again. Holds secrets; never to be shown.
 */
export interface WatchSpec extends Pick<FileSourceOptions, 'certPath' | 'keyPath' | 'caPath' | 'passphrase'> {
  /** What the user calls it, among others unique; the label `name` of its metrics. */
  readonly name: string;
  /** The server. Its `trustPem` counts where there is no `caPath`. */
  readonly target: ProbeTarget;
  /** A file with an API key, read for every proof. */
  readonly apiKeyFile?: string | undefined;
  /** How often to prove again what was proven, in milliseconds; 0: never. */
  readonly proveEveryMs: number;
  readonly pollMs: number;
}

/** The Namespaces that the server says it does not have. That is no fault of the certificate, and nobody means it. */
export function unknownNamespaces({ calls }: ProbeReport): readonly string[] {
  return calls.flatMap(({ namespace, status }) =>
    namespace !== undefined && status === 'NOT_FOUND' ? [namespace] : [],
  );
}

/** The server of a proof, with what may have changed since the last one. */
export async function targetOf(
  { target, apiKeyFile }: WatchSpec,
  pairTrustPem: string | undefined,
  readSecret: ReadSecret,
  limits: SecretLimits,
): Promise<ProbeTarget> {
  const trustPem = pairTrustPem ?? target.trustPem;
  if (apiKeyFile === undefined) return { ...target, trustPem };
  return { ...target, trustPem, apiKey: await readSecretInTime(apiKeyFile, readSecret, limits) };
}
