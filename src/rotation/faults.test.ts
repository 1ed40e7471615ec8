/** Each fault shows in its own series and events, and in nothing else. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import { settle } from '../../test/support/manual-clock.ts';
import { difference, ObservedBench } from '../../test/support/observed-bench.ts';
import { statusValidator } from '../../test/support/status-validator.ts';
import { temporaryDirectory } from '../../test/support/watched-source.ts';
import type { ProblemName } from '../observe/index.ts';

/** A series without the labels that all of them have; any value will do, or this one; undefined: it is gone. */
type Expected = Readonly<Record<string, number | 'any' | undefined>>;

interface Fault {
  readonly name: string;
  readonly inject: (bench: ObservedBench, t: TestContext) => Promise<void>;
  readonly events: readonly string[];
  readonly series: Expected | ((bench: ObservedBench) => Expected);
  readonly problems: readonly ProblemName[];
}

const problem = (code: string): Expected => ({
  [`rotey_source_problem{code="${code}"}`]: 1,
  [`rotey_source_problems_total{code="${code}"}`]: 1,
});

/** What changes when a second pair was read, whatever becomes of it. */
function secondOnDisk(bench: ObservedBench): Expected {
  return { ...replaced('on_disk', bench), rotey_source_last_change_timestamp_seconds: 'any' };
}

/** The first pair had this role, and the second has it. They begin in the same second, or not. */
function replaced(role: string, { one, two }: ObservedBench): Expected {
  const [before, after] = [certificate(role, one), certificate(role, two)];
  const keys = [...Object.keys(before), ...Object.keys(after)].filter((key) => before[key] !== after[key]);
  return Object.fromEntries(keys.map((key) => [key, after[key]]));
}

function certificate(role: string, { pair }: ObservedBench['one']): Expected {
  const { serial, issuer, subject, sha1, notAfterMs, notBeforeMs } = pair.leaf;
  const labels = `role="${role}",serial="${serial}",issuer="${issuer}",subject="${subject}",fingerprint="${sha1}"`;
  return {
    [`rotey_certificate_info{${labels}}`]: 1,
    [`rotey_certificate_not_after_timestamp_seconds{role="${role}"}`]: notAfterMs / 1000,
    [`rotey_certificate_not_before_timestamp_seconds{role="${role}"}`]: notBeforeMs / 1000,
  };
}

/** The second pair was tried and did not come into use. */
function held(reason: 'refused' | 'unobtainable', code: string): (bench: ObservedBench) => Expected {
  return (bench) => ({
    ...secondOnDisk(bench),
    ...certificate('candidate', bench.two),
    [`rotey_candidate_held{reason="${reason}"}`]: 1,
    rotey_candidate_age_seconds: 'any',
    'rotey_rotation_state{state="serving"}': 0,
    'rotey_rotation_state{state="holding"}': 1,
    rotey_rotation_consecutive_failures: 1,
    rotey_rotation_last_attempt_timestamp_seconds: 'any',
    [`rotey_rotation_attempts_total{result="${reason}",cause="new-pair"}`]: 1,
    [`rotey_proof_failures_total{verdict="${reason}",step="other",code="${code}"}`]: 1,
  });
}

/** The second pair came into use in place of the first. */
function rotated(bench: ObservedBench): Expected {
  return {
    ...secondOnDisk(bench),
    ...replaced('in_use', bench),
    ...handedOver('rotated', 'new-pair'),
  };
}

/** A session took the place of another, which has closed. Histograms are looked at by their counts. */
function handedOver(result: 'rotated' | 'renewed', cause: string): Expected {
  return {
    rotey_rotation_generation: 2,
    rotey_rotation_last_attempt_timestamp_seconds: 'any',
    rotey_rotation_last_success_timestamp_seconds: 'any',
    [`rotey_rotation_attempts_total{result="${result}",cause="${cause}"}`]: result === 'rotated' ? 2 : 1,
    rotey_rotation_duration_seconds_count: 2,
    'rotey_drains_total{result="finished"}': 1,
    rotey_drain_duration_seconds_count: 1,
  };
}

