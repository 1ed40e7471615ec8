import { der, OIDS } from '../asn1/index.ts';

/** Bit numbers of RFC 5280 §4.2.1.3. */
const KEY_USAGE_BITS = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;

const PURPOSES: Readonly<Record<LeafUsage, readonly string[]>> = {
  client: [OIDS.clientAuth],
  server: [OIDS.serverAuth],
  both: [OIDS.clientAuth, OIDS.serverAuth],
};

/** What a leaf is for, in extended key usage (RFC 5280 §4.2.1.12). */
export type LeafUsage = 'client' | 'server' | 'both';

/**
 * Critical in both cases. For a leaf, cA is FALSE and by DER's rule for defaults not written: what remains is an empty
 * SEQUENCE, which readers show as `CA:FALSE` (RFC 5280 §4.2.1.9; certstrap leaves the extension out, and Cloud asks
 * for it).
 */
export function basicConstraints(constraints: {
  readonly ca: boolean;
  readonly pathLength?: number | undefined;
}): Uint8Array {
  const { ca, pathLength } = constraints;
  const content = [
    ...(ca ? [der.boolean(true)] : []),
    ...(pathLength === undefined ? [] : [der.integer(BigInt(pathLength))]),
  ];
  return extension(OIDS.basicConstraints, true, der.sequence(...content));
}

/** Critical, as RFC 5280 §4.2.1.3 asks of conforming CAs. */
export function keyUsage(...usages: readonly (keyof typeof KEY_USAGE_BITS)[]): Uint8Array {
  return extension(OIDS.keyUsage, true, der.namedBits(usages.map((usage) => KEY_USAGE_BITS[usage])));
}

export function extendedKeyUsage(usage: LeafUsage): Uint8Array {
  return extension(OIDS.extKeyUsage, false, der.sequence(...PURPOSES[usage].map(der.objectIdentifier)));
}

export function subjectKeyIdentifier(identifier: Uint8Array): Uint8Array {
  return extension(OIDS.subjectKeyIdentifier, false, der.octetString(identifier));
}

/** The issuer's key by its identifier alone: name and serial number would break when the issuer is renewed. */
export function authorityKeyIdentifier(identifier: Uint8Array): Uint8Array {
  return extension(OIDS.authorityKeyIdentifier, false, der.sequence(der.implicit(0, der.octetString(identifier))));
}

/** @param generalNames complete GeneralName elements, at least one. */
export function subjectAltName(generalNames: readonly Uint8Array[]): Uint8Array {
  return extension(OIDS.subjectAltName, false, der.sequence(...generalNames));
}

function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return der.sequence(der.objectIdentifier(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}
