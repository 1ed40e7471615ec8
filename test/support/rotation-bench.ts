import assert from 'node:assert/strict';
import type { Pair } from '../../src/identity/index.ts';
import { adoptRotation, type Rotation, type RotationOptions } from '../../src/rotation/index.ts';
import { MemorySource } from '../../src/source/index.ts';
import { EventLog } from './event-log.ts';
import { FakeConsumer } from './fake-consumer.ts';
import { fakePair } from './fake-pair.ts';
import { ManualClock, settle } from './manual-clock.ts';

/** Pairs from the test, and a `readNow` that can be counted and made to hang, or to break its promise. */
export class ScriptedSource extends MemorySource {
  reads = 0;
  hangs = false;
  rejects = false;

  override async readNow(): Promise<void> {
    this.reads++;
    if (this.rejects) throw new Error('the source cannot look');
    if (this.hangs) await new Promise<never>(() => undefined);
  }
}

export const ROTATION_EVENTS = [
  'candidate',
  'held',
  'rotated',
  'rehearsed',
  'attemptFailed',
  'drained',
  'expiring',
  'sourceProblem',
  'sourceRecovered',
  'clockJumped',
] as const;

/** What every rotation test works with. Nothing in it is random or waits for real time. */
export class Bench {
  readonly clock: ManualClock = new ManualClock();
  readonly source: ScriptedSource = new ScriptedSource(undefined, { clock: this.clock });
  readonly consumer: FakeConsumer = new FakeConsumer();

  get options(): RotationOptions<string> {
    const { source, consumer, clock } = this;
    return { source, consumer, clock, random: () => 0.5 };
  }

  /** A rotation whose session `A#1` serves already, with the pair A. */
  adopt(options: Partial<RotationOptions<string>> & { readonly pair?: Pair } = {}): {
    readonly rotation: Rotation<string>;
    readonly log: EventLog;
  } {
    const { pair = fakePair('A'), ...rest } = options;
    this.source.set(pair);
    const session = `${pair.id}#1`;
    this.consumer.opened.push(session);
    this.consumer.activated.push(session);
    const rotation = adoptRotation({ ...this.options, ...rest, initial: { pair, session } });
    return { rotation, log: new EventLog(rotation.events, ROTATION_EVENTS) };
  }

  /** Another pair was read. */
  async offer(pair: Pair | string): Promise<void> {
    this.source.set(typeof pair === 'string' ? fakePair(pair) : pair);
    await settle();
  }

  async accept(warnings?: readonly string[]): Promise<void> {
    this.consumer.last.accept(warnings);
    await settle();
  }

  async refuse(message?: string): Promise<void> {
    this.consumer.last.refuse(message);
    await settle();
  }

  async lose(message?: string): Promise<void> {
    this.consumer.last.lose(message);
    await settle();
  }

  /** The consumer was treated as its contract says, and nobody sleeps any more. */
  assertClean(): void {
    assert.deepEqual(this.consumer.violations, []);
    assert.equal(this.clock.sleeping, 0, 'timers are left');
  }
}
