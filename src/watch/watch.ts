import { type Clock, systemClock, Timer } from '../clock.ts';
import { type Rotation, startRotation } from '../rotation/index.ts';
import { type PairSource, watchFiles } from '../source/index.ts';
import { type Proven, WatchConsumer, type WatchConsumerOptions } from './watch-consumer.ts';
import type { WatchSpec } from './watch-spec.ts';

export interface WatchOptions extends WatchConsumerOptions {
  readonly clock?: Clock | undefined;
  /** For jitter: a number in [0, 1). Default: Math.random. */
  readonly random?: (() => number) | undefined;
}

/** Each period is longer or shorter by up to this share. */
const JITTER = 0.1;

/**
 * A proof has its own timeouts. What takes longer is the wait for a turn, which is no failure: a thousand watches of a
 * server that hangs take an hour in all, so a day is out of reach.
 */
const ATTEMPT_TIMEOUT_MS = 24 * 60 * 60 * 1000;

/** One pair, one server: files that are watched, and a rotation that proves and changes nothing. */
export class Watch implements AsyncDisposable {
  readonly spec: WatchSpec;
  readonly source: PairSource;
  readonly rotation: Rotation<Proven>;
  readonly #random: () => number;
  readonly #again: Timer;

  private constructor(
    spec: WatchSpec,
    source: PairSource,
    rotation: Rotation<Proven>,
    { clock = systemClock, random = Math.random }: WatchOptions,
  ) {
    this.spec = spec;
    this.source = source;
    this.rotation = rotation;
    this.#random = random;
    this.#again = new Timer(clock, () => {
      rotation.remake('proof-due');
      this.#again.set(spec.proveEveryMs * (1 + JITTER * (2 * this.#random() - 1)));
    });
  }

  /** Resolves when the files have been looked at once; whatever was found is proven from then on. Never fails for that. */
  static async start(spec: WatchSpec, options: WatchOptions): Promise<Watch> {
    const { certPath, keyPath, caPath, passphrase, pollMs, proveEveryMs } = spec;
    const { clock } = options;
    const source = await watchFiles({ certPath, keyPath, caPath, passphrase, pollMs, clock });
    const rotation = await startRotation({
      ...{ source, clock, random: options.random },
      consumer: new WatchConsumer(spec, options),
      waitForFirst: true,
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    });
    const watch = new Watch(spec, source, rotation, options);
    // Anywhere in the first period, so that many watches that start together are spread over it.
    if (proveEveryMs > 0) watch.#again.set(proveEveryMs * watch.#random());
    return watch;
  }

  async close(): Promise<void> {
    this.#again.clear();
    await this.rotation.close({ graceMs: 0 });
    await this.source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
