import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configFilePath } from './config-file-path.ts';
import { readProfile } from './temporal-toml.ts';

const read = (text: string, name = 'default') => readProfile(text, { file: 't.toml', name });

test('a profile is read, and nothing is made of one that is not there', async () => {
  const text = '[profile.a]\naddress = "h:1"\n[profile.a.tls]\ndisabled = true\n[profile.b]\n';
  assert.deepEqual((await read(text, 'a')).profile, { address: 'h:1', tls: { disabled: true } });
  const { profile, names } = await read(text, 'c');
  assert.deepEqual([profile, names], [undefined, ['a', 'b']]);
  assert.equal((await read('[cloud]\n')).profile, undefined);
  assert.equal((await read('[profile.a]\n', '__proto__')).profile, undefined);
});

test('what is wrong is told with its place', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['[profile.default]\naddress = \n', /^t\.toml:2:1[01]: /],
    [
      '# one\n[profile.default]\n  address = 7233\n',
      /^t\.toml:3:3: profile\.default\.address: it must be a text in quotes/,
    ],
    [
      '[profile.default.tls]\nx = """\ndisabled = 1\n"""\ndisabled = 1\n',
      /^t\.toml:5:1: .*tls\.disabled: it must be true or false/,
    ],
    ['[profile]\ndefault.tls = true\n', /^t\.toml:2:1: profile\.default\.tls: it must be a table/],
    ['[profile.default]\ntls = { server_name = 1 }\n', /^t\.toml:2:1: profile\.default\.tls\.server_name: /],
    ['profile = 1\n', /^t\.toml:1:1: profile: it must be a table/],
    ['[profile.default.grpc_meta]\na = 1\n', /^t\.toml:2:1: profile\.default\.grpc_meta\.a: /],
    [
      '[profile.default.tls]\nclient_cert_path = "a"\nclient_cert_data = "b"\n',
      /^t\.toml:3:1: .*client_cert_data: it is given beside client_cert_path/,
    ],
  ];
  for (const [text, message] of wrong) {
    await assert.rejects(read(text), { code: 'ROTEY_CONFIG_INVALID', message }, text);
  }
});

test('an error holds nothing of the text around it', async () => {
  const text = '[profile.default]\napi_key = "geheim" oops\n';
  const error: unknown = await read(text).catch((reason: unknown) => reason);
  assert.ok(error instanceof Error);
  assert.doesNotMatch(JSON.stringify([error.message, error.cause, error.stack]), /geheim/);
});

test('keys that nobody knows are warnings', async () => {
  const text =
    '[profile.default]\nadress = "h"\n[profile."default".tls]\nserver-name = "x"\n[profile.default.codec]\nendpoint = "e"\n';
  const { warnings } = await read(text);
  assert.deepEqual(warnings, [
    't.toml:2:1: profile.default.adress is not known and not used.',
    't.toml:4:1: profile.default.tls.server-name is not known and not used.',
  ]);
});

test('the file is looked for where the SDKs look for it', () => {
  const at = (env: Record<string, string>, platform: NodeJS.Platform) => configFilePath(env, platform)?.file;
  assert.equal(at({ HOME: '/h' }, 'linux'), '/h/.config/temporalio/temporal.toml');
  assert.equal(at({ HOME: '/h', XDG_CONFIG_HOME: '/x' }, 'linux'), '/x/temporalio/temporal.toml');
  assert.equal(at({ HOME: '/h', XDG_CONFIG_HOME: 'x' }, 'linux'), undefined);
  assert.equal(at({ HOME: '/h' }, 'darwin'), '/h/Library/Application Support/temporalio/temporal.toml');
  assert.equal(at({ APPDATA: 'C:\\a' }, 'win32'), 'C:\\a\\temporalio\\temporal.toml');
  assert.equal(at({}, 'linux'), undefined);
  assert.deepEqual(configFilePath({ TEMPORAL_CONFIG_FILE: 'x.toml', HOME: '/h' }, 'linux'), {
    file: 'x.toml',
    named: true,
  });
});
