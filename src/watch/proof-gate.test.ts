import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../../test/support/manual-clock.ts';
import { ProofGate } from './proof-gate.ts';

/** Work that the test ends, and what has been started so far. */
class Work {
  readonly started: string[] = [];
  readonly #gate: ProofGate;
  readonly #end = new Map<string, () => void>();

  constructor(gate: ProofGate) {
    this.#gate = gate;
  }

  /** @param server default: one of its own */
  add(name: string, urgent: boolean, signal?: AbortSignal, server: string = name): Promise<void> {
    return this.#gate.run({ urgent, server }, signal ?? new AbortController().signal, async () => {
      this.started.push(name);
      await new Promise<void>((resolve) => this.#end.set(name, resolve));
    });
  }

  async end(name: string): Promise<void> {
    this.#end.get(name)?.();
    await settle();
  }
}

test('no more than the limit run at once, in the order in which they came', async () => {
  const gate = new ProofGate(2);
  const work = new Work(gate);
  const all = ['a', 'b', 'c', 'd'].map((name) => work.add(name, true));
  await settle();
  assert.deepEqual([work.started, gate.running], [['a', 'b'], 2]);
  await work.end('b');
  assert.deepEqual([work.started, gate.running], [['a', 'b', 'c'], 2]);
  for (const name of ['a', 'c', 'd']) await work.end(name);
  await Promise.all(all);
  assert.equal(gate.running, 0);
});

test('repetitions never take every slot, and what is new goes first', async () => {
  const gate = new ProofGate(4);
  const work = new Work(gate);
  for (const name of ['r1', 'r2', 'r3', 'r4']) void work.add(name, false);
  await settle();
  assert.deepEqual(work.started, ['r1', 'r2'], 'two of four slots are kept');
  for (const name of ['n1', 'n2', 'n3']) void work.add(name, true);
  await settle();
  assert.deepEqual(work.started.slice(2), ['n1', 'n2']);
  await work.end('r1');
  assert.equal(work.started.at(-1), 'n3', 'before the repetitions that came earlier');
  await work.end('n1');
  assert.equal(work.started.at(-1), 'r3');
  assert.equal(gate.running, 4);
});

test('new ones of a server that does not answer leave slots for those of other servers', async () => {
  const gate = new ProofGate(4);
  const work = new Work(gate);
  for (const name of ['h1', 'h2', 'h3', 'h4', 'h5']) void work.add(name, true, undefined, 'hung');
  await settle();
  assert.deepEqual(work.started, ['h1', 'h2', 'h3'], 'one slot is kept for another server');
  void work.add('r', false, undefined, 'other');
  void work.add('n', true, undefined, 'other');
  await settle();
  assert.equal(work.started.at(-1), 'n');
  await work.end('n');
  assert.equal(work.started.at(-1), 'n', 'the slot stays free for what is new');
  await work.end('h2');
  assert.equal(work.started.at(-1), 'h4', 'what is new goes before a repetition');
  await work.end('h1');
  assert.equal(work.started.at(-1), 'h5');
  for (const name of ['h3', 'h4', 'h5']) await work.end(name);
  assert.equal(work.started.at(-1), 'r');
  await work.end('r');
  assert.equal(gate.running, 0);
});

test('whoever gives up while waiting leaves the queue, and takes no slot', async () => {
  const gate = new ProofGate(1);
  const work = new Work(gate);
  const stop = new AbortController();
  void work.add('a', true);
  const given = work.add('b', true, stop.signal);
  const next = work.add('c', true);
  const reason = new Error('superseded');
  stop.abort(reason);
  await assert.rejects(given, reason);
  await work.end('a');
  assert.deepEqual(work.started, ['a', 'c']);
  await work.end('c');
  await next;
  await assert.rejects(work.add('d', true, stop.signal), reason);
  assert.equal(gate.running, 0);
});

test('work that fails frees its slot', async () => {
  const gate = new ProofGate(1);
  const { signal } = new AbortController();
  const failing = gate.run({ urgent: false, server: 'a' }, signal, () => Promise.reject(new Error('no')));
  await assert.rejects(failing, /no/);
  assert.equal(await gate.run({ urgent: false, server: 'a' }, signal, () => Promise.resolve(7)), 7);
  assert.throws(() => new ProofGate(0), RangeError);
});
