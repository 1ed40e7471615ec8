/**
 * What the frontend saw, from its own side: which certificate each TLS session and each call came with.
 *
 * @module
 */
import { Journal } from './journal.ts';

/** One gRPC call at the frontend. The server's own calls are left out. */
export interface Call {
  /** Counts up from 1, over restarts of the server too. */
  readonly id: number;
  /** Without package and service: `PollWorkflowTaskQueue`. */
  readonly method: string;
  /** Of the request, where it names one. */
  readonly namespace?: string;
  /** What the caller calls itself in the request (`pid@host` by default), where it does. */
  readonly identity?: string;
  /** The serial number of the client certificate: upper-case hex, an even number of digits. */
  readonly serial?: string;
  /** The common name in the client certificate's subject. */
  readonly commonName?: string;
  /** The client's end of the connection: `127.0.0.1:54321`. The same address means the same session. */
  readonly remote: string;
  /** The TLS session was resumed from an earlier one. */
  readonly resumed: boolean;
  /** The caller's metadata `x-rotey-tag`, where it sent that. */
  readonly tag?: string;
  /** The call came with an API key. Which one is not reported. */
  readonly bearer?: boolean;
  /** The server's clock, milliseconds since the Unix epoch, with fractions. */
  readonly startedAtMs: number;
  /** Undefined while the call is under way. */
  readonly endedAtMs?: number;
  /** How the server ended it: `OK`, `PERMISSION_DENIED` …; `SERVER_GONE` when the server went first. */
  readonly code?: string;
}

/** One TLS session at the frontend, from the client's certificate having been accepted until the connection closed. */
export interface Session {
  /** Counts up, over restarts of the server too; with gaps. */
  readonly id: number;
  readonly remote: string;
  readonly serial?: string;
  readonly commonName?: string;
  readonly resumed: boolean;
  readonly startedAtMs: number;
  /** Undefined while the connection is open. Accurate to 20 ms. */
  readonly endedAtMs?: number;
}

/** Turns the server's lines into calls and sessions. */
export class Observations {
  readonly calls: Journal<Call> = new Journal<Call>('calls');
  readonly sessions: Journal<Session> = new Journal<Session>('sessions');
  /** Ids count from 1 in every run of the server; this makes them go on. */
  #callOffset = 0;
  #sessionOffset = 0;
  #lastCall = 0;
  #lastSession = 0;
  #droppedLines = 0;
  #failedHandshakes = 0;

  /** How many lines the server had to drop because we read too slowly. Calls may be missing, or seem to be under way. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** How many connections closed before the client's certificate was accepted: refused, none given, or given up. */
  get failedHandshakes(): number {
    return this.#failedHandshakes;
  }

  /** Takes one line; those of other kinds are ignored. */
  take(line: ServerLine): void {
    if (line['event'] === 'rpc') this.#callStarted(line);
    else if (line['event'] === 'done') this.#callEnded(line);
    else if (line['event'] === 'session') this.#sessionStarted(line);
    else if (line['event'] === 'session-end') this.#sessionEnded(line);
    else if (line['event'] === 'handshake-failed') this.#failedHandshakes += 1;
    else if (line['event'] === 'dropped') this.#droppedLines += number(line['count']);
  }

  /** The server is gone: what was under way has ended with it. */
  serverGone(atMs: number): void {
    for (const { id, endedAtMs } of this.calls.entries()) {
      if (endedAtMs !== undefined) continue;
      this.calls.end(id, (call) => Object.freeze({ ...call, endedAtMs: atMs, code: 'SERVER_GONE' }));
    }
    for (const { id, endedAtMs } of this.sessions.entries()) {
      if (endedAtMs !== undefined) continue;
      this.sessions.end(id, (session) => Object.freeze({ ...session, endedAtMs: atMs }));
    }
    this.#callOffset = this.#lastCall;
    this.#sessionOffset = this.#lastSession;
  }

  #callStarted(line: ServerLine): void {
    this.#lastCall = this.#callOffset + number(line['id']);
    const method = text(line['method']) ?? '';
    this.calls.begin(Object.freeze({ id: this.#lastCall, method, ...optional(line), ...origin(line) }));
  }

  #callEnded(line: ServerLine): void {
    const endedAtMs = number(line['t']);
    const code = text(line['code']) ?? '';
    this.calls.end(this.#callOffset + number(line['id']), (call) => Object.freeze({ ...call, endedAtMs, code }));
  }

  #sessionStarted(line: ServerLine): void {
    this.#lastSession = this.#sessionOffset + number(line['id']);
    this.sessions.begin(Object.freeze({ id: this.#lastSession, ...origin(line) }));
  }

  #sessionEnded(line: ServerLine): void {
    const endedAtMs = number(line['t']);
    this.sessions.end(this.#sessionOffset + number(line['id']), (session) => Object.freeze({ ...session, endedAtMs }));
  }
}

/** A line of the server's stdout, parsed. See tools/temporal-server/README.md. */
export type ServerLine = Readonly<Record<string, unknown>>;

function origin(line: ServerLine): Pick<Call, 'remote' | 'resumed' | 'startedAtMs' | 'serial' | 'commonName'> {
  const serial = text(line['serial']);
  const commonName = text(line['cn']);
  return {
    ...(serial === undefined ? {} : { serial }),
    ...(commonName === undefined ? {} : { commonName }),
    remote: text(line['remote']) ?? '',
    resumed: line['resumed'] === true,
    startedAtMs: number(line['t']),
  };
}

function optional(line: ServerLine): Pick<Call, 'namespace' | 'identity' | 'tag' | 'bearer'> {
  const namespace = text(line['namespace']);
  const identity = text(line['identity']);
  const tag = text(line['tag']);
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(identity === undefined ? {} : { identity }),
    ...(tag === undefined ? {} : { tag }),
    ...(line['bearer'] === true ? { bearer: true } : {}),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
