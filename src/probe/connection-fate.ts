import type { EventEmitter } from 'node:events';
import type { Begin, ProbeScope } from './probe-scope.ts';
import { StepFailure } from './step-failure.ts';

/** The peer ended the connection in good order, or our side of it was closed without any error. */
export class ConnectionClosed extends Error {
  override readonly name: string = 'ConnectionClosed';
}

/**
 * Remembers what became of a connection, from its first moment on: an error may come between two waits, when nobody
 * listens (and Node throws an `error` event that nobody listens to). The layers of a connection (TCP, TLS, HTTP/2)
 * share one fate; the first error counts, as later ones are its consequences.
 */
export class ConnectionFate {
  #lost: { readonly reason: unknown } | undefined;
  readonly #listeners = new Set<(reason: unknown) => void>();

  /** Why the connection was lost; undefined while it lives. */
  get lost(): unknown {
    return this.#lost?.reason;
  }

  /** Watches one more layer. Its listeners stay for the layer's life. */
  watch(layer: EventEmitter): void {
    layer.on('error', (error: unknown) => this.#lose(error));
    layer.on('close', () => this.#lose(new ConnectionClosed('The connection was closed.')));
  }

  /** Calls back once when the connection is lost, at once if it already is. Returns how to stop. */
  onLost(listener: (reason: unknown) => void): () => void {
    if (this.#lost !== undefined) listener(this.#lost.reason);
    else this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Waits for something to happen on the connection, and for its loss, whichever comes first.
   *
   * @param explain makes of a loss what the step reports. Called outside of any event, so that it may throw.
   */
  async whileAlive<T>(scope: ProbeScope, explain: (reason: unknown) => StepFailure, begin: Begin<T>): Promise<T> {
    try {
      return await scope.settle<T>((resolve, reject) => {
        const stop = begin(resolve, reject);
        const forget = this.onLost(reject);
        return () => {
          forget();
          stop();
        };
      });
    } catch (error) {
      scope.signal.throwIfAborted();
      throw error instanceof StepFailure ? error : explain(error);
    }
  }

  #lose(reason: unknown): void {
    if (this.#lost !== undefined) return;
    this.#lost = { reason };
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }
}
