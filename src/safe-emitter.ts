/**
 * Events whose listeners cannot hurt the one who emits.
 *
 * @module
 */
import { EventEmitter } from 'node:events';
import { textOf } from './errors.ts';

type EventMap<T> = Record<keyof T, unknown[]>;

/**
 * Node's `EventEmitter` (so `once`, `on` and `AbortSignal` work as everywhere), except that a listener that throws, or
 * returns a promise that rejects, does neither stop the other listeners nor reach the emitter: the failure becomes a
 * process warning named `RoteyListenerWarning`. A rotation must not fail because a log line did.
 */
export class SafeEmitter<T extends EventMap<T>> extends EventEmitter<T> {
  constructor() {
    super();
    this.setMaxListeners(0);
  }

  override emit<K>(eventName: K | keyof T, ...args: unknown[]): boolean {
    const listeners = this.rawListeners(eventName as never);
    for (const listener of listeners) {
      try {
        const result: unknown = Reflect.apply(listener, this, args);
        if (result instanceof Promise) result.catch((error: unknown) => warnOfListener(eventName, error));
      } catch (error) {
        warnOfListener(eventName, error);
      }
    }
    return listeners.length > 0;
  }
}

function warnOfListener(eventName: unknown, error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : textOf(error);
  process.emitWarning(`A listener of '${String(eventName)}' failed: ${message}`, 'RoteyListenerWarning');
}
