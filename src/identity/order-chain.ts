import { isIssuedBy, type ParsedCertificate } from './read-certificate.ts';

/** The certificates to present. */
export interface OrderedChain {
  /** The leaf, its issuer, that one's issuer, as far as they are there; then other ways up (cross-signed CAs). */
  readonly related: readonly [ParsedCertificate, ...ParsedCertificate[]];
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
    for (const candidate of others) {
      if (!left.has(candidate) || !isIssuedBy(certificate, candidate)) continue;
      left.delete(candidate);
      related.push(candidate);
      climb(candidate);
    }
  };
  climb(leaf);
  return { related, unrelated: [...left] };
}
