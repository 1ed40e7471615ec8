/** What the first bytes of a server show that it speaks, where it is not TLS. */
export type OtherProtocol = 'http/1' | 'http/2' | 'unknown';

/** A server answered a TLS handshake with something else. Never leaves this folder. */
export class NotTls extends Error {
  override readonly name: string = 'NotTls';
  readonly speaks: OtherProtocol;

  constructor(speaks: OtherProtocol) {
    super(`it speaks ${NAMES[speaks]}`);
    this.speaks = speaks;
  }
}

const NAMES: Readonly<Record<OtherProtocol, string>> = {
  'http/1': 'HTTP/1',
  'http/2': 'HTTP/2',
  unknown: 'something else',
};

/** So many first bytes tell all that {@link otherProtocol} can tell: the header of a TLS record. */
export const TELLING_BYTES = 5;

const FIRST_RECORDS: ReadonlySet<number | undefined> = new Set([21, 22]); // alert and handshake (RFC 8446 §5.1)

/** @param start the first {@link TELLING_BYTES}, or fewer. Undefined: it may be TLS. */
export function otherProtocol(start: Buffer): OtherProtocol | undefined {
  if (start.length === 0 || (FIRST_RECORDS.has(start[0]) && (start[1] ?? 3) === 3)) return undefined;
  if (start.toString('latin1', 0, 5) === 'HTTP/') return 'http/1';
  // A SETTINGS frame (RFC 9113 §4.1, §6.5): its length is a multiple of 6.
  const settings = start.length === TELLING_BYTES && start[3] === 4 && start.readUIntBE(0, 3) % 6 === 0;
  return settings && start[0] === 0 ? 'http/2' : 'unknown';
}
