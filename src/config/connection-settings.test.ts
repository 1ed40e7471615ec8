import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import type { ConnectionFlags } from './connection-layers.ts';
import { resolveConnection } from './connection-settings.ts';
import { describeSettings } from './setting.ts';

const PROFILE = `
[profile.default]
address = "profile:7233"
namespace = "from-profile"
api_key = "key-of-profile"

[profile.default.grpc_meta]
X_Team = "payments"

[profile.default.tls]
client_cert_path = "/profile.crt"
client_key_data = "key in the profile"
server_name = "profile.example"

[profile.cloud]
address = "orders.a1b2c.tmprl.cloud:7233"
`;

async function folder(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

test('without any setting, the defaults of the temporal CLI hold', async () => {
  const { address, namespace, certificate, profile, warnings } = await resolveConnection({ env: {} });
  assert.deepEqual(address, { value: 'localhost:7233', origin: { kind: 'default', name: 'as the temporal CLI' } });
  assert.deepEqual(namespace.value, 'default');
  assert.deepEqual([certificate, profile, warnings], [undefined, undefined, []]);
});

test('flag, environment, configuration file and profile count in this order', async (t) => {
  const directory = await folder(t, { 'temporal.toml': PROFILE });
  const env = { TEMPORAL_CONFIG_FILE: join(directory, 'temporal.toml') };
  const configuration = {
    address: { value: 'file:7233', origin: { kind: 'config-file', name: 'servers[0].address' } },
  } as const;
  const withEnv = { ...env, TEMPORAL_ADDRESS: 'env:7233' };
  const flags = { address: 'flag:7233' };
  const places: readonly (readonly [Parameters<typeof resolveConnection>[0], string, string])[] = [
    [{ env }, 'profile:7233', `${env.TEMPORAL_CONFIG_FILE} profile.default.address`],
    [{ env, configuration }, 'file:7233', 'servers[0].address'],
    [{ env: withEnv, configuration }, 'env:7233', 'TEMPORAL_ADDRESS'],
    [{ env: withEnv, configuration, flags }, 'flag:7233', '--address'],
  ];
  for (const [options, value, name] of places) {
    const { address, namespace } = await resolveConnection(options);
    assert.deepEqual([address.value, address.origin.name], [value, name]);
    assert.equal(namespace.value, 'from-profile', 'what nobody else says is taken from the profile');
  }
});

test('an empty variable and an empty flag say nothing', async () => {
  const { address } = await resolveConnection({ env: { TEMPORAL_ADDRESS: '' }, flags: { address: '' } });
  assert.equal(address.origin.kind, 'default');
});

test('the names of the guide work beside those of the SDKs', async () => {
  const env = { TEMPORAL_TLS_CERT: '/guide.crt', TEMPORAL_TLS_CLIENT_KEY_PATH: '/sdk.key', TEMPORAL_TLS_KEY: '/x' };
  const { certificate, key } = await resolveConnection({ env });
  assert.deepEqual(certificate, {
    value: { path: '/guide.crt' },
    origin: { kind: 'environment', name: 'TEMPORAL_TLS_CERT' },
  });
  assert.deepEqual(key?.value, { path: '/sdk.key' });
});

test('the Namespace is taken from an endpoint of Temporal Cloud, and not from one of a region', async () => {
  const namespaceAt = async (address: string) => (await resolveConnection({ env: {}, flags: { address } })).namespace;
  assert.equal((await namespaceAt('orders.a1b2c.tmprl.cloud:7233')).value, 'orders.a1b2c');
  assert.equal((await namespaceAt('orders.a1b2c.tmprl.cloud')).origin.name, 'the Namespace of this endpoint');
  assert.equal((await namespaceAt('aws-us-east-1.region.tmprl.cloud:7233')).value, 'default');
});

test('secrets come from files, lose their line end, and are not shown', async (t) => {
  const directory = await folder(t, { key: 'api-secret\r\n', phrase: ' with blanks \n', 'temporal.toml': PROFILE });
  const settings = await resolveConnection({
    env: {
      TEMPORAL_API_KEY: 'other',
      ROTEY_HTTP_PROXY_CREDENTIALS: 'u:proxy-secret',
      TEMPORAL_GRPC_META_X_KEY: 'meta-secret',
    },
    flags: {
      apiKeyFile: join(directory, 'key'),
      tlsCertPath: '/a.crt',
      tlsKeyPassphraseFile: join(directory, 'phrase'),
      configFile: join(directory, 'temporal.toml'),
    },
  });
  assert.equal(settings.apiKey?.value.reveal(), 'api-secret');
  assert.equal(settings.keyPassphrase?.value.reveal(), ' with blanks ');
  assert.deepEqual(settings.metadata?.value, { 'x-key': 'meta-secret' });
  const report = describeSettings(settings);
  const shown = [
    JSON.stringify(report),
    JSON.stringify(settings.apiKey),
    inspect(settings.keyPassphrase, { depth: 9 }),
  ];
  assert.doesNotMatch(shown.join(), /api-secret|with blanks|proxy-secret|meta-secret|key in the profile/);
  assert.deepEqual(
    report.filter(({ name }) => ['apiKey', 'key', 'metadata'].includes(name)),
    [
      {
        name: 'key',
        value: '[inline PEM]',
        from: 'profile',
        origin: `${directory}/temporal.toml profile.default.tls.client_key_data`,
      },
      { name: 'apiKey', value: '[secret]', from: 'flag', origin: '--api-key-file' },
      { name: 'metadata', value: 'x-key', from: 'environment', origin: 'TEMPORAL_GRPC_META_…' },
    ],
  );
});

test('what rotey never does is a warning that names who asked for it', async () => {
  const { warnings } = await resolveConnection({
    env: { TEMPORAL_TLS: 'false', TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: '1' },
  });
  assert.match(warnings.join('\n'), /^TEMPORAL_TLS asks for a connection without TLS.*\nTEMPORAL_TLS_DISABLE_HOST/);
  assert.deepEqual((await resolveConnection({ env: { TEMPORAL_TLS: 'true' } })).warnings, []);
});

test('a profile is chosen by flag, then by variable', async (t) => {
  const directory = await folder(t, { 'temporal.toml': PROFILE });
  const env = { TEMPORAL_CONFIG_FILE: join(directory, 'temporal.toml'), TEMPORAL_PROFILE: 'cloud' };
  const chosen = await resolveConnection({ env });
  assert.deepEqual(chosen.profile, { file: env.TEMPORAL_CONFIG_FILE, name: 'cloud' });
  assert.equal(chosen.namespace.value, 'orders.a1b2c');
  assert.equal((await resolveConnection({ env, flags: { profile: 'default' } })).address.value, 'profile:7233');
});

test('settings that make no sense say which and why', async (t) => {
  const directory = await folder(t, { 'temporal.toml': PROFILE, empty: '\n' });
  const configFile = join(directory, 'temporal.toml');
  const wrong: readonly (readonly [ConnectionFlags, Record<string, string>, RegExp])[] = [
    [{ configFile: '/nowhere.toml' }, {}, /\/nowhere\.toml cannot be read: it does not exist/],
    [{ configFile, profile: 'prod' }, {}, /no profile "prod": .*temporal\.toml does not have it/],
    [{ profile: 'prod' }, {}, /no profile "prod": there is no configuration file/],
    [{ tlsKeyPath: '/a.key' }, {}, /a key \(--tls-key-path\) and no certificate/],
    [{ apiKeyFile: join(directory, 'empty') }, {}, /of --api-key-file is empty/],
    [{ apiKeyFile: '/nowhere' }, {}, /\/nowhere of --api-key-file cannot be read/],
    [{ httpProxy: 'http://u:p@proxy:3128' }, {}, /--http-proxy takes no user name/],
    [
      {},
      { TEMPORAL_TLS_CLIENT_CERT_PATH: '/a', TEMPORAL_TLS_CLIENT_CERT_DATA: 'b' },
      /TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_CERT_DATA are both set/,
    ],
  ];
  for (const [flags, env, message] of wrong) {
    await assert.rejects(resolveConnection({ env, flags }), { code: 'ROTEY_CONFIG_INVALID', message });
  }
});

test('a file that only a variable names may be missing, and that is told', async () => {
  const { warnings } = await resolveConnection({ env: { TEMPORAL_CONFIG_FILE: '/nowhere.toml' } });
  assert.deepEqual(warnings, ['The configuration file /nowhere.toml does not exist (TEMPORAL_CONFIG_FILE).']);
});

test('credentials in an address are refused, and not told', async () => {
  const env = { TEMPORAL_ADDRESS: 'https://user:secret-1234@frontend:7233' };
  await assert.rejects(resolveConnection({ env }), (error: Error) => {
    assert.match(error.message, /^TEMPORAL_ADDRESS takes no user name/);
    assert.doesNotMatch(inspect(error), /1234/);
    return true;
  });
});

test('what no header can carry is refused, and not told', async (t) => {
  const directory = await folder(t, { key: 'key-1234\n\n', prefixed: 'Bearer key-1234\n' });
  const places: readonly (readonly [Parameters<typeof resolveConnection>[0], RegExp])[] = [
    [{ env: {}, flags: { apiKeyFile: join(directory, 'key') } }, /^--api-key-file holds no API key/],
    [{ env: {}, flags: { apiKeyFile: join(directory, 'prefixed') } }, /^--api-key-file holds no API key/],
    [{ env: { TEMPORAL_API_KEY: 'key-1234\n' } }, /^TEMPORAL_API_KEY holds no API key/],
    [{ env: { TEMPORAL_API_KEY: 'clé-1234' } }, /^TEMPORAL_API_KEY holds no API key/],
    [{ env: { TEMPORAL_GRPC_META_X_TEAM: 'team-1234\r\nx: y' } }, /the header "x-team" cannot be sent/],
    [{ env: { 'TEMPORAL_GRPC_META_:PATH': '/1234' } }, /the header ":path" cannot be sent/],
  ];
  for (const [options, message] of places) {
    await assert.rejects(resolveConnection(options), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(inspect(error), /1234/);
      return true;
    });
  }
});

test('a variable says yes or no in any case, and what is neither warns of nothing', async () => {
  const warned = async (env: Readonly<Record<string, string>>): Promise<number> =>
    (await resolveConnection({ env })).warnings.length;
  for (const value of ['false', 'False', '0']) assert.equal(await warned({ TEMPORAL_TLS: value }), 1, value);
  for (const value of ['true', 'True', '1', 'yes']) assert.equal(await warned({ TEMPORAL_TLS: value }), 0, value);
  const name = 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION';
  for (const value of ['true', 'TRUE', '1']) assert.equal(await warned({ [name]: value }), 1, value);
  for (const value of ['false', '0', 'no']) assert.equal(await warned({ [name]: value }), 0, value);
});
