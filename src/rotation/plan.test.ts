import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Validity } from './expiry.ts';
import { type CandidateView, type CurrentView, type Plan, type PlanInput, plan } from './plan.ts';

/** Ten minutes long: warning at 400 s, critical at 540 s, re-made at 540 s. */
const LEAF: Validity = { notBeforeMs: 0, notAfterMs: 600_000 };
const NOW = 100_000;

const current = (view: Partial<CurrentView> = {}): CurrentView => ({
  leaf: LEAF,
  madeAtMs: 0,
  remakeRetryAtMonotonic: 0,
  remakeWanted: false,
  ...view,
});

const candidate = (view: Partial<CandidateView> = {}): CandidateView => ({
  leaf: LEAF,
  retryAtMonotonic: 0,
  rehearsed: false,
  ...view,
});

const given = (input: Partial<PlanInput>): PlanInput => ({
  mode: 'rotate',
  frozen: false,
  candidate: undefined,
  current: undefined,
  nowMs: NOW,
  nowMonotonic: 0,
  ...input,
});

const ATTEMPT: Plan = { next: 'attempt', what: 'candidate' };
const REMAKE: Plan = { next: 'attempt', what: 'remake' };
const wait = (
  forMs: number | undefined,
  due: 'attempt' | 'look',
  held?: Extract<Plan, { next: 'wait' }>['held'],
): Plan => ({
  next: 'wait',
  forMs,
  due,
  held,
});

const FUTURE: Validity = { notBeforeMs: NOW + 60_000, notAfterMs: NOW + 600_000 };
const PAST: Validity = { notBeforeMs: 0, notAfterMs: NOW };
const ENDED: CurrentView = current({ leaf: PAST });

const CASES: readonly [sentence: string, input: Partial<PlanInput>, expected: Plan][] = [
  ['nothing at all: waits for somebody outside', {}, wait(undefined, 'attempt')],
  ['a first candidate is tried', { candidate: candidate() }, ATTEMPT],
  ['a first candidate is tried when frozen', { candidate: candidate(), frozen: true }, ATTEMPT],
  ['a first candidate is tried in observe mode', { candidate: candidate(), mode: 'observe' }, ATTEMPT],
  ['a first candidate is tried although it is not yet valid', { candidate: candidate({ leaf: FUTURE }) }, ATTEMPT],
  ['a first candidate is tried although it is expired', { candidate: candidate({ leaf: PAST }) }, ATTEMPT],
  [
    'a first candidate waits for its retry',
    { candidate: candidate({ retryAtMonotonic: 7 }) },
    wait(7, 'attempt', 'retry-later'),
  ],
  ['a good current one: the next thing is its warning', { current: current() }, wait(300_000, 'look')],
  ['a newer candidate is tried', { current: current(), candidate: candidate() }, ATTEMPT],
  ['frozen holds it', { current: current(), candidate: candidate(), frozen: true }, wait(300_000, 'look', 'frozen')],
  [
    'not yet valid holds it until it is',
    { current: current(), candidate: candidate({ leaf: FUTURE }) },
    wait(60_000, 'attempt', 'not-yet-valid'),
  ],
  [
    'not yet valid holds it no longer than the current one is good',
    {
      current: current({ leaf: { notBeforeMs: -1e9, notAfterMs: NOW + 10_000 }, madeAtMs: NOW - 1 }),
      candidate: candidate({ leaf: FUTURE }),
    },
    wait(10_000, 'attempt', 'not-yet-valid'),
  ],
  ['expired holds it', { current: current(), candidate: candidate({ leaf: PAST }) }, wait(300_000, 'look', 'expired')],
  [
    'an expired current one: a candidate from the future is tried',
    { current: ENDED, candidate: candidate({ leaf: FUTURE }) },
    ATTEMPT,
  ],
  [
    'an expired current one: an expired candidate is tried',
    { current: ENDED, candidate: candidate({ leaf: PAST }) },
    ATTEMPT,
  ],
  [
    'an expired current one and nothing else: only somebody outside helps',
    { current: ENDED },
    wait(undefined, 'attempt'),
  ],
  [
    'a failed candidate waits for its retry',
    { current: current(), candidate: candidate({ retryAtMonotonic: 500 }) },
    wait(500, 'attempt', 'retry-later'),
  ],
  [
    'an alarm that comes before the retry is a look',
    {
      current: current({ leaf: { notBeforeMs: 0, notAfterMs: 150_060 } }),
      candidate: candidate({ retryAtMonotonic: 500 }),
    },
    wait(40, 'look', 'retry-later'),
  ],
  ['observe proves a candidate', { mode: 'observe', current: current(), candidate: candidate() }, ATTEMPT],
  [
    'observe proves it once',
    { mode: 'observe', current: current(), candidate: candidate({ rehearsed: true }) },
    wait(300_000, 'look', 'rehearsed'),
  ],
  ['shortly before the end the session is re-made', { current: current(), nowMs: 540_000 }, REMAKE],
  ['not a moment earlier', { current: current(), nowMs: 539_999 }, wait(1, 'attempt')],
  ['not when frozen', { current: current(), nowMs: 540_000, frozen: true }, wait(60_000, 'look')],
  ['not in observe mode', { current: current(), nowMs: 540_000, mode: 'observe' }, wait(60_000, 'look')],
  ['not when it is young enough', { current: current({ madeAtMs: 540_000 }), nowMs: 545_000 }, wait(55_000, 'look')],
  [
    'again when it was made by a clock that has been set back since',
    { current: current({ madeAtMs: 550_000 }), nowMs: 545_000 },
    REMAKE,
  ],
  [
    'a failed re-make is repeated',
    { current: current({ remakeRetryAtMonotonic: 500 }), nowMs: 541_000 },
    wait(500, 'attempt'),
  ],
  ['but not after the end', { current: current(), nowMs: 600_000 }, wait(undefined, 'attempt')],
  ['a wanted re-make is made', { current: current({ remakeWanted: true }) }, REMAKE],
  ['a wanted re-make is made with an expired leaf too', { current: current({ ...ENDED, remakeWanted: true }) }, REMAKE],
  [
    'a wanted re-make waits for its retry',
    { current: current({ remakeWanted: true, remakeRetryAtMonotonic: 9 }) },
    wait(9, 'attempt'),
  ],
  [
    'a wanted re-make yields to a candidate',
    { current: current({ remakeWanted: true }), candidate: candidate() },
    ATTEMPT,
  ],
  [
    'a wanted re-make is made while a candidate is held',
    { current: current({ remakeWanted: true }), candidate: candidate({ leaf: FUTURE }) },
    REMAKE,
  ],
  [
    'a wanted re-make is not made when frozen',
    { current: current({ remakeWanted: true }), frozen: true },
    wait(300_000, 'look'),
  ],
];

