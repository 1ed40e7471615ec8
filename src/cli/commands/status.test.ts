import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  CERTIFICATE,
  rotationDocument,
  sourceDocument,
  statusDocument,
} from '../../../test/support/status-document.ts';
import { temporaryDirectory } from '../../../test/support/watched-source.ts';
import { findProblems, openEndpoints, type StatusDocument } from '../../observe/index.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT_CODES, exitCodeOf } from '../exit-code.ts';
import { runProgram } from '../program.ts';

/** Runs `rotey status` and says what it printed and what it ended with. */
async function run(args: readonly string[], signal?: AbortSignal): Promise<{ out: string; exitCode: number }> {
  const out: string[] = [];
  let exitCode: number = EXIT_CODES.good;
  const context: CommandContext = {
    env: {},
    signal: signal ?? new AbortController().signal,
    print: (line) => out.push(line),
    note: (line) => assert.fail(line),
    paint: (_colour, text) => text,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  await runProgram(['status', ...args], '1.2.3', context);
  return { out: out.join('\n'), exitCode };
}

/** A process that shows this document; answers with the arguments to ask it in both ways. */
async function show(t: TestContext, document: StatusDocument): Promise<readonly (readonly string[])[]> {
  const socket = join(await temporaryDirectory(t), 'control.sock');
  const endpoints = await openEndpoints({
    health: { listen: '127.0.0.1:0' },
    controlSocket: socket,
    status: () => document,
    commands: {},
  });
  t.after(() => endpoints.close());
  return [
    ['--health-address', endpoints.healthAddress ?? ''],
    ['--socket', socket],
  ];
}

const NEXT = {
  ...CERTIFICATE,
  serial: '0C2D',
  notBefore: '2026-01-01T11:00:00.000Z',
  notAfter: '2026-01-02T11:00:00.000Z',
};
const ERROR = {
  code: 'ROTEY_RPC_DENIED',
  message: 'DescribeNamespace is denied.',
  hint: 'Compare the filters.',
} as const;

/** As a process would: with the problems that its parts have. */
function withProblems(document: Partial<StatusDocument>): StatusDocument {
  const { sources, rotations } = statusDocument(document);
  return statusDocument({ ...document, problems: findProblems(sources, rotations) });
}

const DOCUMENTS: Readonly<Record<string, StatusDocument>> = {
  well: withProblems({}),
  waiting: withProblems({
    rotations: [],
    ready: false,
    sources: [sourceDocument({ onDisk: null, lastChangeAt: null })],
  }),
  refused: withProblems({
    rotations: [
      rotationDocument({
        state: 'holding',
        candidate: {
          certificate: NEXT,
          seenAt: '2026-01-01T11:50:00.000Z',
          failures: 3,
          held: 'refused',
          lastError: ERROR,
        },
        lastError: { ...ERROR, at: '2026-01-01T11:59:50.000Z' },
        consecutiveFailures: 3,
        nextAction: { what: 'attempt', at: '2026-01-01T12:00:04.500Z' },
        draining: [
          {
            generation: 1,
            certificate: CERTIFICATE,
            since: '2026-01-01T11:59:00.000Z',
            deadline: '2026-01-01T12:00:15.000Z',
          },
        ],
      }),
    ],
  }),
  doubted: withProblems({
    rotations: [
      rotationDocument({
        inUseFailure: { verdict: 'refused', ...ERROR, since: '2026-01-01T11:55:00.000Z' },
        lastError: { ...ERROR, at: '2026-01-01T11:59:50.000Z' },
        consecutiveFailures: 3,
      }),
      rotationDocument({
        address: 'other:7233',
        inUseFailure: { verdict: 'unobtainable', ...ERROR, since: '2026-01-01T11:59:00.000Z' },
      }),
    ],
  }),
  troubled: withProblems({
    healthy: false,
    sources: [
      sourceDocument({
        problem: {
          code: 'ROTEY_PAIR_MISMATCH',
          message: 'They do not match.',
          hint: null,
          since: '2026-01-01T11:00:00.000Z',
        },
      }),
    ],
    rotations: [
      rotationDocument({
        ...{ mode: 'observe', frozen: true, heartbeatAgeSeconds: 300 },
        inUse: { generation: 4, certificate: CERTIFICATE, since: '2026-01-01T00:00:01.000Z', expiry: 'expired' },
        candidate: {
          certificate: NEXT,
          seenAt: '2026-01-01T11:50:00.000Z',
          failures: 0,
          held: 'frozen',
          lastError: null,
        },
      }),
    ],
  }),
};

for (const [name, document] of Object.entries(DOCUMENTS)) {
  test(`a process that is ${name}: for people, as written down, and as JSON, from both places`, async (t) => {
    const path = new URL(`../testing/status/${name}.txt`, import.meta.url);
    const exitCode = document.problems.some(({ severity }) => severity === 'error') ? 3 : 0;
    for (const args of await show(t, document)) {
      const people = await run(args);
      if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, `${people.out}\n`);
      assert.equal(`${people.out}\n`, await readFile(path, 'utf8'));
      assert.equal(people.exitCode, exitCode);
      const json = await run([...args, '--json']);
      assert.deepEqual(JSON.parse(json.out), document);
      assert.equal(json.exitCode, exitCode);
    }
  });
}

