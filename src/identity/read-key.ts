import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type DerReader, readDer } from '../asn1/index.ts';
import { RoteyError, type RoteyErrorCode } from '../errors.ts';
import type { PemBlock } from './pem.ts';
import { formatPem } from './read-certificate.ts';
import { isWholeKey } from './whole-key.ts';

export interface ReadKeyOptions {
  /** How messages call the input. */
  readonly name: string;
  /** For encrypted keys; not looked at otherwise. At most 1,024 bytes, as in OpenSSL. */
  readonly passphrase: string | undefined;
}

/** Whether a PEM block is a private key of any kind. `EC PARAMETERS` is none: the key that follows repeats them. */
export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith('PRIVATE KEY');
}

/**
 * Reads a private key: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 appendix A.1.2), SEC1 (RFC 5915), each also encrypted.
 *
 * No error says anything of the key, the passphrase or OpenSSL's view of them but a fixed reason code.
 *
 * @throws {RoteyError} `ROTEY_KEY_UNSUPPORTED` for another kind of key or encryption; `ROTEY_KEY_PASSPHRASE_MISSING`;
 * `ROTEY_KEY_PASSPHRASE_WRONG`; `ROTEY_KEY_MALFORMED`.
 */
export function readPrivateKey(block: PemBlock, options: ReadKeyOptions): KeyObject {
  const key = isEncrypted(block) ? readEncrypted(block, options) : readPlain(block, options);
  const type = key.asymmetricKeyType ?? 'unknown';
  if (!SIGNING_TYPES.has(type)) {
    throw keyError('ROTEY_KEY_UNSUPPORTED', block, options, {
      reason: `a key of type ${type} cannot sign a TLS handshake`,
      hint: 'Use an ECDSA P-256 key, or RSA of 2,048 bits or more.',
    });
  }
  if (!isWholeKey(key)) {
    throw keyError('ROTEY_KEY_MALFORMED', block, options, {
      reason: 'its private value does not fit its curve',
      hint: 'Write the file again; `openssl pkey -in FILE -noout -check` checks it.',
    });
  }
  return key;
}

const SIGNING_TYPES: ReadonlySet<string> = new Set(['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448']);

/** By label; Node finds out by itself when the contents are of one of the other kinds. */
const FORMATS: ReadonlyMap<string, 'pkcs1' | 'pkcs8' | 'sec1'> = new Map([
  ['PRIVATE KEY', 'pkcs8'],
  ['ENCRYPTED PRIVATE KEY', 'pkcs8'],
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['EC PRIVATE KEY', 'sec1'],
]);

/** Whether it takes a passphrase to open it. */
export function isEncrypted({ label, headers }: PemBlock): boolean {
  return (
    label === 'ENCRYPTED PRIVATE KEY' || headers.has('dek-info') || /ENCRYPTED/.test(headers.get('proc-type') ?? '')
  );
}

function readPlain(block: PemBlock, options: ReadKeyOptions): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(block.der), format: 'der', type: formatOf(block, options) });
  } catch (error) {
    if (error instanceof RoteyError) throw error;
    throw keyError('ROTEY_KEY_MALFORMED', block, options, {
      reason: 'OpenSSL does not read it as a private key',
      hint: 'Write the file again; `openssl pkey -in FILE -noout -check` checks it.',
      openssl: reasonCode(error),
    });
  }
}

function readEncrypted(block: PemBlock, options: ReadKeyOptions): KeyObject {
  const { passphrase } = options;
  const type = formatOf(block, options);
  const traditional = block.label !== 'ENCRYPTED PRIVATE KEY';
  if (!traditional) refuseCostly(block, options);
  if (passphrase === undefined) {
    throw keyError('ROTEY_KEY_PASSPHRASE_MISSING', block, options, {
      reason: 'the key is encrypted, and no passphrase was given',
      hint: 'Give the passphrase, or write the key without encryption and with mode 0600.',
    });
  }
  try {
    return traditional
      ? createPrivateKey({ key: traditionalPem(block), format: 'pem', passphrase })
      : createPrivateKey({ key: Buffer.from(block.der), format: 'der', type, passphrase });
  } catch (error) {
    const openssl = reasonCode(error);
    if (openssl === 'ERR_OSSL_EVP_UNSUPPORTED') {
      throw keyError('ROTEY_KEY_UNSUPPORTED', block, options, {
        reason: 'it is encrypted in a way that OpenSSL 3 has retired (DES, RC2, RC4)',
        hint: 'Encrypt it again: `openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW -provider legacy -provider default`.',
        openssl,
      });
    }
    // A wrong passphrase gives a bad padding, or once in 256 times a good one around noise.
    throw keyError('ROTEY_KEY_PASSPHRASE_WRONG', block, options, {
      reason: 'the passphrase does not open it',
      hint: 'Check the passphrase for another value, a newline at its end, or more than 1,024 bytes.',
      openssl,
    });
  }
}

