import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it, type TestContext } from 'node:test';
import { makeSilentPipe } from '../../../test/support/silent-pipe.ts';
import { layOut, layOutVolume, makeMaterial, PASSPHRASE } from '../../inspect/testing/material.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodeOf } from '../exit-code.ts';
import { runProgram } from '../program.ts';

const material = makeMaterial();
const { openssl, root, issuing, leaf, key, lockedKey, otherKey } = material;
after(() => openssl.remove());

interface Outcome {
  readonly out: string;
  readonly exitCode: number;
  readonly error: unknown;
}

async function run(args: readonly string[], overrides: Partial<CommandContext> = {}): Promise<Outcome> {
  const out: string[] = [];
  let exitCode = 0;
  const context: CommandContext = {
    env: {},
    signal: new AbortController().signal,
    print: (line) => out.push(line),
    note: (line) => out.push(line),
    paint: (_colour, text) => text,
    setExitCode: (code) => {
      exitCode = code;
    },
    ...overrides,
  };
  const error: unknown = await runProgram(['cert', 'inspect', ...args], '1.2.3', context).catch(
    (reason: unknown) => reason,
  );
  return { out: out.join('\n'), exitCode: error === undefined ? exitCode : exitCodeOf(error), error };
}

/** With paths that are the same everywhere. This file is a process of its own, and its tests run one after the other. */
async function runIn(directory: string, args: readonly string[]): Promise<Outcome> {
  const before = process.cwd();
  process.chdir(directory);
  try {
    return await run(args);
  } finally {
    process.chdir(before);
  }
}

