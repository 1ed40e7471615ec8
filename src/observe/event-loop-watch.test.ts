import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from '../../test/support/event-log.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { EventLoopWatch } from './event-loop-watch.ts';
import { prometheusMetrics } from './prometheus-metrics.ts';
import { reportProcess } from './report-process.ts';
import { VERSION } from './version.ts';

/** A clock whose timers are late: time passes, and nothing runs. */
class LateClock extends ManualClock {
  #lateMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.#lateMs;
  }

  block(ms: number): void {
    this.#lateMs += ms;
  }
}

test('a block of a second is told once, with its length; the longest delay is remembered for a minute', async () => {
  const clock = new LateClock();
  const watch = new EventLoopWatch(clock);
  const log = new EventLog(watch.events, ['blocked']);
  await clock.advance(10_000);
  assert.deepEqual([watch.lagMs, log.names], [0, []]);

  clock.block(900);
  await clock.advance(500);
  assert.deepEqual([watch.lagMs, log.names], [900, []]);

  clock.block(3000);
  assert.equal(watch.lagMs, 2500, 'shows while it lasts: the next timer was due half a second on');
  await clock.advance(500);
  assert.deepEqual(log.of('blocked'), [{ forMs: 3000 }]);
  await clock.advance(50_000);
  assert.deepEqual([watch.lagMs, log.names.length], [3000, 1]);
  await clock.advance(11_000);
  assert.equal(watch.lagMs, 0);
  watch.close();
  assert.equal(clock.sleeping, 0);
});

test('a real block is measured with the real clock', async () => {
  const watch = new EventLoopWatch();
  const log = new EventLog(watch.events, ['blocked']);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  await log.until('blocked', () => log.names.length > 0);
  const [event] = log.of<{ forMs: number }>('blocked');
  assert.ok((event?.forMs ?? 0) >= 1000 && watch.lagMs >= 1000);
  watch.close();
});

test('what there is once in a process is reported once, however many report it', async () => {
  const clock = new LateClock();
  const metrics = await prometheusMetrics();
  const [one, other] = [reportProcess(metrics, 'worker', clock), reportProcess(metrics, 'worker', clock)];
  clock.block(1500);
  await clock.advance(500);
  const lines = async (): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((line) => /^rotey/.test(line));
  assert.deepEqual((await lines()).sort(), [
    `rotey_build_info{consumer="worker",version="${VERSION}",node_version="${process.versions.node}"} 1`,
    'rotey_event_loop_blocks_total{consumer="worker"} 1',
    'rotey_event_loop_lag_seconds{consumer="worker"} 1.5',
  ]);
  one.close();
  one.close();
  assert.equal((await lines()).length, 3);
  other.close();
  assert.deepEqual(await lines(), ['rotey_event_loop_blocks_total{consumer="worker"} 1']);
  assert.equal(clock.sleeping, 0);
});
