import { isIP, isIPv4 } from 'node:net';
import { der } from '../asn1/index.ts';
import { ruleBroken } from './rules.ts';

/** Further names of a leaf's subject (RFC 5280 §4.2.1.6). Each list defaults to empty. */
export interface AlternativeNameOptions {
  /** Host names in ASCII, `*.` at the beginning allowed; non-ASCII names in their `xn--` form. */
  readonly dnsNames?: readonly string[] | undefined;
  /** IPv4 and IPv6 addresses in text form, without a zone. */
  readonly ipAddresses?: readonly string[] | undefined;
  /** Absolute URIs in ASCII, for example `spiffe://example.org/worker`. */
  readonly uris?: readonly string[] | undefined;
  /** Mail addresses in ASCII. */
  readonly emails?: readonly string[] | undefined;
}

/**
 * The names as GeneralName elements, in the order DNS, IP, URI, e-mail.
 *
 * @throws {RoteyError} `ROTEY_ISSUE_RULE_BROKEN` for a name that is not of its kind: a verifier would compare it with
 * nothing, or with something else than was meant.
 */
export function generalNames(options: AlternativeNameOptions): readonly Uint8Array[] {
  const { dnsNames = [], ipAddresses = [], uris = [], emails = [] } = options;
  return [
    ...dnsNames.map((name) => der.implicit(2, der.ia5String(check('DNS name', name, isDnsName)))),
    ...ipAddresses.map((address) => der.implicit(7, der.octetString(ipOctets(address)))),
    ...uris.map((uri) => der.implicit(6, der.ia5String(check('URI', uri, isUri)))),
    ...emails.map((email) => der.implicit(1, der.ia5String(check('e-mail address', email, isEmail)))),
  ];
}

/** An address in network byte order: 4 octets for IPv4, 16 for IPv6. A zone (`fe80::1%eth0`) has no place in it. */
function ipOctets(address: string): Uint8Array {
  check('IP address', address, (text) => isIP(text) !== 0 && !text.includes('%'));
  return Uint8Array.from(isIPv4(address) ? address.split('.').map(Number) : ipv6Octets(address));
}

function ipv6Octets(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const before = groupsToOctets(head);
  const after = groupsToOctets(tail ?? '');
  return [...before, ...new Array<number>(16 - before.length - after.length).fill(0), ...after];
}

/** Groups of four hex digits; the last may be an IPv4 address in dotted form (RFC 4291 §2.2). */
function groupsToOctets(groups: string): number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function check(kind: string, value: string, isValid: (value: string) => boolean): string {
  if (isValid(value)) return value;
  throw ruleBroken(
    'RFC 5280 §4.2.1.6, a subject alternative name',
    JSON.stringify(value.slice(0, 300)),
    `a ${kind} in ASCII`,
    `Correct the ${kind}; write non-ASCII host names in their xn-- form.`,
  );
}

/** Labels of 1 to 63, 253 in all (RFC 1035 §2.3.4); `_` because names inside clusters use it. */
function isDnsName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i.test(name)
  );
}

function isUri(uri: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(uri);
}

function isEmail(email: string): boolean {
  return /^[\x21-\x3f\x41-\x7e]+@[a-z0-9.-]+$/i.test(email);
}
