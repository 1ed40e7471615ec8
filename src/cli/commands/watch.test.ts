import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { makeSilentPipe } from '../../../test/support/silent-pipe.ts';
import { temporaryDirectory } from '../../../test/support/watched-source.ts';
import { callControl, type StatusDocument } from '../../observe/index.ts';
import { issueLeaf } from '../../pki/index.ts';
import { createTestPki, startFrontend, type TestPki } from '../../probe/testing/servers.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodeOf } from '../exit-code.ts';
import { runProgram } from '../program.ts';
import { openLog } from './watch-log.ts';

let pki: TestPki;

before(async () => {
  pki = await createTestPki();
});

/** `rotey watch` as it runs: what it said so far, a way to wait for more, SIGHUP and the end. */
class RunningWatch {
  readonly out: string[] = [];
  readonly notes: string[] = [];
  readonly #interrupt = new AbortController();
  readonly #looks = new Set<() => void>();
  readonly #ended: Promise<void>;
  exitCode = 0;
  hangUp: () => void = () => assert.fail('nobody listens to SIGHUP');

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const context: CommandContext = {
      env,
      signal: this.#interrupt.signal,
      print: (line) => this.out.push(line),
      note: (line) => {
        this.notes.push(line);
        for (const look of [...this.#looks]) look();
      },
      paint: (_colour, text) => text,
      onHangup: (listener) => {
        this.hangUp = listener;
        return () => {
          this.hangUp = () => assert.fail('nobody listens to SIGHUP any more');
        };
      },
      setExitCode: (code) => {
        this.exitCode = code;
      },
    };
    this.#ended = runProgram(['watch', ...args], '1.2.3', context);
    this.#ended.catch(() => undefined);
  }

  get lines(): readonly Record<string, unknown>[] {
    return this.notes.map((line) => JSON.parse(line));
  }

  async until(what: RegExp): Promise<Record<string, unknown>> {
    const find = (): string | undefined => this.notes.find((line) => what.test(line));
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no ${what} in:\n${this.notes.join('\n')}`)), 10_000);
      const look = (): void => {
        if (find() === undefined) return;
        clearTimeout(deadline);
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
      this.#ended.catch((error: unknown) => {
        clearTimeout(deadline);
        reject(error);
      });
    });
    return JSON.parse(find() ?? '{}');
  }

  async end(): Promise<void> {
    this.#interrupt.abort(new Error('Ctrl-C'));
    await this.#ended;
  }

  async ended(): Promise<void> {
    await this.#ended;
  }
}

interface Files {
  readonly folder: string;
  readonly config: string;
  readonly secrets: readonly string[];
}

/** A configuration with one good pair, which another can be added to. */
async function setUp(t: TestContext, more = ''): Promise<Files> {
  const { address } = await startFrontend(t, pki);
  const folder = await temporaryDirectory(t);
  const leaf = await issueLeaf(pki.authority, { commonName: 'worker', usage: 'client' });
  const files = {
    'tls.crt': leaf.chainPem,
    'tls.key': leaf.revealPrivateKey(),
    'ca.crt': pki.trustPem,
    'api-key': 'geheim-api-key',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const config = join(folder, 'watch.yaml');
  const text = `defaults: {address: "${address}", caPath: ca.crt, certPath: tls.crt, keyPath: tls.key, apiKeyFile: api-key}
watches:
  - name: orders
    namespaces: [orders]
${more}`;
  await writeFile(config, text);
  const keyLines = leaf.revealPrivateKey().split('\n').slice(1, -2);
  return { folder, config, secrets: ['PRIVATE KEY', 'geheim', ...keyLines] };
}

async function failure(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const error: unknown = await new RunningWatch(args, env).ended().catch((reason: unknown) => reason);
  assert.ok(error instanceof Error, String(error));
  return error;
}

describe('rotey watch', () => {
  it('logs one line an event, answers on its health address, and ends with 0', async (t) => {
    const { config, secrets } = await setUp(t);
    const watch = new RunningWatch(['--config', config, '--health-listen', '127.0.0.1:0', '--log-level', 'debug']);
    const { healthAddress } = await watch.until(/"Watching; nothing is changed"/);
    const accepted = await watch.until(/"The server accepts the certificate"/);
    assert.deepEqual([accepted['level'], accepted['watch'], accepted['cause']], ['info', 'orders', 'new-pair']);
    const answer = async (path: string): Promise<string> => (await fetch(`http://${healthAddress}${path}`)).text();
    assert.match(await answer('/readyz'), /^ready/);
    const metrics = await answer('/metrics');
    assert.match(metrics, /rotey_rotation_state\{consumer="watch",name="orders",address="[^"]+",state="serving"\} 1/);
    const status = await answer('/status');
    await watch.end();
    assert.equal(watch.exitCode, 0);
    assert.equal(watch.lines.at(-1)?.['message'], 'Stopped: Ctrl-C');
    await assert.rejects(answer('/healthz'), 'nothing listens any more');
    for (const secret of secrets) {
      assert.ok(![...watch.notes, metrics, status].some((text) => text.includes(secret)), `${secret} is shown`);
    }
  });

  it('reads its settings again at SIGHUP and on command, and refuses those that are wrong', async (t) => {
    const { config, folder } = await setUp(t);
    const socket = join(folder, 'control.sock');
    const watch = new RunningWatch(['--config', config, '--no-health', '--control-socket', socket]);
    await watch.until(/The server accepts/);
    const good = await readFile(config, 'utf8');
    await writeFile(config, `${good}  - name: payments\n`);
    watch.hangUp();
    const { added, unchanged } = await watch.until(/The settings were read again/);
    assert.deepEqual([added, unchanged], [['payments'], 1]);
    await watch.until(/"payments".*The server accepts/);

    await writeFile(config, `${good}  - nam: x\n`);
    watch.hangUp();
    const refused = await watch.until(/The settings cannot be used/);
    assert.equal(refused['code'], 'ROTEY_CONFIG_INVALID');
    assert.match(String(refused['message']), /watch\.yaml:5:5 watches\[1\]\.name: it is missing/);
    await assert.rejects(callControl(socket, 'reload'), { message: /watches\[1\]\.name/ });
    const names = async (): Promise<readonly string[]> =>
      ((await callControl(socket, 'status')) as StatusDocument).rotations.map(({ name }) => name);
    assert.deepEqual([...(await names())].sort(), ['orders', 'payments'], 'what was watched is watched');

    await writeFile(config, good);
    const result = await callControl(socket, 'reload');
    assert.deepEqual(result, { added: [], removed: ['payments'], changed: [], unchanged: 1 });
    assert.deepEqual(await names(), ['orders']);
    await watch.end();
  });

  it('waits for files and a server, and says so once', async (t) => {
    const { config } = await setUp(
      t,
      '  - {name: gone, certPath: gone.crt}\n  - {name: down, address: "127.0.0.1:1"}\n',
    );
    const watch = new RunningWatch(['--config', config, '--no-health']);
    await watch.until(/"gone".*There is no usable pair yet/);
    const down = await watch.until(/"down".*could not be proven/);
    assert.deepEqual([down['level'], down['verdict'], down['step']], ['warn', 'unobtainable', 'tcp']);
    await watch.until(/"gone".*The files cannot be used/);
    assert.equal(watch.notes.filter((line) => /"down".*could not be proven/.test(line)).length, 1);
    for (const line of watch.notes) assert.equal(line.split('"message":').length, 2, `one message: ${line}`);
    const { watches } = await watch.until(/All files have been looked at/);
    assert.equal(watches, 3);
    await watch.end();
    assert.equal(watch.exitCode, 0);
  });

  it('watches one connection by flags and environment, under the name of its Namespace', async (t) => {
    const { folder } = await setUp(t);
    const { address } = await startFrontend(t, pki);
    const at = (name: string): string => join(folder, name);
    const pair = ['--tls-cert-path', at('tls.crt'), '--tls-key-path', at('tls.key'), '--tls-ca-path', at('ca.crt')];
    const env = {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'payments',
      TEMPORAL_API_KEY: 'geheim',
      TEMPORAL_TLS: 'false',
    };
    const watch = new RunningWatch([...pair, '--no-health', '--prove-every', '0'], env);
    await watch.until(/"payments".*The server accepts/);
    await watch.end();
    assert.doesNotMatch(watch.notes.join('\n'), /geheim/);
    const warned = watch.lines.find(({ level }) => level === 'warn');
    assert.match(String(warned?.['message']), /^TEMPORAL_TLS asks for a connection without TLS/, 'in the log as well');
  });

  it('is interrupted while its settings do not answer', { timeout: 30_000 }, async (t) => {
    for (const mode of ['--no-health', '--once', '--check-config']) {
      for (const flag of ['--config', '--config-file']) {
        const watch = new RunningWatch([flag, makeSilentPipe(t), mode]);
        await assert.rejects(watch.end(), /Ctrl-C/, `${flag} ${mode}`);
      }
    }
  });

  it('is interrupted while it has not begun', async (t) => {
    const { config } = await setUp(t);
    await assert.rejects(new RunningWatch(['--config', config, '--no-health']).end(), /Ctrl-C/);
  });

  it('takes contradictions and settings that make no sense for wrong usage', async (t) => {
    const { config } = await setUp(t);
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--config', config, '--address', 'a:1'], /give it or their flags/],
      [['--config', config, '--prove-every', '5m'], /give it or their flags/],
      [['--config', config, '--once', '--check-config'], /either --once or --check-config/],
      [['--config', config, '--json'], /--json is for --once/],
      [['--config', '/nowhere.yaml'], /nowhere\.yaml cannot be read/],
      [['--prove-every', '10ms'], /1s or longer, or 0 for never/],
      [['--health-listen', 'x'], /Write host:port/],
      [['--log-level', 'loud'], /Allowed choices are/],
      [[], /no files to watch: no certificate is named/],
      [['--tls-cert-path', '/a', '--address', 'a b'], /--address: The address "a b" cannot be used/],
    ];
    for (const [args, message] of cases) {
      const error = await failure(args);
      assert.match(String(error), message);
      assert.equal(exitCodeOf(error), 2, String(error));
    }
    const inline = await failure([], { TEMPORAL_TLS_CLIENT_CERT_DATA: '-----BEGIN geheim' });
    assert.match(String(inline), /TEMPORAL_TLS_CLIENT_CERT_DATA holds contents and no path/);
  });
});

