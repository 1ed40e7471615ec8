import type { Connection } from '@temporalio/client';
import { RoteyError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import type { ProbeReport } from '../probe/index.ts';
import type { Retirement } from '../rotation/index.ts';
import { grpcClientOf } from './client-internals.ts';
import { type GrpcCall, type GrpcChannel, type GrpcListener, UNAVAILABLE } from './grpc-channel.ts';

const CUT = 'The connection was closed after its certificate was replaced (rotey: drain cap)';

/** One grpc-js channel with one identity, and the calls that are in flight on it. */
export class ClientSession {
  readonly channel: GrpcChannel;
  readonly pair: Pair;
  /** How the server answered when this session's identity was proven; undefined for one that was not probed. */
  readonly baseline: ProbeReport | undefined;
  readonly #connection: Connection;
  readonly #calls = new Set<GrpcCall>();
  #onIdle: (() => void) | undefined;
  #isClosed = false;

  /** @param connection of its own: nobody else makes calls with it, and it is closed with the session */
  constructor(connection: Connection, pair: Pair, baseline: ProbeReport | undefined) {
    this.#connection = connection;
    this.channel = grpcClientOf(connection).getChannel();
    this.pair = pair;
    this.baseline = baseline;
  }

  /** `host:port`, as the SDK completed it. */
  get address(): string {
    return this.#connection.options.address;
  }

  /**
   * Calls go from the user's connection through this session's channel, so both must come from one copy of grpc-js.
   *
   * @param credentials that the user's connection was about to make its channel with
   * @throws {RoteyError} `ROTEY_SDK_UNSUPPORTED` when there are two copies
   */
  assertSameCopy(credentials: object): void {
    if (rootOf(credentials) === rootOf(this.#connection.options.credentials)) return;
    throw new RoteyError('ROTEY_SDK_UNSUPPORTED', 'This Connection and rotey use two copies of @temporalio/client.', {
      hint: 'Install it once (`npm dedupe`), and bundle neither rotey nor the SDK without the other.',
    });
  }

  createCall(...args: readonly unknown[]): GrpcCall {
    const call = this.channel.createCall(...args);
    this.#count(call);
    return call;
  }

  /** Closes the channel after its calls have ended, or cuts them when `signal` aborts. */
  async retire(signal: AbortSignal): Promise<Retirement> {
    if (this.#calls.size > 0 && !this.#isClosed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    if (this.#isClosed) return { callsCut: 0 };
    const cut = [...this.#calls];
    for (const call of cut) call.cancelWithStatus(UNAVAILABLE, CUT);
    await this.close();
    return { callsCut: cut.length };
  }

  /** Takes no more calls. As everywhere in grpc-js, those in flight go on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#onIdle?.();
    await this.#connection.close();
  }

  /** From being made until its status or its cancelling, also when an interceptor starts it late or never. */
  #count(call: GrpcCall): void {
    const end = (): void => {
      this.#calls.delete(call);
      if (this.#calls.size === 0) this.#onIdle?.();
    };
    const { start, cancelWithStatus } = call;
    this.#calls.add(call);
    call.start = (metadata, listener) => start.call(call, metadata, endingAt(listener, end));
    call.cancelWithStatus = (code, details) => {
      cancelWithStatus.call(call, code, details);
      end();
    };
  }
}

/** The base class of an object, as its prototype: each copy of a module has its own. */
function rootOf(object: object): object {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype ? object : rootOf(prototype as object);
}

function endingAt(listener: GrpcListener, end: () => void): GrpcListener {
  return {
    onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
    onReceiveMessage: (message) => listener.onReceiveMessage(message),
    onReceiveStatus: (status) => {
      end();
      listener.onReceiveStatus(status);
    },
  };
}
