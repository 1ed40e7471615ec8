import type { CertificateFacts } from './certificate-facts.ts';
import type { Observation } from './findings.ts';

/** What the leaf says that it is and may be used for (RFC 5280 §4.2.1). */
export function observeLeaf(leaf: CertificateFacts): readonly Observation[] {
  return [...observeKind(leaf), ...observeKeyUsage(leaf), ...observePurposes(leaf)];
}

function observeKind({ ca, version, selfSigned, subject }: CertificateFacts): readonly Observation[] {
  const observations: Observation[] = [];
  if (ca === true) {
    observations.push({
      code: 'ROTEY_FINDING_LEAF_IS_CA',
      message: `The leaf "${subject}" has basicConstraints CA:TRUE.`,
    });
  }
  // An older version cannot have the extension, and is reported for itself.
  if (ca === undefined && version === 3) {
    observations.push({
      code: 'ROTEY_FINDING_BASIC_CONSTRAINTS_ABSENT',
      message: 'The leaf has no basicConstraints extension.',
    });
  }
  if (selfSigned) {
    observations.push({
      code: 'ROTEY_FINDING_SELF_SIGNED',
      message: `The leaf "${subject}" is signed with its own key.`,
    });
  }
  return observations;
}

function observeKeyUsage({ keyUsage }: CertificateFacts): readonly Observation[] {
  if (keyUsage === undefined) {
    return [{ code: 'ROTEY_FINDING_KEY_USAGE_ABSENT', message: 'The leaf has no keyUsage extension.' }];
  }
  if (keyUsage.includes('digitalSignature')) return [];
  const message = `The leaf has keyUsage ${list(keyUsage)}; digitalSignature is not among it.`;
  return [{ code: 'ROTEY_FINDING_NO_DIGITAL_SIGNATURE', message }];
}

/** An absent extension allows everything: cert-manager's csi-driver leaves it out unless `key-usages` is set. */
function observePurposes({ extendedKeyUsage }: CertificateFacts): readonly Observation[] {
  if (extendedKeyUsage === undefined) return [];
  if (extendedKeyUsage.some((purpose) => purpose === 'clientAuth' || purpose === 'anyExtendedKeyUsage')) return [];
  const message = `The leaf has extended key usage ${list(extendedKeyUsage)}; clientAuth is not among it.`;
  return [{ code: 'ROTEY_FINDING_NO_CLIENT_AUTH', message }];
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'of no name' : names.join(', ');
}