function formatOf(block: PemBlock, options: ReadKeyOptions): 'pkcs1' | 'pkcs8' | 'sec1' {
  const format = FORMATS.get(block.label);
  if (format !== undefined) return format;
  throw keyError('ROTEY_KEY_UNSUPPORTED', block, options, {
    reason: 'it is a key in a format for other purposes (OpenSSH, DSA)',
    hint: 'Use a key in PKCS#8, PKCS#1 or SEC1 form; `ssh-keygen -p -m PKCS8` converts one of OpenSSH.',
  });
}

/** The block as OpenSSL expects it: only the two headers that it reads, in its order. */
function traditionalPem({ label, headers, der }: PemBlock): string {
  const [begin, ...rest] = formatPem(label, der).split('\n');
  return [begin, 'Proc-Type: 4,ENCRYPTED', `DEK-Info: ${headers.get('dek-info') ?? ''}`, '', ...rest].join('\n');
}

/**
 * The most iterations of a key derivation. OpenSSL's default is 2,048 and OWASP's advice 600,000; this many take some
 * seconds, in which nothing else happens, and a damaged file may ask for a thousand times more.
 */
const MAX_ITERATIONS = 5_000_000n;

/** Looks at the parameters of an EncryptedPrivateKeyInfo (RFC 5958 §3) before OpenSSL follows them. */
function refuseCostly(block: PemBlock, options: ReadKeyOptions): void {
  let largest: bigint;
  try {
    const outer = readDer(block.der);
    const info = outer.sequence();
    outer.end();
    const algorithm = info.sequence();
    info.octetString();
    info.end();
    largest = largestInteger(algorithm);
  } catch (error) {
    if (!(error instanceof RoteyError)) throw error;
    throw keyError('ROTEY_KEY_MALFORMED', block, options, {
      reason: `it is not an encrypted PKCS#8 key (${error.message})`,
      hint: 'Write the file again.',
    });
  }
  if (largest <= MAX_ITERATIONS) return;
  throw keyError('ROTEY_KEY_UNSUPPORTED', block, options, {
    reason: `opening it takes more than ${MAX_ITERATIONS} iterations`,
    hint: 'Encrypt it again with fewer: `openssl pkcs8 -topk8 -iter 600000`.',
  });
}

const TAG_INTEGER = 0x02;
const CONSTRUCTED = 0x20;

function largestInteger(reader: DerReader): bigint {
  let largest = 0n;
  while (reader.nextTag !== undefined) {
    if (reader.nextTag === TAG_INTEGER) {
      const value = reader.integer();
      if (value > largest) largest = value;
      continue;
    }
    const element = reader.element();
    if ((element.tag & CONSTRUCTED) === 0) continue;
    const inner = largestInteger(reader.into(element));
    if (inner > largest) largest = inner;
  }
  return largest;
}

/** OpenSSL's texts are left out: only the name of the reason is known to be independent of the input. */
function reasonCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^ERR_[A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}

function keyError(
  code: RoteyErrorCode,
  { line }: PemBlock,
  { name }: ReadKeyOptions,
  { reason, hint, openssl }: { readonly reason: string; readonly hint: string; readonly openssl?: string | undefined },
): RoteyError {
  return new RoteyError(code, `The private key in ${name}, line ${line}: ${reason}.`, {
    hint,
    context: { name, line, ...(openssl === undefined ? {} : { openssl }) },
  });
}
