import { describeDuration, escapeControls } from '../../identity/index.ts';
import type {
  CertificateReport,
  EntryReport,
  InputReport,
  InspectReport,
  KeyKindReport,
  KeyReport,
} from '../../inspect/index.ts';
import { field, fieldIndent, wrap } from '../columns.ts';
import { formatFinding } from '../format-finding.ts';
import type { Paint } from '../paint.ts';
import { formatTable } from './cert-inspect-table.ts';
import { formatVerdict } from './cert-inspect-verdict.ts';

/** From this many certificates on, a table at the end sums up what is too long to be seen at once. */
const SUMMARY_FROM = 5;

/** A report for people: a block for each certificate, below it what was found. 80 columns. */
export function formatReport(report: InspectReport, paint: Paint): string {
  const blocks = report.inputs.flatMap((input) => formatInput(input, paint));
  const count = report.inputs.flatMap(({ entries }) => entries.flatMap(({ certificates }) => certificates)).length;
  blocks.push(count >= SUMMARY_FROM ? formatTable(report, paint) : formatVerdict(report, paint));
  return blocks.join('\n\n');
}

function formatInput(input: InputReport, paint: Paint): readonly string[] {
  const { error, server, entries, skipped } = input;
  const blocks: string[] = [];
  if (input.kind === 'directory' && error === undefined) {
    blocks.push(paint('bold', `${shown(input.input)} (${LAYOUTS[input.layout ?? 'files']})`));
  }
  if (error !== undefined) blocks.push(formatProblem(input.input, error, paint));
  if (server !== undefined) {
    const asks = server.acceptedClientCas.length === 0 ? 'yes, and names no CA' : 'yes, from these CAs:';
    blocks.push(
      [
        paint('bold', shown(server.address)),
        ...field('Protocol', server.protocol),
        ...field('Asks for a certificate', server.asksForClientCertificate ? asks : 'no'),
        ...server.acceptedClientCas.flatMap((name) => field('', name)),
      ].join('\n'),
    );
  }
  blocks.push(...entries.flatMap((entry) => formatEntry(entry, paint)));
  if (skipped.length > 0) {
    blocks.push(['Not looked into:', ...skipped.map(({ where, what }) => `  ${shown(where)}: ${what}`)].join('\n'));
  }
  return blocks;
}

const LAYOUTS = {
  'kubernetes-volume': 'a mounted Secret',
  certstrap: 'a depot of certstrap',
  files: 'directory',
} as const;

function formatEntry(entry: EntryReport, paint: Paint): readonly string[] {
  const { where, error, certificates, keys, findings } = entry;
  if (error !== undefined) return [formatProblem(where, error, paint)];
  const blocks = certificates.map((certificate, index) => {
    const again = certificates.slice(0, index).some(({ sha256 }) => sha256 === certificate.sha256);
    const mine = again ? [] : findings.filter((finding) => finding.certificate === certificate.sha256);
    return [
      ...formatCertificate(certificate, index, entry, paint),
      ...mine.flatMap((one) => formatFinding(one, paint)),
    ];
  });
  blocks.push(...keys.map((key) => formatKey(key, entry, paint)));
  const general = findings.filter(({ certificate }) => certificate === undefined);
  if (general.length > 0) {
    const title = keys.length > 0 && certificates.length === 0 ? [] : [paint('bold', `${shown(where)}, as a whole`)];
    const lines = [...title, ...general.flatMap((one) => formatFinding(one, paint))];
    if (title.length > 0) blocks.push(lines);
    else blocks.at(-1)?.push(...lines);
  }
  return blocks.map((lines) => lines.join('\n'));
}

function formatCertificate(
  certificate: CertificateReport,
  index: number,
  { where, certificates, role }: EntryReport,
  paint: Paint,
): string[] {
  const { subject, issuer, serial, sha1, sha256, selfSigned, signatureAlgorithm, sans, position } = certificate;
  const place = certificates.length === 1 ? '' : `, certificate ${index + 1} of ${certificates.length}`;
  const what = role === 'server' && position === 'leaf' ? 'server' : POSITIONS[position];
  return [
    `${paint('bold', `${shown(where)}${place}`)}: ${what}`,
    ...field('Subject', subject || '(empty)'),
    ...field('Issuer', selfSigned ? 'itself' : issuer),
    ...field('Serial', serial),
    ...field('SHA-1', `${sha1}  (Cloud's fingerprint)`),
    ...field('SHA-256', sha256),
    ...formatValidity(certificate, paint),
    ...field('Key', describeKey(certificate.key)),
    ...field('Signature', signatureAlgorithm),
    ...(sans.length === 0 ? [] : field('Names', sans.join(', '))),
    ...field('Use', describeUse(certificate)),
    ...field('Chain', describeChain(certificate, where)),
    ...(role === 'server' ? [] : formatPrivateKey(certificate)),
  ];
}

