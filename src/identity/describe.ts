/** The words that findings use for certificates and times. */
import type { CertificateFacts } from './certificate-facts.ts';

/** `"O=Example, CN=worker" (serial 0A1B)`. */
export function describeCertificate({ subject, serial }: Pick<CertificateFacts, 'subject' | 'serial'>): string {
  return `"${subject}" (serial ${serial})`;
}

/** `2026-11-24T08:00:00Z`: certificates know no fractions of a second. That of a server may hold a time that is none. */
export function describeTime(ms: number): string {
  if (!Number.isFinite(ms)) return 'unreadable';
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** The two largest units that count, rounded down: `2 d 3 h`, `4 min 10 s`, `0 s`. For durations of 0 ms and more. */
export function describeDuration(ms: number): string {
  const first = UNITS.findIndex(([, size]) => ms >= size);
  if (first === -1) return '0 s';
  let left = ms;
  const parts: string[] = [];
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    left -= count * size;
  }
  return parts.join(' ');
}