for (const [sentence, input, expected] of CASES) {
  test(sentence, () => {
    const decided = plan(given(input));
    // With nothing due, `due` says nothing.
    if (decided.next === 'wait' && decided.forMs === undefined)
      return assert.deepEqual({ ...decided, due: 'attempt' }, expected);
    return assert.deepEqual(decided, expected);
  });
}

const times = fc.integer({ min: 0, max: 1000 });
const leaves = fc
  .record({ from: times, length: fc.integer({ min: 1, max: 500 }) })
  .map(({ from, length }): Validity => ({ notBeforeMs: from * 1000, notAfterMs: (from + length) * 1000 }));
const inputs: fc.Arbitrary<PlanInput> = fc.record({
  mode: fc.constantFrom('rotate', 'observe'),
  frozen: fc.boolean(),
  nowMs: times.map((seconds) => seconds * 1000),
  nowMonotonic: times,
  candidate: fc.option(fc.record({ leaf: leaves, retryAtMonotonic: times, rehearsed: fc.boolean() }), {
    nil: undefined,
  }),
  current: fc.option(
    fc.record({
      leaf: leaves,
      madeAtMs: times.map((seconds) => seconds * 1000),
      remakeRetryAtMonotonic: times,
      remakeWanted: fc.boolean(),
    }),
    { nil: undefined },
  ),
});
const RUNS = { numRuns: 2000 };

test('frozen with a current one never attempts anything', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      fc.pre(input.current !== undefined);
      assert.equal(plan({ ...input, frozen: true }).next, 'wait');
    }),
    RUNS,
  );
});

test('waiting is always into the future', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const decided = plan(input);
      if (decided.next === 'wait' && decided.forMs !== undefined) assert.ok(decided.forMs > 0, `${decided.forMs}`);
    }),
    RUNS,
  );
});

test('observe mode never re-makes, and attempts a proven candidate no more', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const decided = plan({ ...input, mode: 'observe' });
      if (decided.next !== 'attempt') return;
      assert.equal(decided.what, 'candidate');
      assert.equal(input.candidate?.rehearsed, false);
    }),
    RUNS,
  );
});

test('a good current one is never given up for one that is not valid', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { nowMs, current: serving, candidate: waiting } = input;
      const decided = plan(input);
      if (decided.next !== 'attempt' || decided.what !== 'candidate') return;
      if (serving === undefined || waiting === undefined || nowMs >= serving.leaf.notAfterMs) return;
      assert.ok(nowMs >= waiting.leaf.notBeforeMs && nowMs < waiting.leaf.notAfterMs);
    }),
    RUNS,
  );
});

test('a candidate is attempted or a reason is given, and a reason is given for a candidate only', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const decided = plan(input);
      if (decided.next === 'wait') assert.equal(decided.held !== undefined, input.candidate !== undefined);
      else assert.ok(decided.what === 'candidate' ? input.candidate : input.current);
    }),
    RUNS,
  );
});

test('after the time that it asked to wait for, what it announced is due', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const decided = plan(input);
      if (decided.next === 'attempt' || decided.forMs === undefined || decided.due === 'look') return;
      const later = { ...input, nowMs: input.nowMs + decided.forMs, nowMonotonic: input.nowMonotonic + decided.forMs };
      const then = plan(later);
      // Another wait is right only for a candidate whose hold ended and whose retry or other hold has not.
      if (then.next === 'wait') assert.notEqual(then.held, undefined);
      if (then.next === 'wait') assert.notEqual(then.held, decided.held);
    }),
    RUNS,
  );
});
