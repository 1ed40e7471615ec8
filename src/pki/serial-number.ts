import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { ruleBroken } from './rules.ts';

/**
 * A random serial number of 16 octets, positive and without padding: 126 random bits, above the 64 that CAs are asked
 * for, so two authorities need no shared counter.
 */
export function randomSerial(): Uint8Array {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return octets;
}

/**
 * A chosen serial number from its hexadecimal form, in upper or lower case.
 *
 * @throws {RoteyError} `ROTEY_ISSUE_RULE_BROKEN` when it is zero or has more than 20 octets as an INTEGER
 * (RFC 5280 §4.1.2.2).
 */
export function parseSerial(hex: string): Uint8Array {
  const digits = hex.replace(/^0+/, '');
  const octets = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const encodedLength = octets.length + ((octets[0] ?? 0) >= 0x80 ? 1 : 0);
  if (!/^[0-9a-f]+$/i.test(digits) || encodedLength > 20) {
    throw ruleBroken(
      'RFC 5280 §4.1.2.2, a serial number is a positive integer',
      JSON.stringify(hex.slice(0, 100)),
      '1 to 20 octets in hexadecimal digits, not zero',
      'Leave the serial number out: a random one is chosen.',
    );
  }
  return octets;
}
