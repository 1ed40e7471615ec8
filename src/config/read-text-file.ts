import { readFile } from 'node:fs/promises';
import { RoteyError } from '../errors.ts';
import { unlessAborted } from '../unless-aborted.ts';

/** How a file of settings is read. */
export interface ConfigFileOptions {
  readonly mustExist: boolean;
  /** What to correct when it cannot be read. Default: `--config-file or TEMPORAL_CONFIG_FILE`. */
  readonly namedBy?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads a file of settings. Undefined when it does not exist and need not. */
export async function readConfigFile(
  file: string,
  { mustExist, namedBy = '--config-file or TEMPORAL_CONFIG_FILE', signal }: ConfigFileOptions,
): Promise<string | undefined> {
  const text = await readText(file, signal);
  if (typeof text === 'string') return text;
  if (text.errno === 'ENOENT' && !mustExist) return undefined;
  throw new RoteyError('ROTEY_CONFIG_INVALID', `The configuration file ${file} cannot be read: ${text.reason}.`, {
    hint: `Correct ${namedBy}, or the permissions or encoding of the file.`,
    context: { file, errno: text.errno },
  });
}

/**
 * Reads a secret that stands in a file of its own, without the line end behind it.
 *
 * @param flag that names the file
 * @throws {RoteyError} `ROTEY_CONFIG_INVALID` when it cannot be read, is not UTF-8 or is empty; the signal's reason, at
 * once, when it aborts.
 */
export async function readSecretFile(file: string, flag: string, signal?: AbortSignal): Promise<string> {
  const text = await readText(file, signal);
  if (typeof text !== 'string') {
    throw new RoteyError('ROTEY_CONFIG_INVALID', `The file ${file} of ${flag} cannot be read: ${text.reason}.`, {
      hint: `Correct ${flag}, or the permissions or encoding of the file.`,
      context: { file, flag, errno: text.errno },
    });
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new RoteyError('ROTEY_CONFIG_INVALID', `The file ${file} of ${flag} is empty.`, {
    hint: 'Write the secret into it.',
    context: { file, flag },
  });
}

interface Unreadable {
  readonly errno: string;
  readonly reason: string;
}

async function readText(file: string, signal: AbortSignal | undefined): Promise<string | Unreadable> {
  try {
    const bytes = await unlessAborted(readFile(file), signal);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // which leaves a byte order mark out
  } catch (error) {
    signal?.throwIfAborted();
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    return { errno, reason: REASONS[errno] ?? errno };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8; PowerShell writes UTF-16 unless it is told otherwise',
};
