import { describeTime, type KeyFacts, type ParsedCertificate } from '../identity/index.ts';
import type { Collection } from './collection.ts';
import type { Entry } from './entry.ts';
import type { SortedEntry } from './judge-entry.ts';
import { isIssuedByPublicRoot } from './public-roots.ts';
import type {
  CertificateLink,
  CertificatePosition,
  CertificateReport,
  KeyKindReport,
  KeyReport,
  PrivateKeyMatch,
} from './report.ts';

/** Everything that a certificate says, and what it is to the others. */
export function describeCertificateOf(
  certificate: ParsedCertificate,
  entry: Entry,
  sorted: SortedEntry,
  collection: Collection,
  nowMs: number,
): CertificateReport {
  const { facts } = certificate;
  const { subject, issuer, serial, sha1, sha256, version, selfSigned, notBeforeMs, notAfterMs } = facts;
  return {
    position: positionOf(certificate, sorted),
    ...{ subject, issuer, serial, sha1, sha256, version, selfSigned },
    notBefore: describeTime(notBeforeMs),
    notAfter: describeTime(notAfterMs),
    validity: notAfterMs < nowMs ? 'expired' : nowMs < notBeforeMs ? 'not-yet-valid' : 'valid',
    secondsLeft: Math.floor((notAfterMs - nowMs) / 1000),
    key: keyKind(facts),
    signatureAlgorithm: facts.signatureAlgorithm,
    sans: facts.sans,
    ca: facts.ca ?? null,
    pathLength: facts.pathLength ?? null,
    keyUsage: facts.keyUsage ?? null,
    extendedKeyUsage: facts.extendedKeyUsage ?? null,
    ...describeChain(certificate, entry, collection),
    privateKey: privateKeyOf(certificate, entry, collection),
  };
}

function positionOf(certificate: ParsedCertificate, { role, leaves, unrelated }: SortedEntry): CertificatePosition {
  if (role === 'ca-bundle') return 'ca';
  const same = (other: ParsedCertificate): boolean => other.facts.sha256 === certificate.facts.sha256;
  if (leaves.some(({ sameKey }) => sameKey.some(same))) return 'leaf';
  if (unrelated.some(same)) return 'unrelated';
  return certificate.facts.selfSigned ? 'root' : 'issuer';
}

function keyKind({ keyType, keyBits, curve }: KeyFacts): KeyKindReport {
  return {
    type: keyType,
    ...(keyBits === undefined ? {} : { bits: keyBits }),
    ...(curve === undefined ? {} : { curve }),
  };
}

function describeChain(
  certificate: ParsedCertificate,
  entry: Entry,
  collection: Collection,
): Pick<CertificateReport, 'chain' | 'chainEnd' | 'nextIssuer'> {
  const { path } = collection.chainOf(certificate, entry.material?.certificates ?? []);
  const chain = path.slice(1).map((issuer) => linkTo(issuer, collection.whereIs(issuer, entry)));
  const last = path[path.length - 1] ?? certificate;
  if (last.facts.selfSigned) return { chain, chainEnd: 'root' };
  const chainEnd = isIssuedByPublicRoot(last) ? 'public-root' : 'incomplete';
  return { chain, chainEnd, nextIssuer: last.facts.issuer };
}

function linkTo({ facts: { subject, sha256 } }: ParsedCertificate, where: string): CertificateLink {
  return { subject, sha256, where };
}

function privateKeyOf(certificate: ParsedCertificate, entry: Entry, collection: Collection): PrivateKeyMatch {
  const found = collection.keysOf(certificate);
  if (found.length > 0) return { match: 'found', where: placesOf(found) };
  const locked = collection.keys.filter(
    ({ key, entry: keys }) => key.belongsTo(certificate) === 'unknown' && collection.areMeantForEachOther(entry, keys),
  );
  return locked.length > 0 ? { match: 'unknown', where: placesOf(locked) } : { match: 'not-found', where: [] };
}

function placesOf(keys: readonly { readonly entry: Entry }[]): readonly string[] {
  return [...new Set(keys.map(({ entry }) => entry.where))];
}

/** What may be said of the keys of an entry. */
export function describeKeys({ material }: Entry, collection: Collection): readonly KeyReport[] {
  return (material?.keys ?? []).map((key) => ({
    line: key.line,
    encrypted: key.encrypted,
    ...(key.facts === undefined ? {} : { key: keyKind(key.facts) }),
    belongsTo: collection.ownersOf(key).map(({ certificate, where }) => linkTo(certificate, where)),
  }));
}
