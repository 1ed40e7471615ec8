import type { GrpcCall, GrpcChannel } from './grpc-channel.ts';

/** Who decides which session the calls go to. */
export interface ChannelOwner {
  /** In use now. */
  readonly session: { readonly channel: GrpcChannel; createCall(...args: readonly unknown[]): GrpcCall };
  /** Something is about to connect, perhaps for the first time. */
  beforeConnecting(): void;
  /** A call is about to be made, perhaps the first one. */
  beforeCall(): void;
  /** The user has closed the connection. */
  close(): void;
}

interface Watch {
  readonly state: number;
  readonly deadline: Date | number;
  readonly callback: (error?: Error) => void;
  on: GrpcChannel | undefined;
}

/**
 * The channel that the user's connection holds: it passes everything on to the channel in use. A call stays on the
 * channel that it was made on; whoever waits for a state is told about that of the channel in use.
 */
export class SwitchableChannel implements GrpcChannel {
  readonly #owner: ChannelOwner;
  readonly #watches = new Set<Watch>();
  #isClosed = false;

  constructor(owner: ChannelOwner) {
    this.#owner = owner;
  }

  close(): void {
    this.#isClosed = true;
    this.#owner.close();
  }

  getTarget(): string {
    return this.#owner.session.channel.getTarget();
  }

  getConnectivityState(tryToConnect: boolean): number {
    // grpc-js would connect a channel that is closed again, and nobody could close it any more.
    const connect = tryToConnect && !this.#isClosed;
    if (connect) this.#owner.beforeConnecting();
    return this.#owner.session.channel.getConnectivityState(connect);
  }

  watchConnectivityState(state: number, deadline: Date | number, callback: (error?: Error) => void): void {
    this.#watch({ state, deadline, callback, on: undefined });
  }

  getChannelzRef(): unknown {
    return this.#owner.session.channel.getChannelzRef();
  }

  createCall(...args: readonly unknown[]): GrpcCall {
    this.#owner.beforeCall();
    return this.#owner.session.createCall(...args);
  }

  /** To be called after the owner's session has changed: moves those who wait for a state. */
  switched(): void {
    for (const watch of [...this.#watches]) {
      watch.on = undefined;
      if (this.#owner.session.channel.getConnectivityState(false) === watch.state) this.#watch(watch);
      else this.#tell(watch);
    }
  }

  #watch(watch: Watch): void {
    const { channel } = this.#owner.session;
    // Throws on a channel that is closed, as grpc-js's own does.
    channel.watchConnectivityState(watch.state, watch.deadline, (error) => {
      if (watch.on === channel) this.#tell(watch, error); // else it has moved on
    });
    watch.on = channel;
    this.#watches.add(watch);
  }

  #tell(watch: Watch, error?: Error): void {
    this.#watches.delete(watch);
    queueMicrotask(() => watch.callback(error));
  }
}
