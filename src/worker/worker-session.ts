import type { NativeConnection } from '@temporalio/worker';
import type { Pair } from '../identity/index.ts';
import type { ProbeReport } from '../probe/index.ts';
import type { Retirement } from '../rotation/index.ts';
import {
  closeNative,
  nativeClientOf,
  type RpcImpl,
  referenceHoldersOf,
  SERVICES,
  type ServiceName,
  serviceOf,
} from './sdk-internals.ts';

/**
 * One native connection with one identity. Counts the calls that Clients make on it; what the Workers' core has in
 * flight is not visible from here, and needs no care: a closed native client lets its calls finish.
 */
export class WorkerSession {
  readonly connection: NativeConnection;
  /** When its leaf ends, in milliseconds since the Unix epoch: after that it may serve, but not reconnect. */
  readonly notAfterMs: number;
  /** How the server answered when this session's identity was proven; undefined for one that was not probed. */
  readonly baseline: ProbeReport | undefined;
  readonly nativeClient: unknown;
  readonly #send = new Map<ServiceName, RpcImpl>();
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  /**
   * Takes over the services of `connection`: from now on every call on them goes to the session that `active` names, so
   * a Client or an Activity that got hold of this connection works on, with the identity that is in use then.
   */
  constructor(
    connection: NativeConnection,
    { leaf }: Pair,
    baseline: ProbeReport | undefined,
    active: () => WorkerSession,
  ) {
    this.connection = connection;
    this.notAfterMs = leaf.notAfterMs;
    this.baseline = baseline;
    this.nativeClient = nativeClientOf(connection);
    for (const name of SERVICES) {
      const service = serviceOf(connection, name);
      if (service === undefined) continue;
      this.#send.set(name, service.rpcImpl);
      service.rpcImpl = (method, request, callback) => active().#call(name, method, request, callback);
    }
  }

  /**
   * Closes the connection after its calls have ended, or when `signal` aborts. Calls that run then still finish while
   * any other native connection is open; they count as cut because nobody can promise that.
   */
  async retire(signal: AbortSignal): Promise<Retirement> {
    if (this.#inFlight > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const callsCut = this.#inFlight;
    // A Worker that could not be moved holds on in its core; the handle here can go.
    referenceHoldersOf(this.connection).clear();
    await closeNative(this.connection);
    return { callsCut };
  }

  #call(name: ServiceName, ...[method, request, callback]: Parameters<RpcImpl>): void {
    const send = this.#send.get(name);
    if (send === undefined) throw new TypeError(`This connection has no ${name}.`);
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      this.#inFlight--;
      if (this.#inFlight === 0) this.#onIdle?.();
    };
    this.#inFlight++;
    try {
      send(method, request, (error, response) => {
        end();
        callback(error, response);
      });
    } catch (error) {
      end();
      throw error;
    }
  }
}
