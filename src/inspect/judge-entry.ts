import type { RoteyError } from '../errors.ts';
import {
  bundleOf,
  type CertificatePath,
  describeCertificate,
  FINDINGS,
  type Finding,
  type FindingRules,
  inspectBundle,
  inspectPath,
  isAuthority,
  type OrderedChain,
  type ParsedCertificate,
  type Severity,
  selectLeaf,
} from '../identity/index.ts';
import type { Collection } from './collection.ts';
import type { Entry } from './entry.ts';
import { publicRootFingerprints } from './public-roots.ts';
import type { EntryRole, FindingReport } from './report.ts';

export interface JudgeOptions {
  readonly nowMs: number;
  readonly rules: FindingRules;
  readonly expiresWithinMs: number | undefined;
}

/** The certificates of an entry, sorted by what they are to each other. */
export interface SortedEntry {
  readonly role: EntryRole;
  /** Of each, the one to present of several with the same key; empty for a bundle and for keys alone. */
  readonly leaves: readonly Leaf[];
  readonly unrelated: readonly ParsedCertificate[];
}

export interface Leaf {
  readonly certificate: ParsedCertificate;
  /** Every certificate of the entry with the same key. */
  readonly sameKey: readonly ParsedCertificate[];
  /** What is above it, among everything that was read. */
  readonly chain: OrderedChain;
}

/** Finds out what an entry is: CAs alone are a bundle, anything else is a leaf with its issuers. */
export function sortEntry(
  { material, named, ofServer }: Entry,
  collection: Collection,
  asked: 'leaf' | 'ca-bundle' | undefined,
): SortedEntry {
  const certificates = unique(material?.certificates ?? []);
  if (certificates.length === 0) return { role: 'keys', leaves: [], unrelated: [] };
  const byContent = certificates.every(({ facts }) => isAuthority(facts)) && !ofServer ? 'ca-bundle' : 'leaf';
  const role = named ? (asked ?? byContent) : byContent;
  if (role === 'ca-bundle') return { role, leaves: [], unrelated: [] };
  const leaves = groupByKey(leavesOf(certificates, ofServer), collection).map((sameKey): Leaf => {
    const certificate = selectLeaf(sameKey);
    return { certificate, sameKey, chain: collection.chainOf(certificate, certificates) };
  });
  const related = new Set(leaves.flatMap(({ sameKey, chain }) => [...sameKey, ...chain.related]));
  const unrelated = certificates.filter((certificate) => !related.has(certificate));
  return { role: ofServer ? 'server' : 'leaf', leaves, unrelated };
}

/** Without CAs; where there are only CAs, the first, which a server has to present first (RFC 8446 §4.4.2). */
function leavesOf(certificates: readonly ParsedCertificate[], ofServer: boolean): readonly ParsedCertificate[] {
  const leaves = ofServer ? [] : certificates.filter(({ facts }) => !isAuthority(facts));
  return leaves.length > 0 ? leaves : certificates.slice(0, 1);
}

function groupByKey(
  certificates: readonly ParsedCertificate[],
  collection: Collection,
): readonly (readonly [ParsedCertificate, ...ParsedCertificate[]])[] {
  const groups: [ParsedCertificate, ...ParsedCertificate[]][] = [];
  for (const certificate of certificates) {
    const same = groups.find(([first]) => haveSameKey(first, certificate));
    if (same === undefined) groups.push([certificate]);
    else same.push(certificate);
  }
  // Those whose key is at hand first: they are what somebody uses.
  const keyed = (group: readonly ParsedCertificate[]): boolean =>
    group.some((certificate) => collection.keysOf(certificate).length > 0);
  return [...groups.filter(keyed), ...groups.filter((group) => !keyed(group))];
}

function haveSameKey(a: ParsedCertificate, b: ParsedCertificate): boolean {
  return a.publicKey !== undefined && b.publicKey !== undefined && a.publicKey.equals(b.publicKey);
}

/** What there is to say about the certificates of an entry. */
export function judgeEntry(
  entry: Entry,
  sorted: SortedEntry,
  collection: Collection,
  options: JudgeOptions,
): readonly FindingReport[] {
  const certificates = entry.material?.certificates ?? [];
  const { nowMs, rules, expiresWithinMs } = options;
  if (sorted.role === 'ca-bundle') {
    const publicRoots = rules === 'cloud' ? publicRootFingerprints() : undefined;
    const { bytes = 0, keys = [] } = entry.material ?? {};
    const bundle = bundleOf(certificates, { bytes, keys: keys.length });
    return inspectBundle(bundle, { nowMs, rules, expiresWithinMs, publicRoots });
  }
  const [first] = certificates;
  if (first === undefined) return [];
  const only = sorted.leaves.length === 1;
  return sorted.leaves.flatMap((leaf) => {
    const { facts } = leaf.certificate;
    const findings = inspectPath(factsOf(leaf.chain.path), {
      ...{ nowMs, expiresWithinMs, role: sorted.role === 'server' ? 'server' : 'client' },
      rules: sorted.role === 'server' ? 'server' : rules, // Temporal Cloud's are about clients and their CAs
      notes: {
        leaf: facts,
        first: only ? first.facts : facts,
        sameKey: leaf.sameKey.map((other) => other.facts),
        unrelated: only ? sorted.unrelated.map((other) => other.facts) : [],
        repeated: only ? repeatedIn(certificates).map((other) => other.facts) : [],
        keys: only ? differentKeys(entry) : 1,
      },
    });
    return [...findings.filter(notTwice).map(raise), ...missingIn(entry, leaf, sorted, collection)].map((finding) => ({
      ...finding,
      certificate: facts.sha256,
    }));
  });
}

