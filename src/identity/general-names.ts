import {
  contextPrimitiveTag,
  contextTag,
  type DerElement,
  type DerReader,
  decodeAscii,
  decoded,
} from '../asn1/index.ts';
import { escapeControls, readDistinguishedName } from './distinguished-name.ts';

/**
 * Reads the GeneralNames of a subjectAltName (RFC 5280 §4.2.1.6) that come next, in their order: `DNS:…`, `IP:…`,
 * `URI:…`, `email:…`, `dirName:…`, and for kinds that name no TLS peer `other:` and the tag's number.
 */
export function readGeneralNames(reader: DerReader): readonly string[] {
  const names: string[] = [];
  const sequence = reader.sequence();
  while (sequence.nextTag !== undefined) names.push(readGeneralName(sequence));
  return names;
}

function readGeneralName(reader: DerReader): string {
  const element = reader.element();
  const kind = TEXT_KINDS.get(element.tag);
  if (kind !== undefined) return `${kind}:${escapeControls(decoded(element, decodeAscii))}`;
  if (element.tag === contextPrimitiveTag(7)) return `IP:${formatAddress(element)}`;
  if (element.tag === contextTag(4)) return `dirName:${readDistinguishedName(reader.into(element)).text}`;
  return `other:${element.tag & 0x1f}`;
}

const TEXT_KINDS: ReadonlyMap<number, string> = new Map([
  [contextPrimitiveTag(1), 'email'],
  [contextPrimitiveTag(2), 'DNS'],
  [contextPrimitiveTag(6), 'URI'],
]);

function formatAddress({ content }: DerElement): string {
  if (content.length === 4) return content.join('.');
  const hex = Buffer.from(content).toString('hex');
  if (content.length !== 16) return `#${hex}`;
  // A URL's host is the address in its canonical short form (RFC 5952).
  return new URL(`http://[${hex.replace(/(.{4})(?!$)/g, '$1:')}]`).hostname.slice(1, -1);
}