const FAULTS: readonly Fault[] = [
  {
    name: 'nothing at all',
    inject: async ({ clock }) => await clock.advance(60_000),
    ...{ events: [], series: {}, problems: [] },
  },
  {
    name: 'a certificate that stays half written',
    async inject(bench) {
      await bench.put(bench.certPath, bench.two.certificatePem.slice(0, 400));
      await bench.untilEvent('sourceProblem');
    },
    ...{ events: ['sourceProblem'], series: problem('ROTEY_PEM_TRUNCATED'), problems: ['source'] },
  },
  {
    name: 'a certificate that is half written for a moment',
    async inject(bench) {
      await bench.put(bench.certPath, bench.two.certificatePem.slice(0, 400));
      await bench.until('it was seen', () => bench.source.status().problem !== undefined);
      await bench.publish(bench.two);
      await bench.untilEvent('candidate');
      bench.consumer.last.accept();
      await settle();
    },
    ...{ events: ['candidate', 'rotated', 'drained'], series: rotated, problems: [] },
  },
  {
    name: 'a key that belongs to another certificate',
    async inject(bench) {
      await bench.put(bench.keyPath, bench.two.privateKeyPem);
      await bench.untilEvent('sourceProblem');
    },
    ...{ events: ['sourceProblem'], series: problem('ROTEY_PAIR_MISMATCH'), problems: ['source'] },
  },
  {
    name: 'files that are gone',
    async inject(bench) {
      await bench.remove();
      await bench.untilEvent('sourceProblem');
    },
    ...{ events: ['sourceProblem'], series: problem('ROTEY_FILE_MISSING'), problems: ['source'] },
  },
  {
    name: 'files that are gone and come back',
    async inject(bench) {
      await bench.remove();
      await bench.untilEvent('sourceProblem');
      await bench.publish(bench.one);
      await bench.untilEvent('sourceRecovered');
    },
    events: ['sourceProblem', 'sourceRecovered'],
    series: { 'rotey_source_problems_total{code="ROTEY_FILE_MISSING"}': 1 },
    problems: [],
  },
  {
    name: 'a certificate that the server refuses',
    async inject(bench) {
      await bench.publish(bench.two);
      await bench.untilEvent('candidate');
      bench.consumer.last.refuse();
      await bench.clock.advance(100);
    },
    events: ['candidate', 'attemptFailed'],
    series: held('refused', 'ROTEY_CERTIFICATE_REFUSED'),
    problems: ['refused'],
  },
  {
    name: 'a server that cannot be reached',
    async inject(bench) {
      await bench.publish(bench.two);
      await bench.untilEvent('candidate');
      bench.consumer.last.lose();
      await bench.clock.advance(100);
    },
    events: ['candidate', 'attemptFailed'],
    series: held('unobtainable', 'ROTEY_CONNECT_REFUSED'),
    problems: ['unobtainable'],
  },
  {
    name: 'a server that does not accept the certificate in use any more',
    async inject({ rotation, consumer, clock }) {
      await clock.advance(1000);
      rotation.remake('proof-due');
      consumer.last.refuse();
      await clock.advance(100);
    },
    events: ['attemptFailed'],
    series: {
      'rotey_in_use_failing{reason="refused"}': 1,
      rotey_rotation_consecutive_failures: 1,
      rotey_rotation_last_attempt_timestamp_seconds: 'any',
      'rotey_rotation_attempts_total{result="refused",cause="proof-due"}': 1,
      'rotey_proof_failures_total{verdict="refused",step="other",code="ROTEY_CERTIFICATE_REFUSED"}': 1,
    },
    problems: ['in-use-refused'],
  },
  {
    name: 'a certificate that ends soon',
    inject: async ({ clock }) => await clock.advance(45 * 60_000),
    events: ['expiring'],
    series: { 'rotey_certificate_expiry_level{level="ok"}': 0, 'rotey_certificate_expiry_level{level="warning"}': 1 },
    problems: ['expiring'],
  },
  {
    name: 'an issuer that is silent until the certificate has ended',
    async inject({ clock, consumer, one }) {
      await clock.advance(one.pair.leaf.notAfterMs - clock.now() - 60_000); // a new session is due 90 s before the end
      consumer.last.accept();
      await clock.advance(120_000);
    },
    events: ['expiring', 'expiring', 'rotated', 'drained', 'expiring'],
    series: {
      'rotey_certificate_expiry_level{level="ok"}': 0,
      'rotey_certificate_expiry_level{level="expired"}': 1,
      ...handedOver('renewed', 'expiry-near'),
    },
    problems: ['expired'],
  },
  {
    name: 'watches that cannot be had',
    async inject(bench, t) {
      stubWatch(t, () => {
        throw Object.assign(new Error('no inotify instances left'), { code: 'EMFILE' });
      });
      await replaceDirectory(bench);
      await bench.source.readNow();
    },
    ...{ events: [], series: deaf(), problems: [] },
  },
  {
    name: 'watches that say nothing: a change is found by looking',
    async inject(bench, t) {
      const quiet = await temporaryDirectory(t);
      const { watch } = fs;
      stubWatch(t, (_directory, options, listener) => watch(quiet, options, listener));
      await replaceDirectory(bench);
      await bench.source.readNow();
      await bench.publish(bench.two);
      const looking = bench.source.readNow();
      await bench.untilEvent('candidate');
      await looking;
      bench.consumer.last.accept();
      await bench.source.readNow();
    },
    events: ['candidate', 'rotated', 'drained'],
    series: (bench) => ({ ...rotated(bench), ...deaf() }),
    problems: [],
  },
  {
    name: 'an event loop that is blocked',
    async inject({ clock }) {
      clock.block(3000);
      await clock.advance(500);
    },
    events: ['blocked'],
    series: {
      rotey_event_loop_blocks_total: 1,
      rotey_event_loop_lag_seconds: 3,
    },
    problems: [],
  },
  {
    name: 'a machine that slept',
    async inject({ clock }) {
      clock.suspend(60_000);
      await clock.advance(10_000);
    },
    ...{ events: ['clockJumped'], series: { rotey_clock_jumps_total: 1 }, problems: [] },
  },
  {
    name: 'the kill switch, with a new certificate on disk',
    async inject(bench) {
      bench.rotation.freeze();
      await bench.publish(bench.two);
      await bench.untilEvent('held');
      await bench.clock.advance(100);
    },
    events: ['candidate', 'held'],
    series: (bench) => ({
      ...secondOnDisk(bench),
      ...certificate('candidate', bench.two),
      rotey_candidate_age_seconds: 'any',
      'rotey_candidate_held{reason="frozen"}': 1,
      rotey_rotation_frozen: 1,
      'rotey_rotation_state{state="serving"}': 0,
      'rotey_rotation_state{state="holding"}': 1,
    }),
    problems: ['held'],
  },
];

