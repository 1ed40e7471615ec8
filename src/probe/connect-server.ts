import type { Socket } from 'node:net';
import { connectTcp } from './connect-tcp.ts';
import type { ConnectionFate } from './connection-fate.ts';
import { connectThroughProxy } from './http-connect.ts';
import type { ProbeScope } from './probe-scope.ts';
import type { StepLog } from './step-log.ts';
import type { ResolvedTarget } from './target.ts';

/** Takes the steps from the name of a server to a TCP connection that leads to it, through a proxy where one is named. */
export async function connectServer(
  scope: ProbeScope,
  log: StepLog,
  fate: ConnectionFate,
  { server, proxy }: Pick<ResolvedTarget, 'server' | 'proxy'>,
): Promise<Socket> {
  const tcp = await connectTcp(scope, log, fate, proxy?.server ?? server);
  if (proxy !== undefined) {
    await log.take(
      'proxy',
      () => connectThroughProxy(scope, fate, tcp, proxy, server),
      (status) => `HTTP ${status}`,
    );
  }
  return tcp;
}
