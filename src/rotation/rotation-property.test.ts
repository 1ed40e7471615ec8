import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakePair } from '../../test/support/fake-pair.ts';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import type { DrainedEvent, RotatedEvent } from './events.ts';
import type { Rotation } from './rotation.ts';

type Action =
  | { readonly do: 'offer'; readonly name: string; readonly fromMs: number; readonly lengthMs: number }
  | { readonly do: 'answer'; readonly how: 'accept' | 'refuse' | 'lose' | 'reject' }
  | { readonly do: 'advance' | 'suspend' | 'step'; readonly ms: number }
  | { readonly do: 'deaf'; readonly value: boolean }
  | { readonly do: 'finishDrain' | 'rotateNow' | 'remake' | 'freeze' | 'unfreeze' | 'breakActivate' | 'recover' };

const spans = fc.constantFrom(0, 1, 400, 500, 1000, 9999, 10_000, 45_000, 75_000, 300_000, 3_600_000);
const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('offer' as const),
      name: fc.constantFrom('A', 'B', 'C', 'D', 'E'),
      fromMs: fc.constantFrom(-3_600_000, 0, 60_000),
      lengthMs: fc.constantFrom(1000, 600_000, 86_400_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      how: fc.constantFrom('accept' as const, 'accept' as const, 'refuse' as const, 'lose' as const, 'reject' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: spans }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('suspend' as const, 'step' as const),
      ms: fc.oneof(
        spans,
        spans.map((ms) => -ms),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deaf' as const), value: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'finishDrain' as const,
        'rotateNow' as const,
        'remake' as const,
        'freeze' as const,
        'unfreeze' as const,
        'breakActivate' as const,
        'recover' as const,
      ),
    }),
  },
);

async function perform(action: Action, bench: Bench, rotation: Rotation<string>): Promise<void> {
  const { clock, consumer, source } = bench;
  switch (action.do) {
    case 'offer': {
      const notBeforeMs = Date.UTC(2026, 0, 1) + action.fromMs;
      const notAfterMs = notBeforeMs + action.lengthMs;
      source.set(fakePair(`${action.name}${action.fromMs}+${action.lengthMs}`, { notBeforeMs, notAfterMs }));
      break;
    }
    case 'answer': {
      const open = consumer.opens.at(-1);
      if (action.how === 'accept') open?.accept();
      else if (action.how === 'refuse') open?.refuse();
      else if (action.how === 'lose') open?.lose();
      else open?.reject(new Error('boom'));
      break;
    }
    case 'advance':
      await clock.advance(action.ms);
      break;
    case 'suspend':
      clock.suspend(Math.abs(action.ms));
      break;
    case 'step':
      clock.stepWall(action.ms);
      break;
    case 'deaf':
      consumer.heedsAbort = !action.value;
      break;
    case 'finishDrain':
      [...consumer.retiring.values()][0]?.finish();
      break;
    case 'rotateNow':
      rotation.rotateNow().catch(() => undefined); // closed
      break;
    case 'remake':
      rotation.remake();
      break;
    case 'freeze':
      rotation.freeze();
      break;
    case 'unfreeze':
      rotation.unfreeze();
      break;
    case 'breakActivate':
      consumer.activateThrows = consumer.activateThrows === undefined ? new Error('boom') : undefined;
      break;
    case 'recover':
      source.events.emit('recovered');
      break;
  }
  await settle();
}

