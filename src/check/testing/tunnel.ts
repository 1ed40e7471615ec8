import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { startRawServer } from '../../probe/testing/servers.ts';
import type { CheckSubject } from '../subject.ts';

/**
 * An HTTP proxy that leads every tunnel to `port`, whatever host it was asked for: behind it, a server of the test has any
 * name.
 */
export async function tunnelTo(t: TestContext, port: number): Promise<Pick<CheckSubject, 'httpConnectProxy'>> {
  const proxy = await startRawServer(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      relay(socket, port);
    });
  });
  return { httpConnectProxy: { targetHost: proxy.address } };
}

/** Passes bytes on in both directions, and the end of either connection to the other. */
function relay(socket: Socket, port: number): void {
  const upstream = connect(port, '127.0.0.1');
  upstream.on('error', () => socket.destroy());
  socket.pipe(upstream).pipe(socket);
  socket.on('close', () => upstream.destroy());
  upstream.on('close', () => socket.destroy());
}

/**
 * A TLS 1.2 server whose answer to the client's certificate is this alert. A relay before a real server puts the alert,
 * which is in clear text at that point of TLS 1.2, in the place of the server's last flight.
 */
export async function startAlertingServer(
  t: TestContext,
  behind: { readonly port: number },
  alert: number,
): Promise<{ readonly address: string; readonly port: number }> {
  return await startRawServer(t, (socket) => {
    const upstream = connect(behind.port, '127.0.0.1');
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    let flightSeen = false;
    upstream.on('data', (chunk) => {
      flightSeen = true;
      socket.write(chunk);
    });
    socket.on('data', (chunk) => {
      if (!flightSeen) upstream.write(chunk);
      else socket.end(Buffer.from([21, 3, 3, 0, 2, 2, alert]));
    });
  });
}
