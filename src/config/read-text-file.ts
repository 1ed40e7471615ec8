import { readFile } from 'node:fs/promises';
import { RoteyError } from '../errors.ts';

/**
 * Reads a file of settings. Undefined when it does not exist and need not.
 *
 * @param namedBy what to correct when it cannot be read.
 */
export async function readConfigFile(
  file: string,
  mustExist: boolean,
  namedBy = '--config-file or TEMPORAL_CONFIG_FILE',
): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    if (errno === 'ENOENT' && !mustExist) return undefined;
    throw new RoteyError('ROTEY_CONFIG_INVALID', `The configuration file ${file} cannot be read: ${reason(errno)}.`, {
      hint: `Correct ${namedBy}, or the permissions of the file.`,
      context: { file, errno },
    });
  }
}

/** Reads a secret that stands in a file of its own, without the line end behind it. */
export async function readSecretFile(file: string, flag: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    throw new RoteyError('ROTEY_CONFIG_INVALID', `The file ${file} of ${flag} cannot be read: ${reason(errno)}.`, {
      hint: `Correct ${flag}, or the permissions of the file.`,
      context: { file, flag, errno },
    });
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new RoteyError('ROTEY_CONFIG_INVALID', `The file ${file} of ${flag} is empty.`, {
    hint: 'Write the secret into it.',
    context: { file, flag },
  });
}

function reason(errno: string): string {
  if (errno === 'ENOENT') return 'it does not exist';
  return errno === 'EACCES' ? 'permission denied' : errno;
}
