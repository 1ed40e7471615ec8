import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Worker } from '@temporalio/worker';
import { next, type Stage, stage } from './support/stage.ts';

interface Draining {
  readonly worker: Worker;
  /** Lets its Activity end, and waits until it has ended itself. */
  readonly finish: () => Promise<void>;
  /** The result of the Workflow, whose last task another Worker has to take. */
  readonly held: Promise<string>;
}

/** A Worker that was told to shut down and waits for its Activity. */
async function startDraining(t: TestContext, set: Stage): Promise<Draining> {
  let finish = (): void => undefined;
  const hold = new Promise<void>((resolve) => {
    finish = resolve;
  });
  t.after(() => finish());
  let began = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const greet = async (name: string): Promise<string> => {
    began();
    await hold;
    return `Hello ${name}!`;
  };
  const worker = await set.createWorker({ activities: { greet }, shutdownGraceTime: '60s' });
  const drained = worker.run();
  const held = set.greet(set.observer, 'held');
  await begun;
  worker.shutdown();
  return {
    worker,
    held,
    finish: async () => {
      finish();
      await drained;
    },
  };
}

test('a Worker that took over the Task Queue of one that still drains follows every rotation', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const draining = await startDraining(t, set);
  const successor = await set.createWorker();
  const running = successor.run();
  await set.rotate();
  const serial = await set.rotate();
  await set.greet(set.observer, 'between');
  await set.sandbox.calls.waitFor((call) => call.method === 'RespondWorkflowTaskCompleted' && call.serial === serial);
  await draining.finish();
  assert.equal(await draining.held, 'Hello held!');
  await set.rotate();
  successor.shutdown();
  await running;
  await set.connection.close();
});

test('a Worker can be created for the Task Queue of one that drains through a rotation', async (t) => {
  const set = await stage(t);
  if (set === undefined) return;
  const draining = await startDraining(t, set);
  await set.rotate();
  const successor = await set.createWorker();
  const running = successor.run();
  const serial = await set.rotate();
  await set.greet(set.observer, 'between');
  await set.sandbox.calls.waitFor((call) => call.method === 'RespondWorkflowTaskCompleted' && call.serial === serial);
  await draining.finish();
  assert.equal(await draining.held, 'Hello held!');
  successor.shutdown();
  await running;
  await set.connection.close();
});

test('a Worker that drains for longer than its connection may is moved, and ends well', async (t) => {
  const set = await stage(t, { rotation: { drainCapMs: 1000 } });
  if (set === undefined) return;
  const draining = await startDraining(t, set);
  const before = draining.worker.connection;
  const drained = next(set.rotation, 'drained', ({ pair }) => pair.serial === set.firstSerial);
  await set.rotate();
  await drained;
  assert.ok(draining.worker.connection !== before, 'it has another connection');
  await draining.finish();
  const successor = await set.createWorker();
  assert.equal(await successor.runUntil(draining.held), 'Hello held!');
  await set.connection.close();
});
