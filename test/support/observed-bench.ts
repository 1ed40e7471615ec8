import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ProcessReport, prometheusMetrics, reportProcess } from '../../src/observe/index.ts';
import { Observation, type Rotation, startRotation } from '../../src/rotation/index.ts';
import { type PairSource, watchFiles } from '../../src/source/index.ts';
import { EventLog } from './event-log.ts';
import { FakeConsumer } from './fake-consumer.ts';
import { type IssuedPair, issuePair } from './issued-pair.ts';
import { ManualClock, settle, untilDue } from './manual-clock.ts';
import { ROTATION_EVENTS } from './rotation-bench.ts';
import { Scraped } from './scrape.ts';
import { temporaryDirectory } from './watched-source.ts';

/** A clock on which time can pass without any timer: nothing runs. */
export class BlockableClock extends ManualClock {
  #blockedMs = 0;

  override now(): number {
    return super.now() + this.#blockedMs;
  }

  override monotonic(): number {
    return super.monotonic() + this.#blockedMs;
  }

  block(ms: number): void {
    this.#blockedMs += ms;
  }
}

/** What is different at each scrape, whatever happens or does not. */
const ALWAYS_CHANGING = [
  'rotey_source_last_read_timestamp_seconds',
  'rotey_source_last_good_timestamp_seconds',
  'rotey_rotation_heartbeat_age_seconds',
  'rotey_rotation_state_age_seconds',
];

/** Real files, a real source, a rotation with a consumer whose answers are the test's, and everything that is told of them. */
export class ObservedBench {
  readonly clock: BlockableClock = new BlockableClock(Date.now());
  readonly consumer: FakeConsumer = new FakeConsumer();
  readonly one: IssuedPair;
  readonly two: IssuedPair;
  readonly certPath: string;
  readonly keyPath: string;
  #source: PairSource | undefined;
  #rotation: Rotation<string> | undefined;
  #observation: Observation | undefined;
  #process: ProcessReport | undefined;
  #log: EventLog | undefined;
  #scrape: () => Promise<string> = async () => '';

  private constructor(directory: string, one: IssuedPair, two: IssuedPair) {
    this.certPath = join(directory, 'tls.crt');
    this.keyPath = join(directory, 'tls.key');
    this.one = one;
    this.two = two;
    this.consumer.retiresAtOnce = true;
  }

  /** The pair `one` serves, and nothing is under way. Polls once a day, so that what is noticed is noticed by events. */
  static async open(t: TestContext): Promise<ObservedBench> {
    const directory = await temporaryDirectory(t);
    const bench = new ObservedBench(
      directory,
      await issuePair('one'),
      await issuePair('two', { lifetimeMs: 7_200_000 }),
    );
    await bench.publish(bench.one);
    await bench.#start();
    t.after(() => bench.close());
    return bench;
  }

  get observation(): Observation {
    return given(this.#observation);
  }

  get rotation(): Rotation<string> {
    return given(this.#rotation);
  }

  get source(): PairSource {
    return given(this.#source);
  }

  get log(): EventLog {
    return given(this.#log);
  }

  async #start(): Promise<void> {
    const { clock, consumer, certPath, keyPath } = this;
    const opening = watchFiles({ certPath, keyPath, clock, pollMs: 24 * 60 * 60 * 1000 });
    await untilDue(clock, 100);
    await clock.advance(100);
    const source = await opening;
    const metrics = await prometheusMetrics();
    this.#scrape = () => metrics.registry.metrics();
    this.#process = reportProcess(metrics, 'watch', clock);
    this.#observation = new Observation({ consumer: 'watch', metrics, clock });
    this.#observation.addSource('orders', source);
    const rotation = await startRotation({ source, consumer, clock, random: () => 0.5, waitForFirst: true });
    this.#observation.addRotation({ name: 'orders', address: 'localhost:7233' }, rotation);
    consumer.last.accept();
    await settle();
    this.#source = source;
    this.#rotation = rotation;
    this.#log = new EventLog(
      {
        on: (name: string, listener: (...args: unknown[]) => void) => {
          const { eventLoop } = given(this.#process);
          if (name === 'blocked') eventLoop.events.on('blocked', listener);
          else rotation.events.on(name as 'rotated', listener);
          return this as never;
        },
      },
      [...ROTATION_EVENTS, 'blocked'],
    );
  }

  async close(): Promise<void> {
    await this.#rotation?.close({ graceMs: 0 });
    await this.#source?.close();
    this.#process?.close();
  }

  /** By renames, so that no file is ever half there unless a test means it. */
  async publish({
    certificatePem,
    privateKeyPem,
  }: Pick<IssuedPair, 'certificatePem' | 'privateKeyPem'>): Promise<void> {
    await this.put(this.keyPath, privateKeyPem);
    await this.put(this.certPath, certificatePem);
  }

  async put(path: string, content: string): Promise<void> {
    await writeFile(`${path}.new`, content);
    await rename(`${path}.new`, path);
  }

  async remove(): Promise<void> {
    await Promise.all([rm(this.certPath), rm(this.keyPath)]);
  }

  /** Lets time pass in small steps, beside real work on files, until it is so. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!isSo()) {
      if (Date.now() > deadline) throw new Error(`Never: ${what}. Events: ${this.log.names.join(', ')}`);
      await this.clock.advance(20);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async untilEvent(name: string): Promise<void> {
    await this.until(`'${name}'`, () => this.log.names.includes(name));
  }

  /** All series but those that change without a reason. */
  async series(): Promise<ReadonlyMap<string, number>> {
    const all = new Scraped(await this.#scrape()).all;
    return new Map([...all].filter(([key]) => !ALWAYS_CHANGING.some((name) => key.startsWith(name))));
  }

  async scrape(): Promise<Scraped> {
    return new Scraped(await this.#scrape());
  }
}

/** What is new, other or gone (undefined). */
export function difference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): ReadonlyMap<string, number | undefined> {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return new Map(
    [...keys].flatMap((key) => (before.get(key) === after.get(key) ? [] : [[key, after.get(key)] as const])),
  );
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The bench is not open.');
  return value;
}
