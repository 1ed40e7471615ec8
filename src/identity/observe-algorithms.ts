import type { CertificateFacts } from './certificate-facts.ts';
import { describeCertificate } from './describe.ts';
import type { FindingRules, Observation } from './findings.ts';
import type { CertificatePath } from './pair.ts';

/** Keys and signatures of the leaf and its issuers. */
export function observeAlgorithms(path: CertificatePath, rules: FindingRules): readonly Observation[] {
  return [...observeKeyType(path[0]), ...path.flatMap((facts) => observeStrength(facts, rules))];
}

/** The size of a certificate's key, and the algorithm that it is signed with. */
export function observeStrength(facts: CertificateFacts, rules: FindingRules): readonly Observation[] {
  return [...observeKeySize(facts), ...observeSignature(facts, rules)];
}

/** crypto/tls of Go takes RSA, ECDSA and Ed25519; a key bound to RSASSA-PSS it does not even read. */
function observeKeyType({ keyType }: CertificateFacts): readonly Observation[] {
  if (keyType === 'rsa' || keyType === 'ec') return [];
  if (keyType === 'ed25519') {
    return [{ code: 'ROTEY_FINDING_KEY_EDWARDS', message: 'The key of the leaf is Ed25519.' }];
  }
  const message = `The key of the leaf is of type ${keyType}, not rsa, ec or ed25519.`;
  return [{ code: 'ROTEY_FINDING_KEY_TYPE_UNUSUAL', message }];
}

/** NIST SP 800-131A allows no shorter keys for signing since 2014. */
const MIN_RSA_BITS = 2048;

/** The curves of TLS 1.3 that every TLS stack in use supports (RFC 8446 §4.2.3). */
const USUAL_CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

function observeKeySize(facts: CertificateFacts): readonly Observation[] {
  const { keyType, keyBits, curve } = facts;
  if (keyType === 'ec') {
    if (USUAL_CURVES.has(curve ?? '')) return [];
    const on = curve === undefined ? 'a curve without a name' : `the curve ${curve}`;
    return [{ code: 'ROTEY_FINDING_CURVE_UNUSUAL', message: `The key of ${describeCertificate(facts)} is on ${on}.` }];
  }
  if (keyBits === undefined || keyBits >= MIN_RSA_BITS) return [];
  const message = `The RSA key of ${describeCertificate(facts)} has ${keyBits} bits, less than ${MIN_RSA_BITS}.`;
  return [{ code: 'ROTEY_FINDING_RSA_SHORT', message }];
}

const WEAK_HASH = /md2|md5|sha-?1$|sha-?1with/i;
/** SHA-224 too: Temporal Cloud asks for SHA-256 or more. */
const WEAK_HASH_FOR_CLOUD = /md2|md5|sha-?1$|sha-?1with|sha-?224/i;
const USUAL_SIGNATURE = /WithRSAEncryption$|^ecdsa-with-|^rsassa-pss with /;

function observeSignature(facts: CertificateFacts, rules: FindingRules): readonly Observation[] {
  const { signatureAlgorithm, selfSigned } = facts;
  // Nobody verifies the signature of a root, but Temporal Cloud looks at its algorithm when it is uploaded.
  if (selfSigned && rules !== 'cloud') return [];
  const message = `${describeCertificate(facts)} is signed with ${signatureAlgorithm}.`;
  const weak = rules === 'cloud' ? WEAK_HASH_FOR_CLOUD : WEAK_HASH;
  if (weak.test(signatureAlgorithm)) return [{ code: 'ROTEY_FINDING_SIGNATURE_WEAK', message }];
  return USUAL_SIGNATURE.test(signatureAlgorithm) ? [] : [{ code: 'ROTEY_FINDING_SIGNATURE_UNUSUAL', message }];
}