test('a warning alone is no reason to fail', async (t) => {
  const inUse = {
    generation: 1,
    certificate: CERTIFICATE,
    since: '2026-01-01T00:00:01.000Z',
    expiry: 'warning',
  } as const;
  const document = withProblems({ rotations: [rotationDocument({ inUse })] });
  const [args = []] = await show(t, document);
  const { out, exitCode } = await run(args);
  assert.match(out, /warning {2}orders, localhost:7233: The certificate in use .* a third of its lifetime is left/);
  assert.equal(exitCode, 0);
});

async function failure(args: readonly string[], signal?: AbortSignal): Promise<{ error: Error; exitCode: number }> {
  const error: unknown = await run(args, signal).catch((reason: unknown) => reason);
  assert.ok(error instanceof Error, String(error));
  return { error, exitCode: exitCodeOf(error) };
}

/** An HTTP server that is not rotey, or not one that is understood. */
async function serve(t: TestContext, code: number, body: string): Promise<string> {
  const server = createServer((_request, response) => void response.writeHead(code).end(body)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('where nobody answers, or something else does, the exit code is 4 and the reason is told', async (t) => {
  const gone = await serve(t, 200, '');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--socket', '/nowhere/control.sock'], /No rotey answers at \/nowhere\/control.sock: there is no such socket/],
    [['--health-address', '127.0.0.1:1'], /No rotey answers at 127.0.0.1:1: nothing listens there/],
    [['--health-address', gone], /not JSON/],
    [['--health-address', await serve(t, 404, 'x')], /HTTP status 404/],
    [['--health-address', await serve(t, 200, '[]')], /no status document/],
    [['--health-address', await serve(t, 200, 'null')], /no status document/],
    [['--health-address', await serve(t, 200, '{"schema":2}')], /schema 2, and only 1 is understood/],
    [['--health-address', await serve(t, 200, '{"schema":1,"problems":[]}')], /has no sources/],
  ];
  for (const [args, message] of cases) {
    const { error, exitCode } = await failure(args);
    assert.match(error.message, message);
    assert.equal(exitCode, EXIT_CODES.unreachable);
  }
});

test('an address that is none is told as such; Ctrl-C ends it', async () => {
  const { error, exitCode } = await failure(['--health-address', 'nonsense']);
  assert.match(error.message, /--health-address.*Write host:port/);
  assert.equal(exitCode, EXIT_CODES.usage);
  const reason = new Error('interrupted');
  assert.equal((await failure(['--health-address', '127.0.0.1:1'], AbortSignal.abort(reason))).error, reason);
});
