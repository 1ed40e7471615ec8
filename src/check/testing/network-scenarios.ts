import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { ManualClock } from '../../probe/testing/manual-clock.ts';
import { startRawServer } from '../../probe/testing/servers.ts';
import { check, type Scenario } from './scenario.ts';

export const NETWORK_SCENARIOS: readonly Scenario[] = [
  { code: 'ROTEY_ADDRESS_INVALID', run: async () => await check({ address: 'a:b:c' }) },
  { code: 'ROTEY_CHECK_NAME_UNKNOWN', run: async () => await check({ address: 'no-such-host.invalid:7233' }) },
  {
    code: 'ROTEY_CHECK_NAME_UNANSWERED',
    run: async () => {
      const clock = new ManualClock();
      // The look-up has begun when the steps that are due have been taken, and ends no sooner than the next event.
      const onStep = (): void => process.nextTick(() => clock.advance(10_000));
      return await check({ address: 'slow.invalid:7233' }, { clock, onStep });
    },
  },
  { code: 'ROTEY_CONNECT_REFUSED', run: async () => await check({ address: `127.0.0.1:${await closedPort()}` }) },
  { code: 'ROTEY_CHECK_NO_ROUTE', run: async () => await check({ address: '255.255.255.255:7233' }) },
  {
    code: 'ROTEY_CONNECT_TIMEOUT',
    run: async (t) => await check({ address: `127.0.0.1:${await fullPort(t)}` }, { timeoutMs: 300 }),
  },
  {
    code: 'ROTEY_CHECK_PROXY_UNREACHABLE',
    run: async () => await behindProxy(`127.0.0.1:${await closedPort()}`),
  },
  answeringProxy('ROTEY_CHECK_PROXY_CREDENTIALS', '407 Proxy Authentication Required'),
  answeringProxy('ROTEY_CHECK_PROXY_DENIED', '403 Forbidden'),
  answeringProxy('ROTEY_CHECK_PROXY_NO_WAY', '502 Bad Gateway'),
  {
    code: 'ROTEY_CHECK_PROXY_NOT_HTTP',
    run: async (t) => {
      const { address } = await startRawServer(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
      return await behindProxy(address);
    },
  },
  {
    code: 'ROTEY_CHECK_PROXY_SILENT',
    run: async (t) => await behindProxy((await startRawServer(t, () => undefined)).address, 300),
  },
];

function answeringProxy(code: Scenario['code'], status: string): Scenario {
  return {
    code,
    run: async (t) => {
      const { address } = await startRawServer(t, (socket) => {
        socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
      });
      return await behindProxy(address);
    },
  };
}

async function behindProxy(targetHost: string, timeoutMs?: number) {
  return await check({ address: 'server.example:7233', httpConnectProxy: { targetHost } }, { timeoutMs });
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Listens, and then does nothing for ever, so that the kernel's queue of one fills up and further packets are dropped. */
const HOLD = `
const server = require('node:net').createServer();
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  require('node:fs').writeSync(1, server.address().port + '\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

/** A port that swallows connections like a black hole. */
async function fullPort(t: TestContext): Promise<number> {
  const child = spawn(process.execPath, ['-e', HOLD], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  const port = Number(line);
  const fillers: Socket[] = [];
  t.after(() => {
    for (const filler of fillers) filler.destroy();
  });
  for (;;) {
    const filler = connect(port, '127.0.0.1');
    filler.on('error', () => undefined);
    fillers.push(filler);
    if (!(await isAccepted(filler))) return port;
  }
}

/** A connection to a queue with room comes about at once; one that has not after a while will not. */
function isAccepted(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.setTimeout(500, () => resolve(false));
    socket.once('connect', () => resolve(true));
  });
}
