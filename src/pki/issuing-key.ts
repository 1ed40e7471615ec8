import {
  createHash,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  type KeyPairKeyObjectResult,
  sign,
} from 'node:crypto';
import { promisify } from 'node:util';
import { der, OIDS } from '../asn1/index.ts';
import { RoteyError } from '../errors.ts';
import { isWholeKey } from '../identity/index.ts';

/** The keys that can be generated. Curves by their NIST names, RSA with its modulus length in bits. */
export type KeyType = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ed25519';

/**
 * EC P-256: generated in under a millisecond (RSA-2048 takes a hundred times that), accepted by Temporal Cloud and by
 * every TLS stack in use.
 */
export const DEFAULT_KEY_TYPE: KeyType = 'ec-p256';

/**
 * A new private key; its public half follows from it.
 *
 * @throws {RangeError} for a type that is not in {@link KeyType}.
 */
export async function generatePrivateKey(type: KeyType): Promise<KeyObject> {
  const generate = GENERATORS.get(type);
  if (generate === undefined) {
    throw new RangeError(`Not a key type: ${JSON.stringify(type)}. There are: ${[...GENERATORS.keys()].join(', ')}.`);
  }
  return (await generate()).privateKey;
}

/**
 * Reads an unencrypted private key: PKCS#8, PKCS#1 or SEC1 as PEM.
 *
 * @throws {RoteyError} `ROTEY_KEY_MALFORMED`, without OpenSSL's message: what it says of key material is not ours to
 * decide.
 */
export function readKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (isWholeKey(key)) return key;
  } catch {} // as with one that is read and is not whole
  throw new RoteyError('ROTEY_KEY_MALFORMED', 'The private key cannot be read.', {
    hint: 'Hand in one unencrypted private key as PEM.',
  });
}

/** How a key signs certificates. */
export interface SignatureScheme {
  /** `AlgorithmIdentifier` as it stands in the certificate, twice (RFC 5280 §4.1.1.2). */
  readonly algorithmIdentifier: Uint8Array;
  /** Null where the scheme brings its own hash (Ed25519). */
  readonly hash: string | null;
}

/**
 * The scheme follows from the key, so that the hash is never weaker than the curve: SHA-256 for RSA and P-256, SHA-384
 * for P-384, SHA-512 for P-521 (RFC 5480 §4), Ed25519 as it is.
 *
 * @throws {RoteyError} `ROTEY_KEY_UNSUPPORTED` for every other key.
 */
export function signatureScheme(key: KeyObject): SignatureScheme {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa') {
    // RFC 4055 §5: the parameters of the PKCS #1 v1.5 algorithms are NULL, not absent.
    return scheme('sha256', der.objectIdentifier(OIDS.sha256WithRSAEncryption), der.nullValue());
  }
  if (type === 'ed25519') return scheme(null, der.objectIdentifier(OIDS.Ed25519));
  const curve = type === 'ec' ? details?.namedCurve : undefined;
  if (curve === 'prime256v1') return scheme('sha256', der.objectIdentifier(OIDS['ecdsa-with-SHA256']));
  if (curve === 'secp384r1') return scheme('sha384', der.objectIdentifier(OIDS['ecdsa-with-SHA384']));
  if (curve === 'secp521r1') return scheme('sha512', der.objectIdentifier(OIDS['ecdsa-with-SHA512']));
  throw new RoteyError('ROTEY_KEY_UNSUPPORTED', `Cannot sign certificates with a key of type ${curve ?? type}.`, {
    hint: 'Use an RSA, an EC (P-256, P-384, P-521) or an Ed25519 key.',
  });
}

/** The signature over `data` by the key's own {@link signatureScheme}. */
export async function signWith(key: KeyObject, data: Uint8Array): Promise<Uint8Array> {
  const { hash } = signatureScheme(key);
  return await new Promise((resolve, reject) => {
    // Null is documented for Ed25519 (node:crypto sign); the type declarations know undefined only.
    sign(hash ?? undefined, data, key, (error, signature) => (error === null ? resolve(signature) : reject(error)));
  });
}

/**
 * What subjectKeyIdentifier and authorityKeyIdentifier say of a key: the first 160 bits of the SHA-256 of its
 * SubjectPublicKeyInfo (after RFC 7093 §2). RFC 5280 §4.2.1.2 proposes SHA-1 but leaves the method open, and SHA-1 is
 * missing where only approved hashes are allowed.
 */
export function keyIdentifier(publicKey: KeyObject): Uint8Array {
  return createHash('sha256').update(publicKeyInfo(publicKey)).digest().subarray(0, 20);
}

/** SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7). */
export function publicKeyInfo(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** Unencrypted PKCS#8 PEM, the one form that every TLS stack reads. */
export function toPkcs8Pem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function scheme(hash: string | null, ...parts: readonly Uint8Array[]): SignatureScheme {
  return { algorithmIdentifier: der.sequence(...parts), hash };
}

const generate = promisify(generateKeyPair);

const GENERATORS: ReadonlyMap<KeyType, () => Promise<KeyPairKeyObjectResult>> = new Map([
  ['ec-p256', () => generate('ec', { namedCurve: 'P-256' })],
  ['ec-p384', () => generate('ec', { namedCurve: 'P-384' })],
  ['ec-p521', () => generate('ec', { namedCurve: 'P-521' })],
  ['rsa-2048', () => generate('rsa', { modulusLength: 2048 })],
  ['rsa-3072', () => generate('rsa', { modulusLength: 3072 })],
  ['rsa-4096', () => generate('rsa', { modulusLength: 4096 })],
  ['ed25519', () => generate('ed25519', undefined)],
]);