/** What must hold at every moment. */
function assertInvariants(bench: Bench, rotation: Rotation<string>): void {
  const { consumer } = bench;
  assert.deepEqual(consumer.violations, []);
  assert.ok(consumer.outstanding <= 1);
  const generations = consumer.activated.slice(1).map((session) => consumer.generationOf.get(session) ?? Number.NaN);
  for (const [index, generation] of generations.entries()) {
    assert.ok(generation > (generations[index - 1] ?? 1), `activated in the order ${generations.join(', ')}`);
  }
  const current = rotation.current?.session;
  for (const session of consumer.opened) {
    assert.equal(consumer.retired.includes(session), session !== current, `${session}, in use is ${current}`);
  }
  const status = rotation.status();
  if (status.state === 'closing' || status.state === 'closed') return;
  assert.equal(current, consumer.current);
  assert.equal(status.attempt !== undefined, consumer.outstanding === 1);
  assert.ok(status.draining.length <= 4);
  assert.deepEqual(
    status.draining.length,
    consumer.retiring.size,
    `${JSON.stringify(status.draining)} / ${[...consumer.retiring.keys()]}`,
  );
  if (status.nextAction !== undefined) assert.ok(status.nextAction.atMs >= bench.clock.now());
  if (status.frozen && status.attempt !== undefined) assert.ok(status.attempt.aborted, 'frozen, and yet an attempt');
}

async function run(script: readonly Action[], options: Parameters<Bench['adopt']>[0]): Promise<void> {
  const bench = new Bench();
  const { consumer, clock } = bench;
  const { rotation, log } = bench.adopt(options);
  for (const action of script) {
    await perform(action, bench, rotation);
    assertInvariants(bench, rotation);
  }
  if (options?.mode === 'observe') assert.deepEqual(consumer.activated, ['A#1']);

  // Whatever went on before: when everything works again, what the source has is what serves.
  consumer.heedsAbort = true;
  consumer.activateThrows = undefined;
  rotation.unfreeze();
  await settle();
  const { current } = bench.source;
  const isUsable =
    current !== undefined && clock.now() >= current.leaf.notBeforeMs && clock.now() < current.leaf.notAfterMs;
  if (isUsable && options?.mode !== 'observe') {
    for (let rounds = 0; rounds < 3 && rotation.status().state !== 'serving'; rounds++) {
      bench.source.events.emit('recovered');
      await settle();
      consumer.opens.at(-1)?.accept();
      await settle();
    }
    assert.equal(rotation.current?.identity.pair.id, current.id);
  }

  consumer.heedsCut = true;
  consumer.opens.at(-1)?.reject(new Error('over'));
  await settle();
  await rotation.close({ graceMs: 0 });
  await settle();
  assertInvariants(bench, rotation);
  assert.deepEqual([...consumer.opened].sort(), [...consumer.retired].sort(), 'every session is retired in the end');
  const rotated = log.of<RotatedEvent>('rotated').map(({ generation }) => generation);
  assert.deepEqual(
    rotated,
    consumer.activated.slice(1).map((session) => consumer.generationOf.get(session)),
  );
  assert.equal(log.of<DrainedEvent>('drained').length, consumer.opened.length);
  const opens = consumer.opens.length;
  await clock.advance(600_000);
  assert.equal(consumer.opens.length, opens, 'nothing is opened after close');
  assert.equal(clock.sleeping, 0, 'timers are left');
}

const scripts = fc.array(actions, { maxLength: 40 });

test('whatever happens, in whatever order: the machine keeps its word', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, (script) => run(script, {})),
    { numRuns: 400 },
  );
});

test('in observe mode too', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, (script) => run(script, { mode: 'observe' })),
    { numRuns: 150 },
  );
});

test('closed in the middle: every session is retired, nothing is opened any more', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, fc.nat(40), fc.constantFrom(0, 30_000), async (script, closeAt, graceMs) => {
      const bench = new Bench();
      const { consumer, clock } = bench;
      const { rotation } = bench.adopt();
      for (const action of script.slice(0, closeAt)) await perform(action, bench, rotation);
      const opens = consumer.opens.length;
      const closing = rotation.close({ graceMs });
      for (const action of script.slice(closeAt)) await perform(action, bench, rotation);
      assert.equal(consumer.opens.length, opens);
      assert.deepEqual(consumer.violations, []);
      await clock.advance(graceMs);
      await closing;
      consumer.opens.at(-1)?.accept();
      await settle();
      assert.deepEqual([...consumer.opened].sort(), [...consumer.retired].sort());
      assert.equal(clock.sleeping, 0, 'timers are left');
    }),
    { numRuns: 250 },
  );
});
