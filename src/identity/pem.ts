import { RoteyError } from '../errors.ts';

/** The largest PEM input, in bytes. A pair has some ten thousand; the bundle of all public CAs has a quarter of this. */
export const MAX_PEM_BYTES: number = 1024 * 1024;

/** One `-----BEGIN …-----` to `-----END …-----`. Holds key material: never show it, nor anything decoded from it. */
export interface PemBlock {
  readonly label: string;
  /** Headers of RFC 1421 §4.6: `Proc-Type` and `DEK-Info` of keys encrypted the traditional way. */
  readonly headers: ReadonlyMap<string, string>;
  readonly der: Uint8Array;
  /** The line of its BEGIN, from 1. */
  readonly line: number;
}

/**
 * Reads the PEM blocks of a file (RFC 7468, laxly where tools differ): any line ends, a byte order mark, text between
 * the blocks (`Bag Attributes`, `subject=`, comments), white space around lines, no newline at the end.
 *
 * @param name how messages call the input: a path, or a description.
 * @throws {RoteyError} `ROTEY_FILE_TOO_LARGE` beyond {@link MAX_PEM_BYTES}; `ROTEY_PEM_TRUNCATED` when the input ends
 * inside a block, as a file does that is being written; `ROTEY_PEM_MALFORMED` when it is another format, or a block
 * does not hold base64.
 */
export function readPem(input: Uint8Array | string, name: string): readonly PemBlock[] {
  if (input.length > MAX_PEM_BYTES) {
    const sizes = { size: input.length, limit: MAX_PEM_BYTES };
    throw new RoteyError('ROTEY_FILE_TOO_LARGE', `${name} has ${sizes.size} bytes; the limit is ${sizes.limit}.`, {
      hint: 'Check that it is the intended PEM file.',
      context: { name, ...sizes },
    });
  }
  // PEM is ASCII; as Latin-1 every byte stays one character, whatever a comment was written in.
  const text = typeof input === 'string' ? input : Buffer.from(input).toString('latin1');
  refuseOtherFormats(text, name);
  const lines = text.replace(/^(?:\uFEFF|\u00EF\u00BB\u00BF)/, '').split(/\r\n|\n|\r/);
  const blocks: PemBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    if (!line.startsWith('-')) continue;
    const label = BEGIN.exec(line)?.[1];
    if (label === undefined) {
      refuseBrokenBegin(line, at, at === lines.length - 1, name);
      continue;
    }
    const end = endOf(lines, { begin: at, label }, name);
    blocks.push(parseBlock(lines.slice(at + 1, end), label, at + 1, name));
    at = end;
  }
  return blocks;
}

const BEGIN = /^-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,63})-----$/;
const END = /^-----END ([A-Z0-9][A-Z0-9 ]{0,63})-----$/;

/** Line number of the END that belongs to the BEGIN at `begin`, both from 0. */
function endOf(
  lines: readonly string[],
  { begin, label }: { readonly begin: number; readonly label: string },
  name: string,
): number {
  for (let at = begin + 1; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    if (!line.startsWith('-')) continue;
    const found = END.exec(line)?.[1];
    if (found === label) return at;
    if (line.startsWith('-----BEGIN ') || at === lines.length - 1) break;
    throw malformed(name, at, 'does not end the block that is open there');
  }
  throw truncated(name, begin);
}

function parseBlock(lines: readonly string[], label: string, line: number, name: string): PemBlock {
  const { headers, body } = splitHeaders(lines);
  const base64 = body.join('').replace(/[ \t\f\v]/g, '');
  if (base64 === '') throw malformed(name, line - 1, 'begins an empty block');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw malformed(name, line - 1, 'begins a block that is not base64');
  }
  return { label, headers, der: Buffer.from(base64, 'base64'), line };
}

/** Headers stand right after BEGIN; a line that begins with white space continues the one before (RFC 1421 §4.4). */
function splitHeaders(lines: readonly string[]): { headers: ReadonlyMap<string, string>; body: readonly string[] } {
  const headers = new Map<string, string>();
  let last: string | undefined;
  let at = 0;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [, key, value] = /^([A-Za-z][A-Za-z0-9-]*):(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) {
      last = key.toLowerCase();
      headers.set(last, value.trim());
    } else if (last !== undefined && /^[ \t]+\S/.test(line)) {
      headers.set(last, `${headers.get(last) ?? ''}${line.trim()}`);
    } else {
      break;
    }
  }
  return { headers, body: lines.slice(at) };
}

function refuseOtherFormats(text: string, name: string): void {
  if (/^(?:\u00FF\u00FE|\u00FE\u00FF)/.test(text)) {
    throw new RoteyError('ROTEY_PEM_MALFORMED', `${name} is UTF-16 text, and PEM is ASCII.`, {
      hint: 'Write it again as ASCII or UTF-8 (PowerShell: Out-File -Encoding ascii).',
      context: { name },
    });
  }
  // A SEQUENCE with a length of two octets or more: what every DER certificate, key and PKCS#12 begins with.
  if (/^0[\u0081-\u0084]/.test(text)) {
    throw new RoteyError('ROTEY_PEM_MALFORMED', `${name} is binary (DER or PKCS#12), not PEM.`, {
      hint: 'Convert it: `openssl x509 -inform der`, `openssl pkey -inform der` or `openssl pkcs12 -nodes`.',
      context: { name },
    });
  }
}

/** Outside a block, a line of dashes is text, unless it is a garbled BEGIN, or one that was cut off before its newline. */
function refuseBrokenBegin(line: string, at: number, last: boolean, name: string): void {
  const cut = '-----BEGIN '.startsWith(line) || line.startsWith('-----BEGIN ');
  if (last && cut) throw truncated(name, at);
  if (/^-----(?:BEGIN|END) /.test(line)) throw malformed(name, at, 'is not a BEGIN line of PEM');
}

function truncated(name: string, line: number): RoteyError {
  return new RoteyError('ROTEY_PEM_TRUNCATED', `${name} ends inside the block that begins on line ${line + 1}.`, {
    retryable: true,
    hint: 'Nothing, if the file was being written at that moment; otherwise write it again, whole.',
    context: { name, line: line + 1 },
  });
}

function malformed(name: string, line: number, what: string): RoteyError {
  return new RoteyError('ROTEY_PEM_MALFORMED', `${name} is not PEM: line ${line + 1} ${what}.`, {
    hint: 'Write the file again; `openssl x509 -in FILE -noout` and `openssl pkey -in FILE -noout` check it.',
    context: { name, line: line + 1 },
  });
}
