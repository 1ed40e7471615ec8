import { readDer } from '../asn1/index.ts';
import { RoteyError } from '../errors.ts';
import { readDistinguishedName } from './distinguished-name.ts';

/**
 * A Name by itself (RFC 5280 §4.1.2.4), as a server lists the CAs that it asks for, in the words of
 * `CertificateFacts.subject`. Undefined when it is not one: what a server sends is shown, not relied on.
 */
export function nameText(der: Uint8Array): string | undefined {
  try {
    const reader = readDer(der);
    const { text } = readDistinguishedName(reader);
    reader.end();
    return text;
  } catch (error) {
    if (error instanceof RoteyError) return undefined;
    throw error;
  }
}
