import { type Clock, Timer } from '../clock.ts';
import type { Consumer, Retirement, Serving } from './consumer.ts';
import { type DrainedEvent, type PairSummary, summarizePair } from './events.ts';

/** A session that takes no new work and finishes what it has. */
export interface DrainStatus {
  readonly generation: number;
  readonly pair: PairSummary;
  readonly sinceMs: number;
  /** When its calls are cut, should they not have ended by then. */
  readonly deadlineMs: number;
}

interface Draining {
  readonly status: DrainStatus;
  readonly stop: AbortController;
  readonly timer: Timer;
  readonly done: Promise<void>;
}

export interface DrainsOptions<Session> {
  readonly consumer: Consumer<Session>;
  readonly clock: Clock;
  readonly capMs: number;
  readonly maxDraining: number;
  readonly onDrained: (event: DrainedEvent) => void;
}

/** The sessions that are on their way out, oldest first, each with its deadline. */
export class Drains<Session> {
  readonly #options: DrainsOptions<Session>;
  readonly #draining: Draining[] = [];

  constructor(options: DrainsOptions<Session>) {
    this.#options = options;
  }

  get status(): readonly DrainStatus[] {
    return this.#draining.map(({ status }) => status);
  }

  /** Retires a session: it has `capMs` to finish, less when too many others are draining. */
  add({ identity, session }: Serving<Session>): void {
    const { consumer, clock, capMs, maxDraining, onDrained } = this.#options;
    const sinceMs = clock.now();
    const started = clock.monotonic();
    const pair = summarizePair(identity.pair);
    const stop = new AbortController();
    const timer = new Timer(clock, () => stop.abort());
    timer.set(capMs);
    const done = retire(consumer, session, stop.signal).then(({ callsCut }) => {
      timer.clear();
      this.#draining.splice(this.#draining.indexOf(entry), 1);
      const tookMs = Math.round(clock.monotonic() - started);
      onDrained({ generation: identity.generation, pair, tookMs, callsCut });
    });
    const status = { generation: identity.generation, pair, sinceMs, deadlineMs: sinceMs + capMs };
    const entry: Draining = { status, stop, timer, done };
    this.#draining.push(entry);
    const tooMany = Math.max(0, this.#draining.length - maxDraining);
    for (const old of this.#draining.slice(0, tooMany)) old.stop.abort();
  }

  /** Resolves when every session is gone; those that are left after `graceMs` are closed with what runs on them. */
  async finish(graceMs: number): Promise<void> {
    const cut = new Timer(this.#options.clock, () => this.cut());
    if (graceMs <= 0) this.cut();
    else cut.set(graceMs);
    await Promise.all(this.#draining.map(({ done }) => done));
    cut.clear();
  }

  /** Closes all at once. */
  cut(): void {
    for (const { stop } of this.#draining) stop.abort();
  }
}

/** A session that fails to close is gone all the same, whether its consumer throws or rejects. */
async function retire<Session>(
  consumer: Consumer<Session>,
  session: Session,
  signal: AbortSignal,
): Promise<Retirement> {
  try {
    return await consumer.retire(session, signal);
  } catch {
    return { callsCut: 0 };
  }
}
