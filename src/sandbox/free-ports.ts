import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { RoteyError } from '../errors.ts';

/**
 * Below every platform's range for outgoing connections (Linux 32768 on, macOS 49152 on). A port from that range, as
 * binding port 0 would give, can be taken by any client while the server is down for a moment; a client that tries to
 * reconnect may even meet itself there.
 */
const LOWEST = 10_240;
const HIGHEST = 32_767;

const ATTEMPTS = 100;

/**
 * Ports of the loopback interface that nobody listens on, all different. They are free when this resolves; somebody
 * else may take one before it is used, so be ready to ask again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS && found.size < count; attempt++) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (!found.has(port) && (await isPortFree(port))) found.add(port);
  }
  if (found.size < count) {
    throw new RoteyError('ROTEY_SANDBOX_FAILED', 'No free ports on 127.0.0.1.', {
      retryable: true,
      context: { between: [LOWEST, HIGHEST] },
    });
  }
  return [...found];
}

/** Whether a server could listen on this port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
