import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { COLUMNS } from './columns.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT_CODES, exitCodeOf } from './exit-code.ts';
import { runProgram } from './program.ts';

/** Rewritten by `UPDATE_GOLDEN=1`; the difference is what a reviewer looks at. */
const GOLDEN: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['rotey', ['--help']],
  ['rotey-check', ['check', '--help']],
  ['rotey-cert', ['cert', '--help']],
  ['rotey-cert-inspect', ['cert', 'inspect', '--help']],
  ['rotey-sandbox', ['sandbox', '--help']],
  ['rotey-sandbox-cli', ['sandbox', 'cli', '--help']],
  ['rotey-status', ['status', '--help']],
  ['rotey-watch', ['watch', '--help']],
];

for (const [name, args] of GOLDEN) {
  test(`the help of ${args.slice(0, -1).join(' ') || 'rotey'} is as written down`, async () => {
    const path = new URL(`testing/help/${name}.txt`, import.meta.url);
    const { out } = await run(args);
    if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, `${out}\n`);
    assert.equal(`${out}\n`, await readFile(path, 'utf8'));
    assert.deepEqual(
      out.split('\n').filter((line) => line.length > COLUMNS),
      [],
      'too long for a terminal',
    );
  });
}

test('the version is printed', async () => {
  assert.equal((await run(['--version'])).out, '1.2.3');
});

test('without a command the help is printed, and it is a usage error', async () => {
  const { notes, exitCode } = await run([]);
  assert.match(notes, /Usage: rotey/);
  assert.equal(exitCode, EXIT_CODES.usage);
});

test('wrong arguments are usage errors that name what is wrong', async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['sandbx'], /unknown command 'sandbx'/],
    [['--nope'], /unknown option '--nope'/],
    [['check', '--interval', '0s'], /--interval/],
    [['check', '--api-key=geheim'], /unknown option '--api-key=…'/],
    [['check', '--tls-key-path', '/a.key'], /no certificate/],
    [['sandbox', '--port', 'x'], /A port is a number from 1 to 65535/],
    [['sandbox', '--port', '0'], /--port/],
    [['sandbox', '--namespace', ''], /--namespace/],
    [['sandbox', '--connection-age', '1M'], /Not a duration: "1M"/],
    [['sandbox', '--connection-age', '0s'], /--connection-age/],
    [['sandbox', '--persistent'], /--persistent needs --dir/],
    [['sandbox', 'extra'], /extra|too many arguments/],
    [['status', '--health-address', 'a:1', '--socket', 'b'], /either --health-address or --socket/],
    [['status', 'extra'], /too many arguments/],
  ];
  for (const [args, message] of wrong) {
    const error: unknown = await run(args).catch((reason: unknown) => reason);
    assert.match(String(error), message, args.join(' '));
    assert.equal(exitCodeOf(error), EXIT_CODES.usage, args.join(' '));
  }
});

test('settings that make no sense are usage errors as well', async () => {
  const args = ['check', '--profile', 'nope', '--config-file', '/nowhere.toml'];
  const error: unknown = await run(args, new AbortController().signal).catch((reason: unknown) => reason);
  assert.match(String(error), /\/nowhere\.toml/);
  assert.equal(exitCodeOf(error), EXIT_CODES.usage);
});

/** Runs one command line and collects what it says. By default nothing is waited for. */
async function run(
  args: readonly string[],
  signal: AbortSignal = AbortSignal.abort(),
): Promise<{ out: string; notes: string; exitCode: number }> {
  const [out, notes]: [string[], string[]] = [[], []];
  let exitCode = 0;
  const context: CommandContext = {
    env: {},
    signal,
    print: (line) => out.push(line),
    note: (line) => notes.push(line),
    paint: (_colour, text) => text,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  await runProgram(args, '1.2.3', context);
  return { out: out.join('\n'), notes: notes.join('\n'), exitCode };
}
