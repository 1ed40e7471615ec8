import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void; // there once the flag is set

/** Whether what is no longer used is let go of. */
export class MemoryWatch {
  readonly #noted: WeakRef<object>[] = [];
  readonly #rss: number[] = [];

  /** Watches these, without holding them. */
  note(...objects: readonly (object | undefined)[]): void {
    for (const object of objects) if (object !== undefined) this.#noted.push(new WeakRef(object));
    this.#rss.push(process.memoryUsage.rss());
  }

  /** How many different ones are in memory still, after a collection. What was looked at in this turn counts. */
  held(): number {
    collect();
    return new Set(this.#noted.flatMap((ref) => ref.deref() ?? [])).size;
  }

  /** For people: what the process has taken is other people's memory too, so nothing is asserted of it. */
  summary(): string {
    const [first = 0, half = 0, last = 0] = [0, this.#rss.length >> 1, -1].map((at) => this.#rss.at(at));
    const mb = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
    return `${this.held()} of ${this.#noted.length} objects held; resident memory: ${mb(first)} MB, half-way ${mb(half)} MB, at the end ${mb(last)} MB`;
  }
}
