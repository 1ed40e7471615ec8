import { der, OIDS } from '../asn1/index.ts';
import { ruleBroken } from './rules.ts';

/** Whom a certificate names. Each value: 1 to 64 characters (RFC 5280 appendix A.1), any script. */
export interface SubjectOptions {
  /** CN. Temporal Cloud's certificate filters can match it. */
  readonly commonName: string;
  /** O. Default: absent. */
  readonly organization?: string | undefined;
  /** OU. Default: absent. */
  readonly organizationalUnit?: string | undefined;
}

/**
 * The DER of a Name: O, OU, CN, the order that certstrap, cert-manager and Go's crypto/x509 write, so that a renewed
 * certificate has the same distinguished name as theirs.
 *
 * @throws {RoteyError} `ROTEY_ISSUE_RULE_BROKEN` for an empty value, one above 64 characters or with control characters.
 */
export function distinguishedName({ commonName, organization, organizationalUnit }: SubjectOptions): Uint8Array {
  return der.sequence(
    ...(organization === undefined ? [] : [attribute('organization', OIDS.O, organization)]),
    ...(organizationalUnit === undefined ? [] : [attribute('organizational unit', OIDS.OU, organizationalUnit)]),
    attribute('common name', OIDS.CN, commonName),
  );
}

function attribute(what: string, oid: string, value: string): Uint8Array {
  const characters = [...value].length;
  if (characters < 1 || characters > LONGEST_VALUE || /[\p{Cc}\p{Surrogate}]/u.test(value)) {
    throw ruleBroken(
      `RFC 5280 appendix A.1, the ${what} of a distinguished name`,
      `${JSON.stringify(value.slice(0, 100))} (${characters} characters)`,
      `1 to ${LONGEST_VALUE} characters without control characters`,
      `Choose another ${what}; long names fit into a subject alternative name.`,
    );
  }
  return der.setOf(der.sequence(der.objectIdentifier(oid), directoryString(value)));
}

/** PrintableString where it fits, as Go writes it, else UTF8String: the two that RFC 5280 §4.1.2.4 allows. */
function directoryString(value: string): Uint8Array {
  return der.isPrintable(value) ? der.printableString(value) : der.utf8String(value);
}

/** ub-common-name, ub-organization-name and ub-organizational-unit-name. */
const LONGEST_VALUE = 64;