for (const { name, inject, events, series, problems } of FAULTS) {
  test(`${name}: shows in ${events.length === 0 ? 'no event' : events.join(', ')}`, async (t) => {
    const bench = await ObservedBench.open(t);
    const validate = await statusValidator();
    await bench.source.readNow();
    const before = await bench.series();
    bench.log.clear();
    await inject(bench, t);
    assert.deepEqual(bench.log.names, events);
    const expected = typeof series === 'function' ? series(bench) : series;
    assert.deepEqual(shown(difference(before, await bench.series()), expected), sorted(expected));
    const status = bench.observation.status();
    validate(JSON.parse(JSON.stringify(status)));
    assert.deepEqual(
      status.problems.map(({ what }) => what),
      problems,
    );
    assert.deepEqual([status.healthy, status.ready], [true, true]);
    assert.deepEqual(bench.consumer.violations, []);
  });
}

test('a loop that is stuck: its heartbeat is old, and the process is not healthy', async (t) => {
  const bench = await ObservedBench.open(t);
  const validate = await statusValidator();
  const beat = async (): Promise<number> =>
    (await bench.scrape()).value('rotey_rotation_heartbeat_age_seconds') ?? Number.NaN;
  await bench.clock.advance(300_000);
  assert.ok((await beat()) <= 10);
  assert.equal(bench.observation.status().healthy, true);
  bench.clock.block(61_000); // no timer fires
  assert.ok((await beat()) >= 61);
  const status = bench.observation.status();
  validate(JSON.parse(JSON.stringify(status)));
  assert.deepEqual([status.healthy, status.problems.map(({ what }) => what)], [false, ['stuck']]);
});

/** Deaf watchers have a source that only polls. */
function deaf(): Expected {
  return { 'rotey_source_noticed_by{by="events"}': 0, 'rotey_source_noticed_by{by="polling"}': 1 };
}

type Watch = (directory: string, options: fs.WatchOptions, listener: fs.WatchListener<string>) => fs.FSWatcher;

function stubWatch(t: TestContext, watch: Watch): void {
  const mocked = t.mock.method(fs, 'watch', watch as typeof fs.watch);
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
}

/** Another directory of the same name with the same files: it has to be watched anew. */
async function replaceDirectory({ certPath }: ObservedBench): Promise<void> {
  const directory = certPath.replace(/\/[^/]+$/, '');
  await fs.promises.cp(directory, `${directory}.new`, { recursive: true });
  await fs.promises.rename(directory, `${directory}.old`);
  await fs.promises.rename(`${directory}.new`, directory);
  await fs.promises.rm(`${directory}.old`, { recursive: true });
}

/** The difference in the words of what is expected: without common labels, histograms by their counts. */
function shown(found: ReadonlyMap<string, number | undefined>, expected: Expected): object {
  const entries = [...found].flatMap(([key, value]) => {
    const short = key
      .replace(/consumer="watch",?|name="orders",?|address="localhost:7233",?/g, '')
      .replace('{}', '')
      .replace(',}', '}');
    if (/_(?:bucket|sum)(?:\{|$)/.test(short)) return [];
    return [[short, expected[short] === 'any' && value !== undefined ? 'any' : value] as const];
  });
  return sorted(Object.fromEntries(entries));
}

function sorted(series: object): object {
  return Object.fromEntries(Object.entries(series).sort(([a], [b]) => (a < b ? -1 : 1)));
}
