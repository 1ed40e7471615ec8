import { lookup } from 'node:dns/promises';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { formatAddress, type HostAndPort } from './address.ts';
import type { ConnectionFate } from './connection-fate.ts';
import { explainConnectFailure, explainDnsFailure } from './network-failure.ts';
import { listen, type ProbeScope } from './probe-scope.ts';
import type { StepFailure } from './step-failure.ts';
import type { StepLog } from './step-log.ts';

/**
 * How long one address may take before the next is tried, in milliseconds. Node's default of 250 comes from RFC 8305
 * §5, which starts the next attempt beside the first; Node 20 gives the first one up. Two seconds let a far server
 * answer, and even one lost SYN be sent again (after 1 s on Linux).
 */
const ADDRESS_ATTEMPT_MS = 2_000;

interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** Resolves a host (again at every probe) and connects to it, trying its IPv6 and IPv4 addresses in turn. */
export async function connectTcp(
  scope: ProbeScope,
  log: StepLog,
  fate: ConnectionFate,
  server: HostAndPort,
): Promise<Socket> {
  const addresses = isIP(server.host) === 0 ? await resolve(scope, log, server.host) : undefined;
  return await log.take(
    'tcp',
    () => open(scope, fate, server, addresses),
    (socket) => `${formatAddress({ host: socket.remoteAddress ?? server.host, port: server.port })}`,
  );
}

function resolve(scope: ProbeScope, log: StepLog, host: string): Promise<readonly Resolved[]> {
  return log.take(
    'dns',
    async () => {
      const work = lookup(host, { all: true, verbatim: true });
      return await scope.race(work.catch((error: unknown) => Promise.reject(explainDnsFailure(error, host))));
    },
    (addresses) => addresses.map(({ address }) => address).join(', '),
  );
}

function open(
  scope: ProbeScope,
  fate: ConnectionFate,
  server: HostAndPort,
  addresses: readonly Resolved[] | undefined,
): Promise<Socket> {
  const explain = (reason: unknown): StepFailure => explainConnectFailure(reason, server);
  return fate.whileAlive(scope, explain, (resolveOpen) => {
    const socket = connect({
      host: server.host,
      port: server.port,
      noDelay: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
      ...(addresses === undefined ? {} : { lookup: answerWith(addresses) }),
    });
    scope.own(() => socket.destroy());
    fate.watch(socket);
    return listen(socket, { connect: () => resolveOpen(socket) });
  });
}

/** Hands the addresses of the `dns` step to `net.connect`, which asks for all or for one of them. */
function answerWith(addresses: readonly Resolved[]): LookupFunction {
  return (_host, { all }, done) => {
    const [first] = addresses;
    if (all === true) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
}
