/**
 * Failures before TLS begins: names, addresses, ports, proxies. None of them says anything about a certificate.
 *
 * @module
 */
import { RoteyError, type RoteyErrorCode } from '../errors.ts';
import { formatAddress, type HostAndPort } from './address.ts';
import { ConnectionClosed } from './connection-fate.ts';
import { codeOf, errorChain } from './error-chain.ts';
import { StepFailure } from './step-failure.ts';

const TEXTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name',
  ENODATA: 'the name has no address',
  EAI_AGAIN: 'the name service did not answer',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer',
  EADDRNOTAVAIL: 'no local address or port is free',
  EMFILE: 'this process has too many open files',
  EACCES: 'this process may not connect there',
  EPERM: 'a local firewall forbids it',
};

export function explainDnsFailure(cause: unknown, host: string): StepFailure {
  return unobtainable('ROTEY_DNS_FAILED', `The name ${host} could not be resolved: ${reasonOf(cause)}.`, {
    cause,
    step: 'dns',
    where: host,
    hint: 'Check the name for typing errors and the resolver of this machine.',
  });
}

export function explainConnectFailure(cause: unknown, server: HostAndPort): StepFailure {
  const where = formatAddress(server);
  const codes = tellingCodes(cause);
  if (codes.length > 0 && codes.every((code) => code === 'ECONNREFUSED')) {
    return unobtainable('ROTEY_CONNECT_REFUSED', `Nothing listens at ${where}: the connection was refused.`, {
      cause,
      step: 'tcp',
      where,
      hint: 'Check the port, and that the server is running.',
    });
  }
  return unobtainable('ROTEY_CONNECT_FAILED', `No connection to ${where}: ${reasonOf(cause)}.`, {
    cause,
    step: 'tcp',
    where,
    hint: 'Check routes and firewalls between here and the server.',
  });
}

/** @param why the proxy's status line or what came instead; never its headers, which may hold credentials. */
export function explainProxyFailure(
  cause: unknown,
  proxy: HostAndPort,
  server: HostAndPort,
  why?: string,
): StepFailure {
  const where = formatAddress(server);
  const reason = why ?? reasonOf(cause);
  return unobtainable(
    'ROTEY_PROXY_REFUSED',
    `The HTTP proxy ${formatAddress(proxy)} opened no tunnel to ${where}: ${reason}.`,
    {
      cause,
      step: 'proxy',
      where,
      more: { proxy: formatAddress(proxy), ...(why === undefined ? {} : { httpStatus: Number.parseInt(why, 10) }) },
      hint: reason.startsWith('407')
        ? 'Set the user name and password of the proxy.'
        : "Check the proxy's address and that it allows CONNECT to this host and port.",
    },
  );
}

interface Details {
  readonly cause: unknown;
  readonly step: 'dns' | 'tcp' | 'proxy';
  readonly where: string;
  readonly hint: string;
  /** Further facts for the error's context. */
  readonly more?: Readonly<Record<string, unknown>>;
}

function unobtainable(code: RoteyErrorCode, message: string, details: Details): StepFailure {
  const { cause, step, where, hint, more } = details;
  const errorCode = tellingCodes(cause).find(Boolean) ?? '';
  const context = { step, address: where, ...(errorCode === '' ? {} : { errorCode }), ...more };
  return new StepFailure('unobtainable', new RoteyError(code, message, { cause, hint, retryable: true, context }));
}

/** A machine without IPv6 says so of the IPv6 address of every server: what became of the other addresses tells more. */
function tellingCodes(cause: unknown): readonly string[] {
  const codes = leavesOf(cause).map(codeOf);
  const tried = codes.filter((code) => !UNREACHABLE.has(code));
  return tried.length > 0 ? tried : codes;
}

const UNREACHABLE: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** `ECONNREFUSED (nothing listens there)`, one for each address that was tried. */
function reasonOf(cause: unknown): string {
  const reasons = leavesOf(cause).map((error) => {
    if (error instanceof ConnectionClosed) return 'it was closed';
    const code = codeOf(error);
    if (code.startsWith('HPE_')) return `it does not speak HTTP (${code})`; // Node's HTTP parser
    const place = 'address' in error && typeof error.address === 'string' ? `${error.address}: ` : '';
    return code === '' ? error.message : `${place}${code}${code in TEXTS ? ` (${TEXTS[code]})` : ''}`;
  });
  return [...new Set(reasons)].join('; ') || 'for an unknown reason';
}

/** The errors that stand for one attempt each: the parts of an aggregate rather than the aggregate. */
function leavesOf(cause: unknown): readonly Error[] {
  return errorChain(cause).filter((error) => !(error instanceof AggregateError));
}
