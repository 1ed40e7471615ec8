import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { cannotHang, mountHanging } from '../../test/support/hanging-mount.ts';
import { settle } from '../../test/support/manual-clock.ts';
import { Scraped } from '../../test/support/scrape.ts';
import { prometheusMetrics } from '../observe/index.ts';
import { createTestPki, startFrontend, type TestPki } from '../probe/testing/servers.ts';
import { Observation } from '../rotation/index.ts';
import { NO_SECRETS, publishPair } from './testing/watched-pair.ts';
import type { Watch } from './watch.ts';
import { Watches } from './watches.ts';

let pki: TestPki;

before(async () => {
  pki = await createTestPki();
});

async function proven(watch: Watch | undefined): Promise<void> {
  if (watch === undefined) throw new Error('there is no such watch');
  if (watch.rotation.current === undefined)
    await new Promise<void>((resolve) => watch.rotation.events.once('rotated', () => resolve()));
}

test('another set of specs begins, ends and changes what differs, and leaves the rest untouched', async (t) => {
  const { address, calls } = await startFrontend(t, pki);
  const [a, b, c] = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => (await publishPair(t, pki, { address, name })).spec),
  );
  assert.ok(a && b && c);
  const metrics = await prometheusMetrics();
  const observation = new Observation({ consumer: 'watch', metrics });
  const begun: string[] = [];
  const onWatch = ({ spec }: Watch): void => void begun.push(spec.name);
  const watches = new Watches({ observation, readSecret: NO_SECRETS, onWatch });
  const find = (name: string): Watch | undefined => watches.all.find(({ spec }) => spec.name === name);

  assert.deepEqual(await watches.apply([a, b]), { added: ['a', 'b'], removed: [], changed: [], unchanged: 0 });
  const untouched = find('a');
  await Promise.all(watches.all.map(proven));
  const changes = await watches.apply([{ ...a }, { ...b, target: { ...b.target, namespaces: ['other'] } }, c]);
  assert.deepEqual(changes, { added: ['c'], removed: [], changed: ['b'], unchanged: 1 });
  assert.equal(find('a'), untouched);
  await Promise.all(watches.all.map(proven));
  assert.equal(calls.filter(({ path }) => path.endsWith('GetSystemInfo')).length, 4, 'a was not proven a second time');
  assert.equal(observation.status().ready, true);

  assert.deepEqual((await watches.apply([c])).removed, ['a', 'b']);
  const names = new Scraped(await metrics.registry.metrics()).labelsOf('rotey_rotation_state').map(({ name }) => name);
  assert.deepEqual([...new Set(names)], ['c']);
  assert.deepEqual(begun.sort(), ['a', 'b', 'b', 'c']);
  await watches.close();
  assert.deepEqual([watches.all, observation.status().sources], [[], []]);
});

test('what is applied while something else is being applied comes after it', async (t) => {
  const { address } = await startFrontend(t, pki);
  const { spec } = await publishPair(t, pki, { address, name: 'a' });
  const watches = new Watches({ observation: new Observation({ consumer: 'watch' }), readSecret: NO_SECRETS });
  const [first, second] = await Promise.all([watches.apply([spec]), watches.apply([])]);
  assert.deepEqual([first.added, second.removed, watches.all], [['a'], ['a'], []]);
  await watches.close();
});

test('what is being started when everything ends, ends as well', async (t) => {
  const { address, calls } = await startFrontend(t, pki);
  const { spec } = await publishPair(t, pki, { address, name: 'a' });
  const observation = new Observation({ consumer: 'watch' });
  const watches = new Watches({ observation, readSecret: NO_SECRETS });
  const applied = watches.apply([spec]);
  await settle();
  await watches.close();
  await applied;
  assert.deepEqual([watches.all, observation.status().rotations], [[], []]);
  assert.ok(calls.length <= 2);
});

test('a mount that hangs holds up neither the other watches nor the end', { skip: cannotHang() }, async (t) => {
  const { address } = await startFrontend(t, pki);
  const { spec } = await publishPair(t, pki, { address, name: 'good' });
  const mount = await mountHanging(t);
  const hanging = { ...spec, name: 'hanging', certPath: `${mount.directory}/tls.crt` };
  const observation = new Observation({ consumer: 'watch' });
  let begun: (watch: Watch) => void;
  const first = new Promise<Watch>((resolve) => {
    begun = resolve;
  });
  const watches = new Watches({ observation, readSecret: NO_SECRETS, onWatch: (watch) => begun(watch) });
  const applied = watches.apply([hanging, spec]);
  const good = await first;
  assert.equal(good.spec.name, 'good');
  await proven(good);
  await watches.close();
  assert.deepEqual(observation.status().rotations, []);
  await mount.release();
  await applied;
  assert.deepEqual(watches.all, [], 'what was being started has ended itself');
});
