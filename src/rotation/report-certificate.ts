import type { LabelsOf, SetGauge } from '../observe/index.ts';
import type { PairSummary } from './events.ts';

/** Reports which certificate has a role (`on_disk`, `candidate`, `in_use`), and from when to when it is valid. */
export function reportCertificate(
  set: SetGauge,
  pair: PairSummary,
  labels: LabelsOf<'rotey_certificate_not_after_timestamp_seconds'>,
): void {
  const { serial, issuer, subject, fingerprint, notBeforeMs, notAfterMs } = pair;
  set('rotey_certificate_not_after_timestamp_seconds', labels, notAfterMs / 1000);
  set('rotey_certificate_not_before_timestamp_seconds', labels, notBeforeMs / 1000);
  set('rotey_certificate_info', { ...labels, serial, issuer, subject, fingerprint }, 1);
}
