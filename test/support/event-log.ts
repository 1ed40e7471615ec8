import type { EventEmitter } from 'node:events';

/** Notes the events of an emitter in their order, and lets a test wait for one with a deadline. */
export class EventLog {
  readonly entries: { readonly name: string; readonly args: readonly unknown[] }[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(emitter: Pick<EventEmitter, 'on'>, names: readonly string[]) {
    for (const name of names) {
      emitter.on(name, (...args: unknown[]) => {
        this.entries.push({ name, args });
        for (const look of [...this.#waiting]) look();
      });
    }
  }

  get names(): string[] {
    return this.entries.map(({ name }) => name);
  }

  /** The first argument of every event of that name. */
  of<T>(name: string): T[] {
    return this.entries.filter((entry) => entry.name === name).map(({ args }) => args[0] as T); // the test knows its events
  }

  clear(): void {
    this.entries.length = 0;
  }

  /** Resolves as soon as `condition` holds after an event; rejects with the log when it does not in time. */
  async until(what: string, condition: () => boolean, deadlineMs = 10_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`Not within ${deadlineMs} ms: ${what}. Events: ${this.names.join(', ')}`));
      }, deadlineMs);
      const stop = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
    });
  }
}
