import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { RoteyError } from '../../src/errors.ts';
import type { Pair } from '../../src/identity/index.ts';
import { type FileSourceOptions, type PairSource, watchFiles } from '../../src/source/index.ts';
import { EventLog } from './event-log.ts';

/** A directory of its own for a test, removed with it. */
export async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-source-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A file source with a log of its events. */
export class WatchedSource {
  readonly source: PairSource;
  readonly log: EventLog;
  /** Every pair that came out, the first look's too. */
  readonly #first: readonly Pair[];

  private constructor(source: PairSource) {
    this.source = source;
    this.log = new EventLog(source.events, ['pair', 'problem', 'recovered']);
    this.#first = source.current === undefined ? [] : [source.current];
  }

  /** Watches until the test ends. Polls rarely by default, so that a test that passes has seen events. */
  static async open(t: TestContext, options: FileSourceOptions): Promise<WatchedSource> {
    const source = await watchFiles({ pollMs: 60_000, ...options });
    t.after(() => source.close());
    return new WatchedSource(source);
  }

  get current(): Pair | undefined {
    return this.source.current;
  }

  get pairs(): readonly Pair[] {
    return [...this.#first, ...this.log.of<Pair>('pair')];
  }

  get problems(): readonly RoteyError[] {
    return this.log.of<RoteyError>('problem');
  }

  /** Resolves when `pair` is the current one. */
  async untilCurrent({ id }: Pair, deadlineMs?: number): Promise<void> {
    await this.log.until(`pair ${id} is current`, () => this.source.current?.id === id, deadlineMs);
  }

  async untilProblem(code: string, deadlineMs?: number): Promise<void> {
    await this.log.until(`problem ${code}`, () => this.problems.at(-1)?.code === code, deadlineMs);
  }

  /** The pairs that came out are these, in this order. */
  assertPairs(expected: readonly Pair[]): void {
    assert.deepEqual(
      this.pairs.map(({ leaf }) => leaf.commonName),
      expected.map(({ leaf }) => leaf.commonName),
    );
    assert.deepEqual(
      this.pairs.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
  }
}
