import type { CertificateFacts } from './certificate-facts.ts';
import { createFinding, type Finding } from './findings.ts';

/** What reading a pair came across. */
export interface ReadingNotes {
  readonly leaf: CertificateFacts;
  /** The first certificate of the file. */
  readonly first: CertificateFacts;
  /** Every certificate that belongs to the key, the leaf among them. */
  readonly sameKey: readonly CertificateFacts[];
  readonly unrelated: readonly CertificateFacts[];
  readonly repeated: readonly CertificateFacts[];
  /** How many different private keys there were. */
  readonly keys: number;
}

/** The findings that only reading can make: a pair is in order afterwards. */
export function findingsOfReading({ leaf, first, sameKey, unrelated, repeated, keys }: ReadingNotes): Finding[] {
  const findings = [
    leaf === first
      ? undefined
      : createFinding(
          'ROTEY_FINDING_LEAF_NOT_FIRST',
          `The file begins with ${call(first)}; the leaf is ${call(leaf)}.`,
        ),
    sameKey.length === 1
      ? undefined
      : createFinding(
          'ROTEY_FINDING_SEVERAL_LEAVES',
          `${sameKey.length} certificates belong to the key; ${call(leaf)}, valid from ${date(leaf)}, is used.`,
        ),
    keys === 1
      ? undefined
      : createFinding(
          'ROTEY_FINDING_SEVERAL_KEYS',
          `There are ${keys} different private keys; one belongs to the leaf.`,
        ),
    ...repeated.map((facts) => createFinding('ROTEY_FINDING_CERTIFICATE_REPEATED', `${call(facts)} is there again.`)),
    ...unrelated.map((facts) =>
      createFinding(
        'ROTEY_FINDING_CERTIFICATE_UNRELATED',
        `${call(facts)} has signed nothing in the chain of the leaf.`,
      ),
    ),
  ];
  return findings.filter((finding) => finding !== undefined);
}

/** How messages call a certificate. */
function call({ subject, serial }: CertificateFacts): string {
  return `"${subject}" (serial ${serial})`;
}

function date({ notBeforeMs }: CertificateFacts): string {
  return new Date(notBeforeMs).toISOString();
}
