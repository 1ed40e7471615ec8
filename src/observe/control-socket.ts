import { chmod, link, lstat, mkdtemp, rename, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { type ErrorSummary, RoteyError, summarizeError } from '../errors.ts';
import { CONTROL_VERSION, type ControlAnswer, MAX_REQUEST_BYTES, parseRequest } from './control-protocol.ts';
import { LineReader } from './line-reader.ts';
import { listenFailed } from './listen-failed.ts';

/** Carries out a command; what it answers with becomes JSON. One that throws is told to who asked. */
export type ControlHandler = (given: Readonly<Record<string, unknown>>) => unknown;

/** Commands by their names: `status` and `reload` everywhere, others where the owner has them. */
export type ControlCommands = Readonly<Record<string, ControlHandler>>;

export interface ControlSocket extends AsyncDisposable {
  readonly path: string;
  /** Ends every connection and removes the socket, unless somebody else has put one there. Idempotent. */
  close(): Promise<void>;
}

/** How long a client may say nothing. */
const IDLE_MS = 10_000;
const MAX_CONNECTIONS = 16;
/** `sun_path` has 108 bytes on Linux and 104 on macOS, with the NUL; Node cuts longer ones off in silence. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * Listens for commands on a Unix socket of mode 0600: who may use it is who may read this user's files. It comes into
 * being in a folder that is closed to everybody else, so there is no moment in which it is open. A socket that another
 * process left behind is replaced; one that somebody answers on is not. Does not keep the process alive.
 *
 * @throws {RoteyError} `ROTEY_LISTEN_FAILED`: somebody answers there, it is no socket, or the folder does not allow it
 */
export async function openControlSocket(path: string, commands: ControlCommands): Promise<ControlSocket> {
  // Half open: `echo … | nc -U` ends its side before the answer is there.
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, commands));
  const sockets = new Set<Socket>();
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.unref();
  });
  server.unref();
  const inode = await bind(server, path).catch((cause: unknown) => {
    server.close();
    throw cause instanceof RoteyError ? cause : listenFailed(path, cause);
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    // Once: afterwards a successor's socket may be there, with the inode of ours.
    closing ??= end(server, sockets, path, inode);
    return closing;
  };
  return { path, close, [Symbol.asyncDispose]: close };
}

async function end(server: Server, sockets: Iterable<Socket>, path: string, inode: bigint | undefined): Promise<void> {
  // What cannot be removed leads nowhere, and is replaced by the next one who listens there.
  if ((await inodeOf(path)) === inode) await rm(path, { force: true }).catch(() => undefined);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}

/** Makes the socket where nobody else gets, then puts it in place. Answers with what tells it from another one there. */
async function bind(server: Server, path: string): Promise<bigint | undefined> {
  for (const place of [path, join(dirname(path), '.rotey-xxxxxx', 's')]) assertFits(place);
  await clearTheWay(path);
  const folder = await mkdtemp(join(dirname(path), '.rotey-')); // 0700
  try {
    const hidden = join(folder, 's');
    await listening(server, hidden);
    await chmod(hidden, 0o600);
    await link(hidden, path); // fails when another process was quicker
    return await inodeOf(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function assertFits(path: string): void {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return;
  throw new RoteyError('ROTEY_LISTEN_FAILED', `The path of the socket is too long: ${path}.`, {
    hint: `Choose one with at most ${MAX_PATH_BYTES - '/.rotey-xxxxxx/s'.length} bytes in its folder's part, such as /run/rotey/control.sock.`,
    context: { where: path },
  });
}

/** Removes a socket that nobody answers on. */
async function clearTheWay(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw listenFailed(path, new Error('there is something that is no socket'));
  if (await answers(path)) throw listenFailed(path, Object.assign(new Error(), { code: 'EADDRINUSE' }));
  // Another process may have put its own there since: move it aside, and knock once more where nobody can interfere.
  const folder = await mkdtemp(join(dirname(path), '.rotey-'));
  try {
    const aside = join(folder, 's');
    await rename(path, aside);
    if (!(await answers(aside))) return;
    await link(aside, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  throw listenFailed(path, Object.assign(new Error(), { code: 'EADDRINUSE' }));
}

/** Whether somebody listens. Whatever else keeps us from it (no permission, a full queue) counts as somebody. */
async function answers(path: string): Promise<boolean> {
  const socket = createConnection({ path });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
      );
    });
  } finally {
    socket.destroy();
  }
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', () => undefined); // of a connection that could not be accepted
      resolve();
    });
  });
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  return (await lstat(path, { bigint: true }).catch(() => undefined))?.ino;
}

function serve(socket: Socket, commands: ControlCommands): void {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  const reader = new LineReader(MAX_REQUEST_BYTES);
  let last: Promise<void> = Promise.resolve();
  socket.on('data', (chunk) => {
    const { lines, tooLong } = reader.push(chunk);
    if (lines.length === 0 && !tooLong) return;
    socket.pause(); // who asks on and on is not heard before the answers are taken
    last = last.then(async () => {
      // One after the other, so that answers come in the order of their requests.
      for (const line of lines) await reply(socket, commands, line);
      if (tooLong) refuseTooLong(socket);
      socket.resume();
    });
  });
  socket.on('end', () => {
    last = last.then(() => void socket.end());
  });
}

/** An answer without what is the same in all of them. */
type Outcome = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: ErrorSummary };

async function reply(socket: Socket, commands: ControlCommands, line: string): Promise<void> {
  if (socket.destroyed) return;
  socket.setTimeout(0); // a command takes as long as it takes
  const answer = await carryOut(commands, line);
  socket.setTimeout(IDLE_MS);
  if (!socket.write(`${answer}\n`)) await taken(socket);
}

/** Resolves when what was written has gone out, or never will. */
async function taken(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      socket.off('drain', end).off('close', end);
      resolve();
    };
    socket.on('drain', end).on('close', end);
  });
}

async function carryOut(commands: ControlCommands, line: string): Promise<string> {
  try {
    const { command, arguments: given = {} } = parseRequest(line);
    const handler = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (handler === undefined) throw unknownCommand(command, commands);
    return told({ ok: true, result: (await handler(given)) ?? null });
  } catch (error) {
    return told({ ok: false, error: summarizeError(error) });
  }
}

function unknownCommand(command: string, commands: ControlCommands): RoteyError {
  return new RoteyError('ROTEY_COMMAND_FAILED', `There is no command ${JSON.stringify(command.slice(0, 40))} here.`, {
    hint: `There are: ${Object.keys(commands).join(', ')}.`,
  });
}

/** What still comes is read and dropped: ending the connection over it would lose the answer. */
function refuseTooLong(socket: Socket): void {
  const message = `A request has at most ${MAX_REQUEST_BYTES} bytes.`;
  socket.end(`${told({ ok: false, error: { code: 'ROTEY_COMMAND_FAILED', message } })}\n`);
}

function told(answer: Outcome): string {
  const whole: ControlAnswer = { version: CONTROL_VERSION, ...answer };
  return JSON.stringify(whole);
}