describe('rotey watch --check-config', () => {
  it('prints what would be watched, and connects to nothing', async (t) => {
    const { config, folder } = await setUp(t, '  - {name: down, address: "127.0.0.1:1", proveEvery: 0}\n');
    const watch = new RunningWatch(['--config', config, '--check-config']);
    await watch.ended();
    const text = watch.out
      .join('\n')
      .replaceAll(folder, '/certs')
      .replace(/127\.0\.0\.1:\d\d+/, '127.0.0.1:7777');
    assert.match(text, /^NAME +ADDRESS +NAMESPACES +CERTIFICATE +PROVEN AGAIN$/m);
    assert.match(text, /^orders +127\.0\.0\.1:7777 +orders +\/certs\/tls\.crt +5m$/m);
    assert.match(text, /^down +127\.0\.0\.1:1 +- +\/certs\/tls\.crt +never$/m);
    assert.deepEqual([watch.notes, watch.exitCode], [[], 0]);
  });
});

describe('what stands in the settings', () => {
  it('makes no line of its own, and does not steer the terminal', async (t) => {
    const evil = '  - {name: "a\\u202eb", namespaces: ["x\\e[2J\\nFORGED accepted"], certPath: "\\e[31m.crt"}\n';
    const { config } = await setUp(t, evil);
    for (const mode of ['--check-config', '--once']) {
      const watch = new RunningWatch(['--config', config, mode]);
      await watch.ended();
      const lines = watch.out.join('\n').split('\n');
      assert.equal(lines.length, 3, `a heading and two lines:\n${lines.join('\n')}`);
      assert.doesNotMatch(lines.join(''), /[\p{Cc}\u202e]/u);
    }
    const notes: string[] = [];
    const log = await openLog({ level: 'info', format: 'text', note: (line) => notes.push(line) });
    log.child({ watch: 'a\u202eb' }).warn({ path: '\x1b[31m' }, 'The server has no Namespace x\x1b[2J\nFORGED.');
    assert.doesNotMatch(notes.join(''), /[\p{Cc}\u202e]/u);
    assert.match(notes.join(''), /no Namespace x/);
  });
});

