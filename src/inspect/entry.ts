import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import type { DirectoryLayout } from './list-directory.ts';
import { type Material, readMaterial } from './read-material.ts';
import type { ServerFacts } from './read-server.ts';

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

/** Reads a place, and takes what is wrong with it for what there is to report. */
export function tryReading(
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

/** What rotey can explain is a problem of the input; anything else is a mistake of ours. */
export function asProblem(error: unknown): RoteyError {
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

/** Files that a Secret for TLS has by definition: of any other, what is not recognised may be a password. */
export const TLS_FILES: ReadonlySet<string> = new Set(['tls.crt', 'tls.key', 'ca.crt']);
