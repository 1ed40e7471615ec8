import type { KeyObject } from 'node:crypto';

/**
 * Whether OpenSSL can write the key that it has read. It reads EC keys whose private value is longer than the curve allows
 * (a damaged length in the file is enough), and Node then ends the whole process, by an assertion in
 * `GetEcKeyDetail` (seen with Node 20.20), when it is asked for `asymmetricKeyDetails` or a JWK. Writing such a key only
 * fails.
 *
 * To be asked of every private key that was read, before anything else is.
 */
export function isWholeKey(key: KeyObject): boolean {
  try {
    key.export({ format: 'der', type: 'pkcs8' }).fill(0);
    return true;
  } catch {
    return false;
  }
}