/** An intermediate certificate that lies elsewhere is not presented with the leaf. A root need not be. */
function missingIn(
  entry: Entry,
  { chain: { path } }: Leaf,
  { role }: SortedEntry,
  collection: Collection,
): readonly Finding[] {
  const last = path[path.length - 1];
  const elsewhere = path.find((certificate) => collection.whereIs(certificate, entry) !== entry.where);
  if (role === 'server' || elsewhere === undefined || elsewhere.facts.selfSigned) return [];
  if (last?.facts.selfSigned !== true) return []; // which is told already
  const message =
    `${describeCertificate(elsewhere.facts)} stands in ${collection.whereIs(elsewhere, entry)} and not in ` +
    `${entry.where}, so it is not presented with the leaf.`;
  const { severity, remedy } = FINDINGS.ROTEY_FINDING_CHAIN_INCOMPLETE;
  return [{ code: 'ROTEY_FINDING_CHAIN_INCOMPLETE', severity: severity.server ?? 'info', message, remedy }];
}

/** One that has expired is told as such already. */
function notTwice({ code }: Finding, _index: number, all: readonly Finding[]): boolean {
  if (code !== 'ROTEY_FINDING_EXPIRED') return true;
  return !all.some((other) => other.code === 'ROTEY_FINDING_EXPIRES_WITHIN');
}

/** While a pair is rotated the server decides. Here nobody is about to ask it, and `good` would be a lie. */
const ERRORS_HERE: ReadonlySet<string> = new Set(['ROTEY_FINDING_EXPIRED', 'ROTEY_FINDING_VALIDITY_INVERTED']);

function raise(finding: Finding): Finding {
  return ERRORS_HERE.has(finding.code) ? { ...finding, severity: 'error' } : finding;
}

/** What there is to say about the keys of an entry: those that cannot be opened, are damaged, or belong to another. */
export function judgeKeys(entry: Entry, collection: Collection): readonly FindingReport[] {
  return (entry.material?.keys ?? []).flatMap((key) => {
    const { problem, name, line } = key;
    if (problem?.code === 'ROTEY_KEY_PASSPHRASE_MISSING') return [asFinding(problem, 'info')];
    if (problem !== undefined) return [asFinding(problem, 'error')];
    const [owner] = collection.ownersOf(key);
    if (owner !== undefined) {
      const damage = key.damageFor(owner.certificate, owner.where);
      return damage === undefined ? [] : [asFinding(damage, 'error')];
    }
    const wanting = collection
      .partnersOf(entry)
      .flatMap((partner) => (partner.material?.certificates ?? []).map((certificate) => ({ partner, certificate })));
    const [first] = wanting;
    if (first === undefined || wanting.some(({ certificate }) => collection.keysOf(certificate).length > 0)) return [];
    const { certificate, partner } = first;
    const message =
      `The private key in ${name}, line ${line}, does not belong to the certificate ` +
      `${describeCertificate(certificate.facts)} in ${partner.where}${wanting.length > 1 ? ', nor to any other there' : ''}.`;
    const remedy = 'Find the key that this certificate was issued for, or issue a new pair.';
    return [{ code: 'ROTEY_PAIR_MISMATCH', severity: 'error', message, remedy }];
  });
}

function asFinding({ code, message, hint }: RoteyError, severity: Severity): FindingReport {
  return { code, severity, message, remedy: hint ?? '' };
}

function unique(certificates: readonly ParsedCertificate[]): readonly ParsedCertificate[] {
  const repeated = new Set(repeatedIn(certificates));
  return certificates.filter((certificate) => !repeated.has(certificate));
}

/** The second and further ones of each. */
function repeatedIn(certificates: readonly ParsedCertificate[]): readonly ParsedCertificate[] {
  const seen = new Set<string>();
  return certificates.filter(({ facts: { sha256 } }) => {
    const again = seen.has(sha256);
    seen.add(sha256);
    return again;
  });
}

function differentKeys({ material }: Entry): number {
  const keys = material?.keys ?? [];
  return keys.filter((key, index) => !keys.slice(0, index).some((earlier) => earlier.isSameAs(key))).length;
}

function factsOf([leaf, ...issuers]: OrderedChain['path']): CertificatePath {
  return [leaf.facts, ...issuers.map(({ facts }) => facts)];
}
