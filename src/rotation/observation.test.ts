import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fakePair } from '../../test/support/fake-pair.ts';
import { issuePair } from '../../test/support/issued-pair.ts';
import { settle } from '../../test/support/manual-clock.ts';
import { Bench } from '../../test/support/rotation-bench.ts';
import { Scraped } from '../../test/support/scrape.ts';
import { statusValidator } from '../../test/support/status-validator.ts';
import { RoteyError } from '../errors.ts';
import { type PrometheusMetrics, prometheusMetrics, reportProcess, VERSION } from '../observe/index.ts';
import { Observation } from './observation.ts';
import { startRotation } from './start-rotation.ts';

const NAME = { name: 'orders', address: 'localhost:7233' };

async function observe(bench: Bench): Promise<{ metrics: PrometheusMetrics; observation: Observation }> {
  const metrics = await prometheusMetrics();
  const { clock } = bench;
  const observation = new Observation({ consumer: 'proxy', metrics, clock });
  observation.addSource('orders', bench.source);
  return { metrics, observation };
}

test('the text of a scrape is as written down', async () => {
  const bench = new Bench();
  const { clock, consumer, source } = bench;
  consumer.retiresAtOnce = true;
  const { metrics, observation } = await observe(bench);
  const report = reportProcess(metrics, 'proxy', clock);
  const { rotation } = bench.adopt({
    pair: fakePair('A', { notBeforeMs: clock.now(), notAfterMs: clock.now() + 86_400_000 }),
  });
  observation.addRotation(NAME, rotation);
  await bench.offer('B');
  await bench.lose();
  await clock.advance(500);
  await bench.accept();
  await bench.offer('C');
  await bench.refuse();
  source.events.emit('problem', new RoteyError('ROTEY_PAIR_MISMATCH', 'They do not match.'));
  await clock.advance(250);
  const text = (await metrics.registry.metrics())
    .replaceAll(`node_version="${process.versions.node}"`, 'node_version="20.0.0"')
    .replaceAll(`version="${VERSION}"`, 'version="1.2.3"');
  const golden = new URL('testing/metrics.txt', import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(golden, text);
  assert.equal(text, await readFile(golden, 'utf8'));
  await rotation.close({ graceMs: 0 });
  report.close();
  bench.assertClean();
});

test('the document is what the schema says, and the truth, from the first attempt to the end', async () => {
  const bench = new Bench();
  const { clock, consumer } = bench;
  const validate = await statusValidator();
  const { observation } = await observe(bench);
  const rotation = await startRotation({ ...bench.options, waitForFirst: true });
  const remove = observation.addRotation(NAME, rotation);
  const [one, two] = [(await issuePair('one')).pair, (await issuePair('two')).pair];
  clock.stepWall(Date.now() - clock.now());
  const look = (): object => {
    const document = observation.status();
    validate(JSON.parse(JSON.stringify(document)));
    const { healthy, ready, problems, sources, rotations } = document;
    const [seen] = rotations;
    return {
      ready,
      problems: problems.map(({ what }) => what),
      state: seen?.state,
      onDisk: sources[0]?.onDisk?.serial,
      inUse: seen?.inUse?.certificate.serial,
      candidate: seen?.candidate && [seen.candidate.certificate.serial, seen.candidate.held],
      draining: seen?.draining.length,
      healthy,
    };
  };
  const nothing = { healthy: true, ready: false, problems: ['no-identity'], onDisk: undefined, inUse: undefined };
  assert.deepEqual(look(), { ...nothing, state: 'starting', candidate: null, draining: 0 });

  await bench.offer(one);
  const first = { ...nothing, onDisk: one.leaf.serial, draining: 0 };
  assert.deepEqual(look(), { ...first, state: 'proving', candidate: [one.leaf.serial, null] });
  await bench.lose();
  assert.deepEqual(look(), {
    ...{ ...first, state: 'starting', candidate: [one.leaf.serial, 'unobtainable'] },
    problems: ['no-identity', 'unobtainable'],
  });

  await clock.advance(500);
  await bench.accept();
  const serving = { ...first, ready: true, problems: [], state: 'serving', inUse: one.leaf.serial, candidate: null };
  assert.deepEqual(look(), serving);

  await bench.offer(two);
  await bench.refuse();
  const refused = {
    ...serving,
    onDisk: two.leaf.serial,
    candidate: [two.leaf.serial, 'refused'],
    problems: ['refused'],
  };
  assert.deepEqual(look(), { ...refused, state: 'holding' });
  await clock.advance(500);
  assert.deepEqual(look(), { ...refused, state: 'proving' }, 'a retry does not make it any better');
  await bench.accept();
  const rotated = { ...serving, onDisk: two.leaf.serial, inUse: two.leaf.serial, draining: 1 };
  assert.deepEqual(look(), rotated);
  for (const { finish } of consumer.retiring.values()) finish();
  await settle();
  assert.deepEqual(look(), { ...rotated, draining: 0 });

  await rotation.close({ graceMs: 0 });
  assert.deepEqual(look(), { ...rotated, ready: false, state: 'closed', inUse: undefined, draining: 0 });
  remove();
  remove();
  assert.deepEqual(observation.status().rotations, []);
  bench.assertClean();
});

test('in observe mode a proof is counted as one, and nothing as a rotation', async () => {
  const bench = new Bench();
  bench.consumer.retiresAtOnce = true;
  const { metrics, observation } = await observe(bench);
  const { rotation } = bench.adopt({ mode: 'observe' });
  observation.addRotation(NAME, rotation);
  await bench.offer('B');
  await bench.accept();
  const scraped = new Scraped(await metrics.registry.metrics());
  const attempts = (result: string): unknown => scraped.value('rotey_rotation_attempts_total', { result });
  assert.deepEqual([attempts('rehearsed'), attempts('rotated')], [1, 0]);
  assert.equal(scraped.value('rotey_candidate_held', { reason: 'rehearsed' }), 1);
  assert.equal(scraped.value('rotey_rotation_observing'), 1);
  assert.equal(scraped.value('rotey_rotation_duration_seconds_count'), undefined);
  assert.deepEqual(observation.status().problems, []);
  await rotation.close({ graceMs: 0 });
});

test('two rotations with the same server are told apart, and a number is free again afterwards', async () => {
  const bench = new Bench();
  const { metrics, observation } = await observe(bench);
  const { rotation } = bench.adopt();
  const remove = [NAME, NAME, NAME, { ...NAME, consumer: 'client' as const }].map((name) =>
    observation.addRotation(name, rotation),
  );
  const addresses = (): readonly string[] => observation.status().rotations.map(({ address }) => address);
  const [one, two, three] = ['localhost:7233', 'localhost:7233 (2)', 'localhost:7233 (3)'];
  assert.deepEqual(addresses(), [one, two, three, one]);
  const scraped = new Scraped(await metrics.registry.metrics());
  assert.deepEqual(
    scraped.labelsOf('rotey_rotation_frozen').map(({ consumer, address }) => [consumer, address]),
    [
      ['proxy', one],
      ['proxy', two],
      ['proxy', three],
      ['client', one],
    ],
  );
  remove[1]?.();
  assert.deepEqual(addresses(), [one, three, one]);
  observation.addRotation(NAME, rotation);
  assert.deepEqual(addresses(), [one, three, one, two]);
  await rotation.close({ graceMs: 0 });
});

test('what is reported no more leaves no listener and no series behind', async () => {
  const bench = new Bench();
  const { metrics, observation } = await observe(bench);
  const { rotation } = bench.adopt();
  const names = ['rotated', 'rehearsed', 'attemptFailed', 'drained', 'clockJumped'] as const;
  const listeners = (): number => names.reduce((sum, name) => sum + rotation.events.listenerCount(name), 0);
  const before = listeners();
  const remove = observation.addRotation(NAME, rotation);
  assert.equal(listeners(), before + names.length);
  remove();
  assert.equal(listeners(), before);
  const left = new Scraped(await metrics.registry.metrics()).all;
  assert.deepEqual(
    [...left.keys()].filter((key) => key.includes('localhost:7233') && !/_total\{/.test(key)),
    [],
  );
  await rotation.close({ graceMs: 0 });
});

test('a source that had a problem before anybody looked shows it, until it has recovered', async () => {
  const bench = new Bench();
  const { source, clock } = bench;
  const error = new RoteyError('ROTEY_FILE_MISSING', 'There is no /certs/tls.crt.', { hint: 'Write it.' });
  let problem: { code: 'ROTEY_FILE_MISSING'; message: string; hint: string; sinceMs: number } | undefined = {
    ...{ code: 'ROTEY_FILE_MISSING', message: error.message, hint: 'Write it.', sinceMs: clock.now() },
  };
  const status = source.status.bind(source);
  source.status = () => ({ ...status(), problem });
  const { observation, metrics } = await observe(bench);
  const shown = async (): Promise<unknown> => {
    const scraped = new Scraped(await metrics.registry.metrics());
    const [found] = observation.status().sources;
    return [found?.problem?.code, scraped.value('rotey_source_problem', { code: 'ROTEY_FILE_MISSING' })];
  };
  assert.deepEqual(await shown(), ['ROTEY_FILE_MISSING', 1]);
  problem = undefined;
  assert.deepEqual(await shown(), [undefined, undefined]);
  problem = { code: 'ROTEY_FILE_MISSING', message: '', hint: '', sinceMs: clock.now() + 1 };
  assert.deepEqual(await shown(), [undefined, undefined], 'not told yet: it may be gone in a moment');
  source.events.emit('problem', error);
  assert.deepEqual(await shown(), ['ROTEY_FILE_MISSING', 1]);
  source.events.emit('recovered');
  assert.deepEqual(await shown(), [undefined, undefined]);
});
