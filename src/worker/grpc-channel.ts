/**
 * What grpc-js calls a channel, as far as rotey speaks to one. Written down here instead of imported: the channels come
 * from the copy of grpc-js that the Temporal SDK uses, whichever that is, and nothing here may bring a second one. The
 * shapes are the same in grpc-js 1.12 to 1.14 (packages/grpc-js/src/channel.ts and call-interface.ts).
 *
 * @module
 */

/** `status.UNAVAILABLE` of gRPC; what the SDK's retry interceptor tries again. */
export const UNAVAILABLE = 14;

/** Receives what comes back from a call. */
export interface GrpcListener {
  onReceiveMetadata(metadata: unknown): void;
  onReceiveMessage(message: unknown): void;
  onReceiveStatus(status: unknown): void;
}

/** One call. grpc-js wants the very objects that its own channels make, so they may be patched, not wrapped. */
export interface GrpcCall {
  start(metadata: unknown, listener: GrpcListener): void;
  cancelWithStatus(code: number, details: string): void;
}

export interface GrpcChannel {
  close(): void;
  getTarget(): string;
  getConnectivityState(tryToConnect: boolean): number;
  /** Calls back once: without an error when the state is another one, with one at the deadline. */
  watchConnectivityState(currentState: number, deadline: Date | number, callback: (error?: Error) => void): void;
  getChannelzRef(): unknown;
  createCall(...args: readonly unknown[]): GrpcCall;
}
