/**
 * A check in words, for people.
 *
 * @module
 */
import type { CheckReport, CheckStep, CheckStepName, FoundCause } from '../../check/index.ts';
import type { ConnectionSettings, SettingReport } from '../../config/index.ts';
import { escapeControls } from '../../identity/index.ts';
import { wrap } from '../columns.ts';
import { formatFinding } from '../format-finding.ts';
import type { Paint } from '../paint.ts';

const LABELS: Readonly<Record<CheckStepName, string>> = {
  files: 'Files',
  pair: 'Pair',
  findings: 'Findings',
  address: 'Address',
  dns: 'DNS',
  tcp: 'TCP',
  proxy: 'HTTP proxy',
  tls: 'TLS',
  http2: 'HTTP/2',
  'system-info': 'GetSystemInfo',
  namespace: 'Namespace',
};

const LABEL_WIDTH = 13;
/** Mark, label and time: where the details of a step begin. */
const DETAIL_COLUMN = 2 + 2 + LABEL_WIDTH + 1 + 9 + 2;

export function formatHeading({ address, namespace, serverName, httpProxy }: ConnectionSettings, paint: Paint): string {
  const name = serverName === undefined ? '' : ` as ${escapeControls(serverName.value)}`;
  const proxy = httpProxy === undefined ? '' : ` through ${escapeControls(httpProxy.value)}`;
  const [where, whose] = [address, namespace].map(({ value }) => paint('bold', escapeControls(value)));
  return `Checking ${where}${name}${proxy}, Namespace ${whose}\n`;
}

/** `  ✓ TCP                1.2 ms  127.0.0.1:7233` */
export function formatStep({ name, result, ms, detail }: CheckStep, paint: Paint): string {
  const mark = { ok: paint('green', '✓'), warning: paint('yellow', '!'), failed: paint('red', '✗') }[result];
  const time = paint('dim', `${ms.toFixed(1)} ms`.padStart(9));
  const label = LABELS[name].padEnd(LABEL_WIDTH);
  // The label says which call it was.
  const text = detail.replace(/^GetSystemInfo: |^DescribeNamespace of /, '');
  const [first = '', ...rest] = wrap(text, ' '.repeat(DETAIL_COLUMN));
  return [`  ${mark} ${label} ${time}  ${first.trimStart()}`.trimEnd(), ...rest].join('\n');
}

/** The steps from the first that failed on: what a step found is known only at the end. */
export function formatFailedSteps({ steps }: CheckReport, paint: Paint): string {
  const failed = steps.findIndex(({ result }) => result === 'failed');
  return failed === -1
    ? ''
    : steps
        .slice(failed)
        .map((step) => formatStep(step, paint))
        .join('\n');
}

/** Everything after the steps: findings, what is known of the server, and how it went. */
export function formatResult(
  report: CheckReport,
  paint: Paint,
  { verbose = false }: { verbose?: boolean } = {},
): string {
  const blocks = [formatFindings(report, paint, verbose), formatServer(report, paint)].filter((block) => block !== '');
  return [...blocks, formatVerdict(report, paint)].map((block) => `\n${block}`).join('\n');
}

/** How it went: one line, or the cause with what to do. */
export function formatVerdict({ cause, target, server, identity }: CheckReport, paint: Paint): string {
  if (cause !== undefined) return formatCause(cause, paint);
  const used = identity !== undefined && server.asksForCertificate !== false;
  const who = used ? 'the server accepts this certificate' : 'the server accepts the connection';
  const version = server.version === undefined ? '' : ` (Temporal ${server.version})`;
  const lines = wrap(`${GOOD} ${who} for the Namespace ${target.namespace}${version}.`, '');
  return lines.join('\n').replace(GOOD, paint('green', GOOD));
}

const GOOD = 'Good:';

function formatCause({ code, title, message, perhaps, remedy }: FoundCause, paint: Paint): string {
  const lines = [paint('red', code), ...wrap(title, '  ').map((line) => paint('bold', line)), ...wrap(message, '  ')];
  if (perhaps.length > 0) {
    lines.push('', '  It is one of these:');
    lines.push(...perhaps.flatMap((cause) => wrap(cause, '  - ', '    ')));
  }
  return [...lines, '', '  What to do:', ...wrap(remedy, '  ')].join('\n');
}

function formatFindings({ findings }: CheckReport, paint: Paint, verbose: boolean): string {
  return findings
    .filter(({ severity }) => verbose || severity !== 'info')
    .flatMap((finding) => formatFinding(finding, paint))
    .join('\n');
}

function formatServer({ server }: CheckReport, paint: Paint): string {
  const { certificate, trustedBy, chain, acceptedAuthorities, asksForCertificate } = server;
  const lines: string[] = [];
  if (certificate !== undefined) {
    lines.push(
      `"${certificate.subject}" for ${certificate.sans.join(', ') || 'no name'}, ends ${certificate.notAfter}`,
    );
    lines.push(
      trustedBy === undefined ? `issued by "${certificate.issuer}"` : `trusted here because of "${trustedBy}"`,
    );
  }
  if (chain !== undefined && chain.length > 1) lines.push(`presents a chain of ${chain.length}`);
  if (asksForCertificate === false) lines.push('asks for no client certificate');
  if (acceptedAuthorities !== undefined) lines.push(describeAuthorities(acceptedAuthorities));
  if (lines.length === 0) return '';
  const [first = '', ...rest] = lines.flatMap((line) => wrap(line, ' '.repeat(SERVER_COLUMN)));
  return [`  ${paint('dim', 'Server')}  ${first.trimStart()}`, ...rest].join('\n');
}

const SERVER_COLUMN = '  Server  '.length;

function describeAuthorities(authorities: readonly string[]): string {
  if (authorities.length === 0) return 'asks for a client certificate, and does not say of which CAs';
  const shown = authorities.slice(0, MAX_AUTHORITIES).map((name) => `"${name}"`);
  const more = authorities.length > MAX_AUTHORITIES ? ` and ${authorities.length - MAX_AUTHORITIES} more (--json)` : '';
  return `asks for certificates of ${shown.join(', ')}${more}`;
}

const MAX_AUTHORITIES = 6;

/** For `-v`: every setting, and where it comes from. */
export function formatSettings(settings: readonly SettingReport[], paint: Paint): string {
  const width = Math.max(...settings.map(({ name }) => name.length));
  const lines = settings.map(
    ({ name, value, from, origin }) =>
      `  ${name.padEnd(width)}  ${escapeControls(value)}  ${paint('dim', escapeControls(`(${from}: ${origin})`))}`,
  );
  return `Settings\n${lines.join('\n')}\n`;
}
