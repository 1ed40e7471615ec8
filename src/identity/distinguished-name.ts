import { type DerReader, nameOfOid, TAG } from '../asn1/index.ts';

/** A Name of RFC 5280 §4.1.2.4. */
export interface DistinguishedName {
  /** `O=Example, CN=worker`: in the encoded order, escaped as in RFC 4514 §2.4. */
  readonly text: string;
  /** The last CN. */
  readonly commonName: string | undefined;
}

/** Reads the Name that comes next. */
export function readDistinguishedName(reader: DerReader): DistinguishedName {
  const parts: string[] = [];
  let commonName: string | undefined;
  const name = reader.sequence();
  while (name.nextTag !== undefined) {
    const set = name.set();
    const attributes: string[] = [];
    while (set.nextTag !== undefined) {
      const { type, value, text } = readAttribute(set.sequence());
      attributes.push(`${type}=${value}`);
      if (type === 'CN') commonName = text ?? commonName;
    }
    parts.push(attributes.join(' + '));
  }
  return { text: parts.join(', '), commonName };
}

/** `text` is undefined for a value that is not a character string; `value` is then `#` and its DER in hex. */
function readAttribute(attribute: DerReader): { type: string; value: string; text: string | undefined } {
  const type = nameOfOid(attribute.oid());
  const tag = attribute.nextTag ?? 0;
  if (!TEXT_TAGS.has(tag)) {
    const { raw } = attribute.element();
    attribute.end();
    return { type, value: `#${Buffer.from(raw).toString('hex')}`, text: undefined };
  }
  const text = attribute.string();
  attribute.end();
  return { type, value: escapeValue(text), text };
}

const TEXT_TAGS: ReadonlySet<number> = new Set([
  TAG.utf8String,
  TAG.numericString,
  TAG.printableString,
  TAG.teletexString,
  TAG.ia5String,
  TAG.visibleString,
  TAG.universalString,
  TAG.bmpString,
]);

/** RFC 4514 §2.4; also control and formatting characters, which could forge a log line or hide text. */
function escapeValue(text: string): string {
  return escapeControls(text.replace(/[\\,+"<>;]/g, '\\$&'))
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

/** Replaces control and formatting characters by `\` and their UTF-8 in hex. */
export function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) =>
    Buffer.from(character).toString('hex').replace(/../g, '\\$&'),
  );
}
