/** Damaging PEM files in every way that matters, and finding pieces of a key in a text. */
import fc from 'fast-check';

/** What stands between BEGIN and END: base64 without line ends. */
export function bodyOf(pem: string): string {
  return pem.replace(/^-----.*-----$|^.*: .*$|\n/gm, '');
}

/** Every so many characters in a row. */
export function windows(text: string, size = 12): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - size + 1) }, (_, at) => text.slice(at, at + size));
}

/** A text with a few places cut, repeated, or overwritten. */
export function damaged(text: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(text.length),
    remove: fc.oneof(fc.nat(3), fc.nat(text.length)),
    insert: fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom(
        '\n',
        '\r\n',
        '-----BEGIN CERTIFICATE-----\n',
        '-----END PRIVATE KEY-----\n',
        'DEK-Info: x\n\n',
        '\0',
      ),
    ),
  });
  return fc
    .array(edit, { maxLength: 3 })
    .map((edits) =>
      edits.reduce((now, { at, remove, insert }) => now.slice(0, at) + insert + now.slice(at + remove), text),
    );
}

/** A PEM block whose DER has a few bytes changed. */
export function damagedDer(pem: string): fc.Arbitrary<string> {
  const der = Buffer.from(bodyOf(pem), 'base64');
  const change = fc.tuple(fc.nat(der.length - 1), fc.nat(255));
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const copy = Buffer.from(der);
    for (const [at, value] of changes) copy[at] = value;
    return pem.replace(/(?<=\n)[A-Za-z0-9+/=]+(?:\n[A-Za-z0-9+/=]+)*(?=\n-----END)/, copy.toString('base64'));
  });
}
