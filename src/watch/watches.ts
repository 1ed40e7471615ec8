import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '../clock.ts';
import { formatAddress, parseAddress } from '../probe/index.ts';
import type { Observation } from '../rotation/index.ts';
import { ProofGate } from './proof-gate.ts';
import { Watch, type WatchOptions } from './watch.ts';
import { DEFAULT_PROOFS_AT_ONCE, type WatchSpec } from './watch-spec.ts';

export interface WatchesOptions extends Omit<WatchOptions, 'gate'> {
  readonly observation: Observation;
  /** Default: {@link DEFAULT_PROOFS_AT_ONCE}. */
  readonly proofsAtOnce?: number | undefined;
  /** Called for each watch before its first proof ends. */
  readonly onWatch?: ((watch: Watch) => void) | undefined;
}

/** What another set of specs changed, by the names of the watches. */
export interface SpecChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Begun anew, because something else is watched under the same name. */
  readonly changed: readonly string[];
  readonly unchanged: number;
}

/** How long the end waits for watches that are being started. */
const CLOSE_GRACE_MS = 2000;

interface Running {
  readonly watch: Watch;
  readonly unobserve: () => void;
}

/** Any number of watches that share nothing but how many proofs run at once. */
export class Watches implements AsyncDisposable {
  readonly #options: WatchesOptions;
  readonly #gate: ProofGate;
  readonly #running = new Map<string, Running>();
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: WatchesOptions) {
    this.#options = options;
    this.#gate = new ProofGate(options.proofsAtOnce ?? DEFAULT_PROOFS_AT_ONCE);
  }

  get all(): readonly Watch[] {
    return [...this.#running.values()].map(({ watch }) => watch);
  }

  /**
   * Watches exactly these from now on. Those whose spec has not changed go on untouched. Resolves when the files of the new
   * ones have been looked at once. One call after the other.
   */
  apply(specs: readonly WatchSpec[]): Promise<SpecChanges> {
    const result = this.#last.then(() => this.#apply(specs));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // A mount that hangs holds nobody up: what is being started ends itself as soon as it can.
    const waited = new AbortController();
    const clock = this.#options.clock ?? systemClock;
    const enough = clock.sleep(CLOSE_GRACE_MS, { signal: waited.signal }).catch(() => undefined);
    await Promise.race([this.#last, enough]);
    waited.abort();
    await this.#stop([...this.#running.keys()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #apply(specs: readonly WatchSpec[]): Promise<SpecChanges> {
    const wanted = new Map(specs.map((spec) => [spec.name, spec]));
    const names = [...wanted.keys()];
    const isChanged = (name: string): boolean => {
      const running = this.#running.get(name);
      return running !== undefined && !isDeepStrictEqual(running.watch.spec, wanted.get(name));
    };
    const added = names.filter((name) => !this.#running.has(name));
    const changed = names.filter(isChanged);
    const removed = [...this.#running.keys()].filter((name) => !wanted.has(name)).sort();
    const unchanged = names.length - added.length - changed.length;
    await this.#stop([...removed, ...changed]); // first: an address that is reported twice gets a number behind it
    const fresh = specs.filter(({ name }) => added.includes(name) || changed.includes(name));
    await Promise.all(fresh.map((spec) => this.#start(spec)));
    return { added, removed, changed, unchanged };
  }

  async #start(spec: WatchSpec): Promise<void> {
    const watch = await Watch.start(spec, { ...this.#options, gate: this.#gate });
    if (this.#isClosed) return await watch.close();
    const { observation, onWatch } = this.#options;
    const removeSource = observation.addSource(spec.name, watch.source);
    const address = formatAddress(parseAddress(spec.target.address));
    const removeRotation = observation.addRotation({ name: spec.name, address }, watch.rotation);
    const unobserve = (): void => {
      removeRotation();
      removeSource();
    };
    this.#running.set(spec.name, { watch, unobserve });
    onWatch?.(watch);
  }

  async #stop(names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const running = this.#running.get(name);
        this.#running.delete(name);
        running?.unobserve();
        await running?.watch.close();
      }),
    );
  }
}
