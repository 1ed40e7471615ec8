import { isIssuedBy, type ParsedCertificate } from './read-certificate.ts';

/** The certificates to present. */
export interface OrderedChain {
  /** The leaf, its issuer, that one's issuer, as far as they are there; then other ways up (cross-signed CAs). */
  readonly related: readonly [ParsedCertificate, ...ParsedCertificate[]];
  /** The first part of {@link related}: each the issuer of the one before, up to a root or the last that is there. */
  readonly path: readonly [ParsedCertificate, ...ParsedCertificate[]];
  /** Certificates that signed none of {@link related}, in the order in which they were found. */
  readonly unrelated: readonly ParsedCertificate[];
}

/**
 * Puts certificates in the order of RFC 8446 §4.4.2: each after one that it signed, decided by name, by key and by
 * verifying the signature. Costs at most one verification per pair of certificates whose names fit.
 */
export function orderChain(leaf: ParsedCertificate, others: readonly ParsedCertificate[]): OrderedChain {
  const related: [ParsedCertificate, ...ParsedCertificate[]] = [leaf];
  const left = new Set(others);
  const climb = (certificate: ParsedCertificate): void => {
    if (certificate.facts.selfSigned) return;
    for (const candidate of others) {
      if (!left.has(candidate) || !isIssuedBy(certificate, candidate)) continue;
      left.delete(candidate);
      related.push(candidate);
      climb(candidate);
    }
  };
  climb(leaf);
  return { related, path: pathIn(related), unrelated: [...left] };
}

function pathIn([leaf, ...rest]: OrderedChain['related']): OrderedChain['path'] {
  const path: [ParsedCertificate, ...ParsedCertificate[]] = [leaf];
  let last = leaf;
  for (const next of rest) {
    if (last.facts.selfSigned || !isIssuedBy(last, next)) break;
    path.push(next);
    last = next;
  }
  return path;
}