/** What changes from run to run: numbers and times. */
function steady(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<sha-256>')
    .replaceAll(/\b[0-9a-f]{40}\b/g, '<sha-1>')
    .replaceAll(/\b[0-9A-F]{36,40}\b/g, '<serial>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replaceAll(/\b\d\d d(?: \d+ h)?(?= left)/g, '<days>');
}

/** Rewritten by `UPDATE_GOLDEN=1`; the difference is what a reviewer looks at. */
function assertGolden(name: string, text: string): void {
  const file = new URL(`../testing/output/${name}.txt`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, `${text}\n`);
  assert.equal(`${text}\n`, readFileSync(file, 'utf8'));
}

function volume(t: TestContext): string {
  return layOutVolume(t, { 'tls.crt': leaf + issuing, 'tls.key': key, 'ca.crt': root });
}

describe('rotey cert inspect prints', () => {
  it('blocks for people, in 80 columns', async (t) => {
    const { out, exitCode } = await runIn(volume(t), ['.']);
    assertGolden('cert-inspect-volume', steady(out));
    assert.equal(exitCode, 0);
    assert.deepEqual(
      out.split('\n').filter((line) => line.length > 80),
      [],
    );
  });

  it('findings below what they are about, and what could not be read', async (t) => {
    const args = ['-set_serial', '0x0123456789'];
    const bare = openssl.certificate({ subject: '/CN=bare', key: openssl.key(), args });
    const files = {
      'bare.crt': openssl.read(bare),
      'bare.key': otherKey,
      'locked.key': lockedKey,
      'bad.pem': leaf.slice(0, 99),
    };
    const directory = layOut(t, files);
    const { out, exitCode } = await runIn(directory, ['--cloud-rules', '.', 'nothing']);
    assertGolden('cert-inspect-findings', steady(out));
    assert.equal(exitCode, 3);
  });

  it('a table when it is asked for, the one that ends first on top', async (t) => {
    const directory = volume(t);
    const short = { key: openssl.key(), subject: '/CN=short', args: ['-days', '2'] };
    writeFileSync(path.join(directory, 'short.pem'), openssl.read(openssl.certificate(short)));
    const { out } = await run(['--table', directory, path.join(directory, 'short.pem')]);
    const [head, top, ...rest] = out.split('\n');
    assert.match(head ?? '', /^LEFT +STATE +SUBJECT +WHERE$/);
    assert.match(top ?? '', /^1 d 23 h|^2 d/);
    assert.equal(rest.filter((line) => line.includes('Example')).length, 3);
    assert.ok(out.split('\n').every((line) => line.length <= 80));
  });

  it('a table below the blocks when there are many', async (t) => {
    const file = path.join(layOut(t, { 'x.pem': leaf + issuing + root + root }), 'x.pem');
    assert.doesNotMatch((await run([file])).out, /^LEFT/m);
    const five = path.join(layOut(t, { 'x.pem': leaf + issuing + root + root + root }), 'x.pem');
    assert.match((await run([five])).out, /^LEFT/m);
  });

  it('one document of JSON', async (t) => {
    const { out, exitCode } = await run(['--json', volume(t)]);
    const report = JSON.parse(out);
    assert.deepEqual([report.schema, report.worst, report.inputs.length, exitCode], [1, 'none', 1, 0]);
  });

  it('no control characters of a path', async () => {
    const { out } = await run(['no\u001b[31msuch\nfile']);
    assert.ok(!out.includes('\u001b'));
    assert.match(out, /no\\1b\[31msuch\\0afile/);
  });
});

describe('the exit code', () => {
  const cases: readonly (readonly [string, readonly string[], number])[] = [
    ['0 for what is in order', [], 0],
    ['0 for a warning', ['--role', 'leaf', 'ROOT'], 0],
    ['3 for a warning where that was asked for', ['--role', 'leaf', '--fail-on', 'warning', 'ROOT'], 3],
    ['3 for one that ends too soon', ['--expires-within', '31d'], 3],
    ['0 for one that does not', ['--expires-within', '1d'], 0],
    ['3 for what cannot be read', ['nothing'], 3],
    ['3 for what is something else', ['CSR'], 3],
    ['4 for a server that cannot be reached', ['127.0.0.1:1'], 4],
    ['4 for --server alike', ['--server', '127.0.0.1:1'], 4],
    ['3 when both happen', ['127.0.0.1:1', 'nothing'], 3],
  ];
  for (const [what, args, expected] of cases) {
    it(`is ${what}`, async (t) => {
      const directory = layOut(t, { 'x.pem': leaf + issuing + root + key, ROOT: root, CSR: material.request });
      const at = (text: string): string => (text === 'ROOT' || text === 'CSR' ? path.join(directory, text) : text);
      assert.equal((await run([path.join(directory, 'x.pem'), ...args.map(at)])).exitCode, expected);
    });
  }

  it('is 2 for wrong arguments, which are named', async () => {
    for (const [args, message] of [
      [[], /nothing to inspect/],
      [['x', '--json', '--table'], /exclude each other/],
      [['--server', ''], /--server.*It must not be empty/],
      [['x', '--tls-server-name', ' '], /--tls-server-name.*It must not be empty/],
      [['x', '--role', 'other'], /Allowed choices are leaf, ca-bundle/],
      [['x', '--fail-on', 'info'], /Allowed choices are error, warning/],
      [['x', '--expires-within', '1M'], /Not a duration: "1M"/],
      [['x', '--passphrase', 'secret'], /unknown option '--passphrase'/],
    ] as const) {
      const { error, exitCode } = await run(args);
      assert.match(String(error), message);
      assert.equal(exitCode, 2, args.join(' '));
    }
  });
});

describe('the passphrase', () => {
  it('comes from a file or the environment', async (t) => {
    const directory = layOut(t, { 'tls.crt': leaf, 'tls.key': lockedKey, secret: `${PASSPHRASE}\n` });
    const pair = [path.join(directory, 'tls.crt'), path.join(directory, 'tls.key')];
    const match = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
      const { out } = await run([...pair, '--json', ...args], { env });
      return JSON.parse(out).inputs[0].entries[0].certificates[0].privateKey.match;
    };
    assert.equal(await match([]), 'unknown');
    assert.equal(await match([], { ROTEY_KEY_PASSPHRASE: PASSPHRASE }), 'found');
    assert.equal(await match(['--passphrase-file', path.join(directory, 'secret')]), 'found');
    const { error } = await run([...pair, '--passphrase-file', path.join(directory, 'none')]);
    assert.match(String(error), /none of --passphrase-file cannot be read: it does not exist/);
    assert.equal(exitCodeOf(error), 2);
  });

  it('is waited for until an interrupt, where it is to come from a pipe', async (t) => {
    const pipe = makeSilentPipe(t);
    const stop = new AbortController();
    const running = run(['127.0.0.1:1', '--passphrase-file', pipe], { signal: stop.signal });
    stop.abort(new Error('enough'));
    assert.match(String((await running).error), /enough/);
  });
});

it('stdin is read for -', async () => {
  const { out } = await run(['-', '--table'], { stdin: Readable.from([Buffer.from(leaf)]) });
  assert.match(out, /O=Example, CN=worker {2}stdin/);
});

it('an interrupt ends it', async () => {
  const stop = AbortSignal.abort(new Error('enough'));
  const { error } = await run(['127.0.0.1:1'], { signal: stop });
  assert.match(String(error), /enough/);
});
