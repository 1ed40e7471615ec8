import { RoteyError } from '../errors.ts';
import {
  FoundKey,
  isCertificate,
  isPrivateKey,
  type ParsedCertificate,
  type PemBlock,
  parseCertificateBlock,
  readPem,
} from '../identity/index.ts';
import { type ContentKind, type ForeignKind, type KeyKind, kindOfLabel, recognise } from './recognise.ts';

/** What one file, one entry of a Secret or one server holds. */
export interface Material {
  /** In their order, repeated ones too. */
  readonly certificates: readonly ParsedCertificate[];
  readonly keys: readonly FoundKey[];
  /** What else is there, and is not looked into. */
  readonly others: readonly ForeignKind[];
  /** As PEM, in bytes: as it was given, or as it would be without any comment. */
  readonly bytes: number;
}

/** Opening an encrypted key takes time on purpose: as many as a pair may have. */
const MAX_KEYS = 8;

/**
 * Reads PEM, a DER certificate or a DER key.
 *
 * @param name how messages call the input
 * @throws {RoteyError} `ROTEY_INPUT_UNSUPPORTED`, `ROTEY_INPUT_UNRECOGNISED`, `ROTEY_PEM_NO_CERTIFICATE` when it is
 * empty, `ROTEY_PEM_TRUNCATED`, `ROTEY_PEM_MALFORMED`, `ROTEY_CERTIFICATE_MALFORMED`, `ROTEY_FILE_TOO_LARGE`.
 */
export function readMaterial(bytes: Uint8Array, name: string, passphrase: string | undefined): Material {
  const kind = recognise(bytes);
  if (kind === 'pem') return readPemMaterial(bytes, name, passphrase);
  if (kind === 'certificate') {
    const certificates = [parseCertificateBlock(blockOf('CERTIFICATE', bytes), name)];
    return { certificates, keys: [], others: [], bytes: certificates[0]?.facts.pem.length ?? 0 };
  }
  if (isKeyKind(kind)) {
    return { certificates: [], keys: [new FoundKey(blockOf(kind, bytes), { name, passphrase })], others: [], bytes: 0 };
  }
  if (kind === 'empty') throw empty(name);
  if (kind === 'unknown' || kind === 'manifest') throw unrecognised(name);
  throw unsupported(kind, name);
}

/** Certificates that came as DER, one by one. */
export function materialOf(certificates: readonly Uint8Array[], name: string): Material {
  const parsed = certificates.map((der) => parseCertificateBlock(blockOf('CERTIFICATE', der), name));
  const bytes = parsed.reduce((sum, { facts }) => sum + facts.pem.length, 0);
  return { certificates: parsed, keys: [], others: [], bytes };
}

function readPemMaterial(bytes: Uint8Array, name: string, passphrase: string | undefined): Material {
  const blocks = readPem(bytes, name);
  const keyBlocks = blocks.filter(isPrivateKey);
  if (keyBlocks.length > MAX_KEYS) {
    throw new RoteyError('ROTEY_FILE_TOO_LARGE', `${name} holds ${keyBlocks.length} keys; the limit is ${MAX_KEYS}.`, {
      hint: 'Put them into files of their own.',
      context: { name, count: keyBlocks.length, limit: MAX_KEYS },
    });
  }
  const certificates = blocks.filter(isCertificate).map((block) => parseCertificateBlock(block, name));
  const keys = keyBlocks.map((block) => new FoundKey(block, { name, passphrase }));
  const others = blocks.flatMap(({ label }) => kindOfLabel(label) ?? []).filter((kind) => kind !== 'parameters');
  if (certificates.length > 0 || keys.length > 0) return { certificates, keys, others, bytes: bytes.length };
  const [foreign] = others;
  throw foreign === undefined ? unrecognised(name) : unsupported(foreign, name);
}

function isKeyKind(kind: ContentKind): kind is KeyKind {
  return kind.endsWith('PRIVATE KEY');
}

function blockOf(label: string, der: Uint8Array): PemBlock {
  return { label, headers: new Map(), der, line: 1 };
}

function empty(name: string): RoteyError {
  return new RoteyError('ROTEY_PEM_NO_CERTIFICATE', `${name} is empty.`, {
    retryable: true,
    hint: 'Nothing, if the file was being written at that moment; otherwise write it again.',
    context: { name },
  });
}

function unrecognised(name: string): RoteyError {
  return new RoteyError('ROTEY_INPUT_UNRECOGNISED', `${name} holds neither a certificate nor a private key.`, {
    hint: 'It takes PEM, a DER certificate or key, a Kubernetes Secret manifest, or a directory with such files.',
    context: { name },
  });
}

/** What to call a kind, and what to do with it. */
export function describeForeign(kind: ForeignKind): string {
  return FOREIGN[kind].what;
}

function unsupported(kind: ForeignKind, name: string): RoteyError {
  const { what, hint } = FOREIGN[kind];
  return new RoteyError('ROTEY_INPUT_UNSUPPORTED', `${name} is ${what}, which is not looked into.`, {
    hint,
    context: { name, kind },
  });
}

/** The commands write nothing to disk: a key without its encryption would stay behind there. */
const FOREIGN: Readonly<Record<ForeignKind, { readonly what: string; readonly hint: string }>> = {
  pkcs12: {
    what: 'a PKCS#12 file',
    hint: 'Hand its contents over: `openssl pkcs12 -in FILE -nodes | rotey cert inspect -` (add -legacy for old ones).',
  },
  pkcs7: {
    what: 'a PKCS#7 file',
    hint: 'Hand its certificates over: `openssl pkcs7 -print_certs -in FILE | rotey cert inspect -` (DER: -inform der).',
  },
  'java-keystore': {
    what: 'a Java keystore',
    hint: 'Hand its certificates over: `keytool -list -rfc -keystore FILE | rotey cert inspect -`.',
  },
  'certificate-request': {
    what: 'a certificate request',
    hint: 'It is no certificate yet: have it signed, or look at it with `openssl req -in FILE -noout -text`.',
  },
  'revocation-list': {
    what: 'a certificate revocation list',
    hint: 'Look at it with `openssl crl -in FILE -noout -text`.',
  },
  'public-key': {
    what: 'a public key without a certificate',
    hint: 'Name the certificate file; `openssl pkey -pubin -in FILE -noout -text` shows the key.',
  },
  parameters: { what: 'a file of parameters', hint: 'Name the file with the certificate or the key.' },
};
