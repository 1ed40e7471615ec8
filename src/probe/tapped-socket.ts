import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A TCP connection as a stream that shows each piece it receives before anybody reads it. Owns the socket. */
export function tapSocket(socket: Socket, onBytes: (bytes: Uint8Array) => void): Duplex {
  const tapped = new Duplex({
    read: () => {
      socket.resume();
    },
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(chunk, (error) => done(error));
    },
    final: (done) => {
      socket.end(() => done());
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (bytes: Buffer) => {
    onBytes(bytes);
    if (!tapped.push(bytes)) socket.pause();
  });
  socket.on('end', () => tapped.push(null));
  socket.on('error', (error) => tapped.destroy(error));
  socket.on('close', () => tapped.destroy());
  return tapped;
}
