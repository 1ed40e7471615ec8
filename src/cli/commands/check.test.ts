import assert from 'node:assert/strict';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { CHECK_REPORT_SCHEMA } from '../../check/index.ts';
import { type Stage, setStage, writeFiles } from '../../check/testing/scenario.ts';
import { startFrontend } from '../../probe/testing/servers.ts';
import { COLUMNS } from '../columns.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodeOf } from '../exit-code.ts';
import { runProgram } from '../program.ts';

let stage: Stage;

before(async () => {
  stage = await setStage();
});

interface Outcome {
  readonly out: string;
  readonly notes: string;
  readonly exitCode: number;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onPrint?: (line: string) => void;
}

/** Runs `rotey check` with these arguments. */
async function rotey(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [out, notes]: [string[], string[]] = [[], []];
  let exitCode = 0;
  const context: CommandContext = {
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
    print: (line) => {
      out.push(line);
      options.onPrint?.(line);
    },
    note: (line) => notes.push(line),
    paint: (_colour, text) => text,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  await runProgram(['check', ...args], '1.2.3', context);
  return { out: out.join('\n'), notes: notes.join('\n'), exitCode };
}

/** The flags for a frontend of the test, and a client that it knows. */
async function connected(
  t: TestContext,
): Promise<{ flags: string[]; crt: string; key: string; ca: string; port: number }> {
  const { pki, leaf } = stage;
  const { port, address } = await startFrontend(t, pki);
  const files = await writeFiles(t, { crt: leaf.chainPem, key: leaf.revealPrivateKey(), ca: pki.trustPem });
  const flags = [
    '--address',
    address,
    '--tls-cert-path',
    files.crt,
    '--tls-key-path',
    files.key,
    '--tls-ca-path',
    files.ca,
  ];
  return { flags, ...files, port };
}

describe('rotey check', () => {
  it('prints one line for each step, what it knows of the server, and that all is well', async (t) => {
    const { flags, crt, port } = await connected(t);
    const { out, notes, exitCode } = await rotey(flags);
    assert.equal(exitCode, 0, out);
    assert.equal(notes, '');
    const text = out
      .replaceAll(dirname(crt), '/certs')
      .replaceAll(String(port), 'PORT')
      .replace(/\s+\d+\.\d ms\s+/g, ' # ms ')
      .replace(/serial\s+[0-9A-F]+/, 'serial #')
      .replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
      .replace(/in \d+ h(?:\s+\d+ min)?/, 'in # h');
    // How long a path is, and so where a line breaks, depends on the machine.
    assert.equal(unwrapped(text), unwrapped(EXPECTED));
    for (const line of out.split('\n')) assert.ok(line.length <= COLUMNS || !line.trim().includes(' '), line);
  });

  it('prints the cause, what it may be, what to do, and ends with 3', async (t) => {
    const { flags } = await connected(t);
    const { out, exitCode } = await rotey([...flags, '--tls-server-name', 'elsewhere.example']);
    assert.equal(exitCode, 3);
    assert.match(
      unwrapped(out),
      /✗ TLS [\d.]+ ms The certificate of the server is trusted, and it is for another name\./,
    );
    assert.match(out, /ROTEY_SERVER_NAME_MISMATCH\n {2}The certificate[\s\S]*What to do:\n {2}Set --tls-server-name/);
    assert.doesNotMatch(out, /one of these/);
  });

  it('lets no setting steer the terminal', async (t) => {
    const toml = '[profile.default]\naddress = "127.0.0.1:1"\nnamespace = "\\u001b[31m"\n"\\u001b]0;x" = 1\n';
    const files = await writeFiles(t, { 'temporal.toml': toml });
    const { out, notes } = await rotey(['-v', '--config-file', files['temporal.toml']]);
    assert.doesNotMatch(out + notes, /\p{Cc}(?<!\n)/u);
    assert.match(out, /Namespace \\1b\[31m/);
  });

  it('ends with 4 when the server cannot be reached', async (t) => {
    const { crt, key } = await connected(t);
    const { out, exitCode } = await rotey([
      '--address',
      'no-such.invalid',
      '--tls-cert-path',
      crt,
      '--tls-key-path',
      key,
    ]);
    assert.equal(exitCode, 4);
    assert.match(out, /ROTEY_CHECK_NAME_UNKNOWN/);
  });

  it('says where each setting comes from, and shows all findings, with -v', async (t) => {
    const { crt, key, ca, port } = await connected(t);
    const toml = join(dirname(crt), 'temporal.toml');
    await writeFile(
      toml,
      `[profile.p]\naddress = "127.0.0.1:${port}"\ntypo = 1\n[profile.p.tls]\nserver_ca_cert_path = "${ca}"\n`,
    );
    const env = { TEMPORAL_TLS_CERT: crt, TEMPORAL_API_KEY: 'geheim' };
    const { out, notes, exitCode } = await rotey(
      ['-v', '--config-file', toml, '--profile', 'p', '--tls-key-path', key],
      { env },
    );
    assert.equal(exitCode, 0, out);
    assert.match(out, /address +127\.0\.0\.1:\d+ +\(profile: .*temporal\.toml profile\.p\.address\)/);
    assert.match(out, /certificate +\S+ +\(environment: TEMPORAL_TLS_CERT\)/);
    assert.match(out, /key +\S+ +\(flag: --tls-key-path\)/);
    assert.match(out, /apiKey +\[secret\] +\(environment: TEMPORAL_API_KEY\)/);
    assert.match(out, /ROTEY_FINDING_CHAIN_INCOMPLETE/);
    assert.match(notes, /temporal\.toml:3:1: profile\.p\.typo is not known/);
    assert.doesNotMatch(out + notes, /geheim/);
  });

  it('prints nothing but JSON with --json', async (t) => {
    const { flags } = await connected(t);
    const { out, exitCode } = await rotey([...flags, '--json']);
    const report = JSON.parse(out);
    assert.deepEqual([report.schema, report.result, exitCode], [1, 'good', 0]);
    assert.deepEqual(report.settings[0], { name: 'address', value: flags[1], from: 'flag', origin: '--address' });
    const isValid = new Ajv2020({ strict: true }).compile(CHECK_REPORT_SCHEMA);
    assert.ok(isValid(report), JSON.stringify(isValid.errors));
  });

  it('reports settings that make no sense as wrong usage', async () => {
    const error: unknown = await rotey(['--profile', 'nope'], { env: {} }).catch((reason: unknown) => reason);
    assert.match(String(error), /There is no profile "nope"/);
    assert.equal(exitCodeOf(error), 2);
  });
});

describe('rotey check --watch', () => {
  it('prints the first check and then what changes, and ends with the last exit code', async (t) => {
    const { flags, key } = await connected(t);
    const stop = new AbortController();
    const results: string[] = [];
    const onPrint = async (line: string): Promise<void> => {
      const { result, cause } = JSON.parse(line);
      results.push(cause?.code ?? result);
      if (results.length === 1) await writeFile(key, '');
      if (results.length === 2) await writeFile(key, stage.leaf.revealPrivateKey());
      if (results.length === 3) await writeFile(key, stage.strangersLeaf.revealPrivateKey());
      if (results.length === 4) stop.abort(new Error('Ctrl-C'));
    };
    const args = [...flags, '--watch', '--interval', '10ms', '--json'];
    const { exitCode } = await rotey(args, { signal: stop.signal, onPrint: (line) => void onPrint(line) });
    assert.deepEqual(results, ['good', 'ROTEY_PEM_NO_KEY', 'good', 'ROTEY_PAIR_MISMATCH']);
    assert.equal(exitCode, 3);
  });

  it('is interrupted when it is stopped before there was a result', async (t) => {
    const { flags } = await connected(t);
    const reason = new Error('Ctrl-C');
    await assert.rejects(rotey([...flags, '--watch'], { signal: AbortSignal.abort(reason) }), reason);
  });
});

describe('rotey check --report', () => {
  it('writes a file for its owner only, also over one that everybody could read', async (t) => {
    const { flags, crt } = await connected(t);
    const file = join(dirname(crt), 'report.json');
    await writeFile(file, 'before');
    await chmod(file, 0o644);
    const { notes } = await rotey([...flags, '--report', file], { env: { HTTPS_PROXY: 'http://u:geheim@p' } });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const report = JSON.parse(await readFile(file, 'utf8'));
    assert.equal(report.check.result, 'good');
    assert.equal(report.environment.HTTPS_PROXY, '[set]');
    assert.equal(report.versions.node, process.versions.node);
    assert.match(notes, /no secret/);
  });

  it('says so when it cannot', async (t) => {
    const { flags, crt } = await connected(t);
    const written = rotey([...flags, '--report', join(dirname(crt), 'no', 'such', 'folder')]);
    await assert.rejects(written, { code: 'ROTEY_USAGE', message: /ENOENT/ });
  });

  it('holds no secret, wherever one came from', async (t) => {
    const { pki, leaf } = stage;
    const { crt, key, ca, port } = await connected(t);
    const folder = dirname(crt);
    const [file, apiKeyFile, toml] = ['report.json', 'api-key', 'temporal.toml'].map((name) => join(folder, name));
    assert.ok(file && apiKeyFile && toml);
    const keyLines = leaf.revealPrivateKey().split('\n').slice(1, -2);
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.constantFrom('flag', 'environment', 'profile'), async (secret, from) => {
        await writeFile(apiKeyFile, secret);
        await writeFile(
          toml,
          `[profile.default]\napi_key = "${secret}"\n[profile.default.tls]\nclient_cert_path = "${crt}"\n` +
            `client_key_data = """${leaf.revealPrivateKey()}"""\n`,
        );
        const args = ['--address', `127.0.0.1:${port}`, '--tls-ca-path', ca, '--report', file, '-v'];
        const ways = {
          flag: {
            args: [
              '--api-key-file',
              apiKeyFile,
              '--tls-key-passphrase-file',
              apiKeyFile,
              '--tls-cert-path',
              crt,
              '--tls-key-path',
              key,
            ],
          },
          environment: {
            args: [],
            env: {
              TEMPORAL_API_KEY: secret,
              ROTEY_KEY_PASSPHRASE: secret,
              TEMPORAL_GRPC_META_AUTHORIZATION: secret,
              TEMPORAL_TLS_CLIENT_CERT_DATA: leaf.chainPem,
              TEMPORAL_TLS_CLIENT_KEY_DATA: leaf.revealPrivateKey(),
            },
          },
          profile: { args: ['--config-file', toml] },
        };
        const way: { args: string[]; env?: Record<string, string> } = ways[from];
        const { out, notes, exitCode } = await rotey([...args, ...way.args], { env: way.env ?? {} });
        assert.equal(exitCode, 0, out);
        const text = out + notes + (await readFile(file, 'utf8'));
        assert.ok(!text.includes(secret) && keyLines.every((line) => !text.includes(line)), text);
        assert.ok(!text.includes(pki.server.key));
      }),
      { numRuns: 9 },
    );
  });
});

function unwrapped(text: string): string {
  return text.replace(/\s+/g, ' ');
}

const EXPECTED = `Checking 127.0.0.1:PORT, Namespace default

  ✓ Files # ms /certs/crt, /certs/key, /certs/ca
  ✓ Pair # ms "CN=worker" (serial #), ends TIME, in # h
  ✓ Findings # ms 2 notes
  ✓ TCP # ms 127.0.0.1:PORT
  ✓ TLS # ms TLSv1.3, TLS_AES_256_GCM_SHA384, ALPN h2
  ✓ HTTP/2 # ms the server's SETTINGS have arrived: it accepts the certificate
  ✓ GetSystemInfo # ms OK
  ✓ Namespace # ms default: OK

  Server  "CN=frontend" for DNS:localhost, DNS:frontend, IP Address:127.0.0.1, ends TIME
          trusted here because of "CN=rotey test CA"
          presents a chain of 2
          asks for certificates of "CN=rotey test CA"

Good: the server accepts this certificate for the Namespace default (Temporal 1.32.1).`;
