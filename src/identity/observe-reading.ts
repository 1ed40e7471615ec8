import type { CertificateFacts } from './certificate-facts.ts';
import { describeCertificate, describeTime } from './describe.ts';
import type { Observation } from './findings.ts';

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

/** What only reading can notice: a pair is in order afterwards. */
export function observeReading(notes: ReadingNotes): readonly Observation[] {
  const { leaf, first, sameKey, unrelated, repeated, keys } = notes;
  const observations: Observation[] = [];
  if (leaf !== first) {
    observations.push({
      code: 'ROTEY_FINDING_LEAF_NOT_FIRST',
      message: `The file begins with ${describeCertificate(first)}; the leaf is ${describeCertificate(leaf)}.`,
    });
  }
  if (sameKey.length > 1) {
    const issued = describeTime(leaf.notBeforeMs);
    observations.push({
      code: 'ROTEY_FINDING_SEVERAL_LEAVES',
      message: `${sameKey.length} certificates belong to the key; ${describeCertificate(leaf)} of ${issued} is used.`,
    });
  }
  if (keys > 1) {
    observations.push({
      code: 'ROTEY_FINDING_SEVERAL_KEYS',
      message: `There are ${keys} different private keys; one of them belongs to a certificate.`,
    });
  }
  for (const facts of repeated) {
    const message = `${describeCertificate(facts)} stands there again.`;
    observations.push({ code: 'ROTEY_FINDING_CERTIFICATE_REPEATED', message });
  }
  for (const facts of unrelated) {
    const message = `${describeCertificate(facts)} has signed nothing in the chain of the leaf.`;
    observations.push({ code: 'ROTEY_FINDING_CERTIFICATE_UNRELATED', message });
  }
  return observations;
}