const POSITIONS: Readonly<Record<CertificateReport['position'], string>> = {
  leaf: 'leaf',
  issuer: 'issuer',
  root: 'root',
  unrelated: 'belongs to no leaf here',
  ca: 'CA',
};

function formatValidity({ notBefore, notAfter, validity, secondsLeft }: CertificateReport, paint: Paint): string[] {
  const period = field('Valid', `${notBefore} to ${notAfter}`);
  const left = describeDuration(Math.abs(secondsLeft) * 1000);
  if (validity === 'expired') return [...period, `${fieldIndent}${paint('red', `expired ${left} ago`)}`];
  if (validity === 'not-yet-valid') return [...period, `${fieldIndent}${paint('red', 'not valid yet')}`];
  return [...period, `${fieldIndent}${left} left`];
}

/** `EC P-256`, `RSA 2048 bits`, `ED25519`. */
function describeKey({ type, bits, curve }: KeyKindReport): string {
  const size = curve === undefined ? bits && `${bits} bits` : (NIST_NAMES.get(curve) ?? curve);
  return [type.toUpperCase(), size].filter(Boolean).join(' ');
}

/** The curves that everybody uses, by the name that most people know them by. */
const NIST_NAMES: ReadonlyMap<string, string> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
]);

function describeUse({ ca, pathLength, keyUsage, extendedKeyUsage }: CertificateReport): string {
  const kind = ca === null ? 'does not say whether it is a CA' : ca ? 'CA' : 'not a CA';
  const below = pathLength === null ? '' : ` (path length ${pathLength})`;
  const usages = keyUsage === null ? 'any key usage' : keyUsage.join(', ') || 'no key usage';
  const purposes = extendedKeyUsage === null ? 'any purpose' : extendedKeyUsage.join(', ') || 'no purpose';
  return `${kind}${below}; ${usages}; ${purposes}`;
}

function describeChain({ chain, chainEnd, nextIssuer, selfSigned }: CertificateReport, where: string): string {
  if (selfSigned) return 'it is a root';
  const links = chain.map((link) => `"${link.subject}"${link.where === where ? '' : ` in ${shown(link.where)}`}`);
  if (chainEnd === 'root') return `${links.join(', ')}; complete`;
  const end = chainEnd === 'public-root' ? 'a public CA that Node trusts' : 'which is not here';
  return [...links, `"${nextIssuer}", ${end}`].join(', ');
}

/** That the key of a CA is elsewhere is as it should be. */
function formatPrivateKey({ privateKey: { match, where }, position }: CertificateReport): string[] {
  if (match === 'found') return field('Private key', where.map(shown).join(', '));
  if (match === 'unknown') return field('Private key', `unknown: ${where.map(shown).join(', ')} is not opened`);
  return position === 'leaf' ? field('Private key', 'not here') : [];
}

function formatKey(
  { line, encrypted, key, belongsTo }: KeyReport,
  { where, keys }: EntryReport,
  paint: Paint,
): string[] {
  const place = keys.length === 1 ? '' : `, line ${line}`;
  const kind = [key === undefined ? undefined : describeKey(key), encrypted ? 'encrypted' : undefined];
  const owners =
    belongsTo.map((link) => `"${link.subject}" in ${shown(link.where)}`).join(', ') || 'no certificate here';
  return [
    `${paint('bold', `${shown(where)}${place}`)}: private key`,
    ...field('Key', kind.filter(Boolean).join(', ') || 'unknown'),
    ...field('Belongs to', key === undefined ? 'unknown, as it is not opened' : owners),
  ];
}

function formatProblem(
  where: string,
  { code, message, hint }: NonNullable<EntryReport['error']>,
  paint: Paint,
): string {
  return [
    `${paint('bold', shown(where))}: ${paint('red', 'not read')}`,
    `  ${paint('red', `error ${code}`)}`,
    ...wrap(escapeControls(message), '    '),
    ...(hint === undefined ? [] : wrap(hint, '    > ', '      ')),
  ].join('\n');
}

/** A path may hold anything, and a terminal obeys it. */
function shown(where: string): string {
  return escapeControls(where);
}