describe('rotey watch --once', () => {
  it('prints a table, and ends with 0, 3 or 4 by the worst verdict', async (t) => {
    const gone = '  - {name: gone, certPath: gone.crt}\n';
    const down = '  - {name: down, address: "127.0.0.1:1"}\n';
    for (const [more, exitCode] of [
      ['', 0],
      [down, 4],
      [down + gone, 3],
    ] as const) {
      const { config, secrets } = await setUp(t, more);
      const watch = new RunningWatch(['--config', config, '--once']);
      await watch.ended();
      const table = watch.out.join('\n');
      assert.match(table, /^NAME +SERIAL +UNTIL +VERDICT +REASON$/m);
      assert.match(table, /^orders +[0-9A-F]+ +\d{4}-\S+Z \(in 23 h 59 min\) +accepted$/m);
      if (more.includes('down')) assert.match(table, /^down +[0-9A-F]+ +.* unobtainable +ROTEY_CONNECT_REFUSED: /m);
      if (more.includes('gone')) assert.match(table, /^gone +- +- +unusable +ROTEY_FILE_MISSING: /m);
      assert.equal(watch.exitCode, exitCode, table);

      const json = new RunningWatch(['--config', config, '--once', '--json']);
      await json.ended();
      const { schema, results } = JSON.parse(json.out.join('\n'));
      assert.deepEqual([schema, json.exitCode, results[0].verdict, results[0].error], [1, exitCode, 'accepted', null]);
      assert.match(results[0].certificate.notAfter, /^\d{4}-.*Z$/);
      for (const secret of secrets) assert.ok(![table, ...json.out].some((text) => text.includes(secret)));
    }
  });

  it('is interrupted', async (t) => {
    const { config } = await setUp(t);
    const watch = new RunningWatch(['--config', config, '--once']);
    await assert.rejects(watch.end(), /Ctrl-C/);
  });
});

describe('the log', () => {
  it('never shows what is secret, whoever logs it', async () => {
    const lines: string[] = [];
    const log = await openLog({ level: 'info', format: 'json', note: (line) => lines.push(line) });
    const secret = { apiKey: 'geheim', passphrase: 'geheim', privateKeyPem: 'geheim', basicAuth: 'geheim' };
    log.info(secret, 'one');
    log.info({ spec: secret, target: { metadata: { authorization: 'geheim' } } }, 'two');
    log.debug('not at this level');
    assert.equal(lines.length, 2);
    assert.doesNotMatch(lines.join('\n'), /geheim|not at this level/);
    assert.deepEqual(Object.keys(JSON.parse(lines[0] ?? '')).slice(0, 2), ['level', 'time']);
  });

  it('is for people on a terminal', async () => {
    const lines: string[] = [];
    const log = await openLog({ level: 'info', format: 'text', note: (line) => lines.push(line) });
    log.child({ watch: 'orders' }).warn({ serial: '0A', hint: 'Look there.', failures: 1 }, 'It is refused');
    assert.match(lines[0] ?? '', /^\S+Z warn {2}orders: It is refused serial=0A hint="Look there\." failures=1$/);
  });
});
