import { connect } from 'node:tls';
import type { IssuedLeaf } from '../../../src/pki/index.ts';
import type { Sandbox } from '../../../src/sandbox/index.ts';

/**
 * Whether the sandbox accepts this client certificate, or a client without one. With TLS 1.3 the refusal comes after the
 * client's own handshake has ended; the first bytes of the server's HTTP/2 layer are what proves acceptance.
 */
export async function isAccepted(sandbox: Sandbox, leaf: IssuedLeaf | undefined): Promise<boolean> {
  const [host = '', port] = sandbox.address.split(':');
  const pair = leaf === undefined ? {} : { cert: leaf.chainPem, key: leaf.revealPrivateKey() };
  const { serverName: servername, serverCaPem: ca } = sandbox;
  const socket = connect({ host, port: Number(port), servername, ca, ALPNProtocols: ['h2'], ...pair });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      socket.once('data', () => resolve(true));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code?.startsWith('ERR_SSL_')) resolve(false);
        else reject(error);
      });
      socket.once('close', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
