import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { METRICS, type MetricDefinition } from './metric-table.ts';
import { VERSION } from './version.ts';

const all = Object.entries<MetricDefinition>(METRICS);

test('names follow the conventions of Prometheus', () => {
  for (const [name, { type, labels }] of all) {
    assert.match(name, /^rotey_[a-z]+(?:_[a-z]+)+$/);
    assert.equal(name.endsWith('_total'), type === 'counter', `${name}: counters, and only they, end in _total`);
    assert.doesNotMatch(name, /_(?:ms|millis|minutes|hours|days|percent|gauge|counter|histogram)(?:_|$)/, name);
    if (name.includes('timestamp')) assert.match(name, /_timestamp_seconds$/);
    assert.equal(new Set(labels).size, labels.length, name);
    for (const label of labels) assert.match(label, /^[a-z]+(?:_[a-z]+)*$/, name);
    for (const reserved of ['le', 'quantile', 'job', 'instance']) assert.ok(!labels.includes(reserved), name);
    assert.equal(labels[0], 'consumer', `${name}: one set of names, told apart by what the process is`);
  }
});

test('every metric says what it is and when it changes, in one sentence', () => {
  for (const [name, { help, changes }] of all) {
    assert.match(help, /^[A-Z1].*[^.]$/, name);
    assert.match(changes, /^[a-z].*[^.]$/, name);
  }
});

test('buckets rise', () => {
  for (const [name, { type, buckets }] of all) {
    assert.equal(buckets !== undefined, type === 'histogram', name);
    assert.deepEqual(
      buckets ?? [],
      [...(buckets ?? [])].sort((a, b) => a - b),
      name,
    );
  }
});

test('the version is the one of package.json', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(VERSION, version);
});
