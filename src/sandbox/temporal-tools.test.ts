import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporalServerSource } from './temporal-server-source.ts';
import { ensureTemporalCli, ensureTemporalServer } from './temporal-tools.ts';
import { environmentWithGo, goScript, temporaryDirectory } from './testing/fake-go.ts';

/** `go build … -o FILE .`, counting how often it is called. */
const BUILD = `echo built >> "$HOME/builds"; while [ "$1" != -o ]; do shift; done; echo compiling >&2; printf '#!/bin/sh\\n' > "$2"; chmod +x "$2"`;

test('the server is built once, under a name of its sources and the platform', async (t) => {
  const env = await environmentWithGo(t, goScript('1.99.0', BUILD));
  const lines: string[] = [];
  const options = { env, onProgress: (line: string) => lines.push(line) };
  const [one, two] = await Promise.all([ensureTemporalServer(options), ensureTemporalServer(options)]);
  assert.equal(one, two);
  assert.equal(await ensureTemporalServer(options), one);
  assert.match(basename(one), /^temporal-server-v\d+\.\d+\.\d+-[0-9a-f]{12}-\w+-\w+$/);
  assert.equal(dirname(one), join(env['ROTEY_CACHE_DIR'] ?? '', 'bin'));
  assert.equal(await readFile(join(env['HOME'] ?? '', 'builds'), 'utf8'), 'built\n');
  assert.deepEqual(await readdir(dirname(one)), [basename(one)], 'nothing else stays behind');
  // Which of the two callers speaks first is open; exactly one builds and exactly one waits.
  assert.equal(lines.filter((line) => line.startsWith('building the Temporal server (once per machine')).length, 1);
  assert.equal(lines.filter((line) => line.startsWith('waiting for process')).length, 1);
});

test('a failed build leaves nothing, and can be tried again', async (t) => {
  const env = await environmentWithGo(t, goScript('1.99.0', 'echo no network >&2; exit 1'));
  const failed = { code: 'ROTEY_TOOLCHAIN_BUILD_FAILED', message: /no network/ };
  await assert.rejects(ensureTemporalServer({ env }), failed);
  assert.deepEqual(await readdir(join(env['ROTEY_CACHE_DIR'] ?? '', 'bin')), []);
  await assert.rejects(ensureTemporalServer({ env }), failed);
});

test('an abort during the build leaves nothing', async (t) => {
  const env = await environmentWithGo(t, goScript('1.99.0', 'sleep 60'));
  const abort = new AbortController();
  await assert.rejects(ensureTemporalServer({ env, signal: abort.signal, onProgress: () => abort.abort() }), {
    name: 'AbortError',
  });
  assert.deepEqual(await readdir(join(env['ROTEY_CACHE_DIR'] ?? '', 'bin')), []);
});

test('existing binaries are taken as named, and have to be executable', async (t) => {
  const directory = await temporaryDirectory(t);
  const [good, bad] = [join(directory, 'good'), join(directory, 'bad')];
  await writeFile(good, '', { mode: 0o755 });
  await writeFile(bad, '', { mode: 0o644 });
  const env = await environmentWithGo(t);
  assert.equal(await ensureTemporalServer({ env: { ...env, ROTEY_TEMPORAL_SERVER: good } }), good);
  assert.equal(await ensureTemporalCli({ env: { ...env, ROTEY_TEMPORAL_CLI: good } }), good);
  for (const path of [bad, join(directory, 'absent')]) {
    const refused = { code: 'ROTEY_TOOLCHAIN_MISSING', context: { variable: 'ROTEY_TEMPORAL_SERVER', path } };
    await assert.rejects(ensureTemporalServer({ env: { ...env, ROTEY_TEMPORAL_SERVER: path } }), refused);
  }
  await assert.rejects(ensureTemporalServer({ env }), { code: 'ROTEY_TOOLCHAIN_MISSING' });
});

test('a temporal CLI on the PATH is good enough', async (t) => {
  const env = await environmentWithGo(t, 'exit 1');
  const folder = env['HOME'] ?? '';
  const path = join(folder, 'temporal');
  await writeFile(path, '', { mode: 0o755 });
  assert.equal(await ensureTemporalCli({ env }), path);
});

test('the source says its versions, and a missing one says where it was looked for', async (t) => {
  const source = await temporalServerSource();
  assert.match(source.serverVersion, /^v1\.\d+\.\d+$/);
  assert.match(source.goVersion, /^1\.\d+\.\d+$/);
  const directory = await temporaryDirectory(t);
  await assert.rejects(temporalServerSource(directory), {
    code: 'ROTEY_TOOLCHAIN_MISSING',
    context: { folder: directory },
  });
});
