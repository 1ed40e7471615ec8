import {
  type FoundKey,
  isAuthority,
  type OrderedChain,
  orderChain,
  type ParsedCertificate,
} from '../identity/index.ts';
import type { Entry, ReadInput } from './entry.ts';

/** A certificate, and where it was found first. */
export interface Located {
  readonly certificate: ParsedCertificate;
  readonly where: string;
}

/** A key, and the entry that it was found in. */
export interface LocatedKey {
  readonly key: FoundKey;
  readonly entry: Entry;
}

/** All that was read, so that a key in one file and an issuer in another are found. */
export class Collection {
  readonly keys: readonly LocatedKey[];
  readonly #certificates = new Map<string, Located>();
  readonly #entries: readonly Entry[];

  constructor(inputs: readonly ReadInput[]) {
    this.#entries = inputs.flatMap(({ entries }) => entries);
    this.keys = this.#entries.flatMap((entry) => (entry.material?.keys ?? []).map((key) => ({ key, entry })));
    for (const { material, where } of this.#entries) {
      for (const certificate of material?.certificates ?? []) {
        const { sha256 } = certificate.facts;
        if (!this.#certificates.has(sha256)) this.#certificates.set(sha256, { certificate, where });
      }
    }
  }

  /** Everything above a certificate; what stands in its own entry comes first. */
  chainOf(certificate: ParsedCertificate, own: readonly ParsedCertificate[]): OrderedChain {
    const others = new Map<string, ParsedCertificate>();
    for (const other of own) others.set(other.facts.sha256, other);
    for (const [sha256, { certificate: other }] of this.#certificates)
      if (!others.has(sha256)) others.set(sha256, other);
    others.delete(certificate.facts.sha256);
    return orderChain(certificate, [...others.values()]);
  }

  /** Where a certificate stands: in the entry itself if it does, else where it was found first. */
  whereIs({ facts: { sha256 } }: ParsedCertificate, entry: Entry): string {
    const here = entry.material?.certificates.some((own) => own.facts.sha256 === sha256) === true;
    return here ? entry.where : (this.#certificates.get(sha256)?.where ?? entry.where);
  }

  /** The keys that belong to a certificate, wherever they are. */
  keysOf(certificate: ParsedCertificate): readonly LocatedKey[] {
    return this.keys.filter(({ key }) => key.belongsTo(certificate) === 'yes');
  }

  /** The certificates that a key belongs to. */
  ownersOf(key: FoundKey): readonly Located[] {
    return [...this.#certificates.values()].filter(({ certificate }) => key.belongsTo(certificate) === 'yes');
  }

  /** Whether two entries are meant for each other: they are one, share a name, or are the only leaf and the only key. */
  areMeantForEachOther(certificates: Entry, keys: Entry): boolean {
    if (certificates === keys || certificates.pairing === keys.pairing) return true;
    const withKeys = this.#entries.filter(({ material }) => (material?.keys.length ?? 0) > 0);
    const withLeaves = this.#entries.filter(hasLeaf);
    return withKeys.length === 1 && withLeaves.length === 1 && withKeys[0] === keys && withLeaves[0] === certificates;
  }

  /** The entries with certificates that a key of this entry is meant for. */
  partnersOf(keys: Entry): readonly Entry[] {
    return this.#entries.filter(
      (entry) => (entry.material?.certificates.length ?? 0) > 0 && this.areMeantForEachOther(entry, keys),
    );
  }
}

function hasLeaf({ material, ofServer }: Entry): boolean {
  return !ofServer && material?.certificates.some(({ facts }) => !isAuthority(facts)) === true;
}
