import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { RoteyError } from '../errors.ts';
import { readWatchConfig, type WatchEntry } from './watch-config.ts';
import { watchJsonSchema } from './watch-schema.ts';

async function configFile(t: TestContext, text: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rotey-test-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries({ 'watch.yaml': text, ...files })) {
    await writeFile(join(directory, name), content);
  }
  return join(directory, 'watch.yaml');
}

/** Stands in for the prober's own reading of addresses. */
function checkAddress(address: string): void {
  if (/^[\w.-]+(?::\d+)?$/.test(address)) return;
  throw new RoteyError('ROTEY_ADDRESS_INVALID', `The address ${JSON.stringify(address)} cannot be used.`, {
    hint: 'Write host:port.',
  });
}

async function read(
  t: TestContext,
  text: string,
  files?: Readonly<Record<string, string>>,
): Promise<readonly WatchEntry[]> {
  return await readWatchConfig(await configFile(t, text, files), { checkAddress });
}

const GOOD = `
defaults:
  address: temporal.example.com:7233
  caPath: ca.crt
  keyPath: shared.key
  proveEvery: 1h30m
watches:
  - name: orders
    certPath: orders/tls.crt
    keyPath: orders/tls.key
    namespaces: [orders, payments]
  - name: one file
    certPath: /certs/both.pem
    address: other:7233
    serverName: frontend
    proveEvery: 0
    pollEvery: 5s
    passphraseFile: phrase
    apiKeyFile: api-key
    proxy: http://proxy:3128
    proxyCredentialsFile: credentials
`;

test('defaults are filled in, paths are relative to the file, secrets are not shown', async (t) => {
  const file = await configFile(t, GOOD, { phrase: 'geheim\n', credentials: 'user:geheim\n' });
  const at = (path: string): string => join(file, '..', path);
  const [orders, one] = await readWatchConfig(file, { checkAddress });
  assert.deepEqual(orders, {
    name: 'orders',
    certPath: at('orders/tls.crt'),
    keyPath: at('orders/tls.key'),
    caPath: at('ca.crt'),
    address: 'temporal.example.com:7233',
    namespaces: ['orders', 'payments'],
    serverName: undefined,
    passphrase: undefined,
    apiKeyFile: undefined,
    proxy: undefined,
    proxyCredentials: undefined,
    proveEveryMs: 5_400_000,
    pollEveryMs: undefined,
  });
  assert.equal(one?.keyPath, '/certs/both.pem', "the key of the defaults is another certificate's");
  assert.deepEqual([one?.proveEveryMs, one?.pollEveryMs, one?.apiKeyFile], [0, 5000, at('api-key')]);
  assert.deepEqual([one?.passphrase?.reveal(), one?.proxyCredentials?.reveal()], ['geheim', 'user:geheim']);
  assert.doesNotMatch(JSON.stringify([orders, one]), /geheim/);
});

const FINE = 'name: a, certPath: a, address: a';
/** One mistake each: the file, and what is said of it behind the name of the file. */
const MISTAKES: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  [
    'an unknown key',
    `watches:\n  - {${FINE}, adress: b}`,
    /^:2:\d+ watches\[0\]\.adress: it is not known; allowed are name, certPath, .*pollEvery\.$/,
  ],
  [
    'an unknown key in defaults',
    `defaults:\n  name: x\nwatches: [{${FINE}}]`,
    /^:2:3 defaults\.name: it is not known; allowed are certPath, /,
  ],
  [
    'an unknown key at the top',
    `watch: 1\nwatches: [{${FINE}}]`,
    /^:1:1 watch: it is not known; allowed are defaults, watches\.$/,
  ],
  [
    'a number for a text',
    'watches:\n  - name: 12\n    certPath: a\n    address: a',
    /^:2:11 watches\[0\]\.name: it must be a text; put it in quotes\.$/,
  ],
  [
    'a text for a list',
    `watches:\n  - {${FINE}, namespaces: orders}`,
    /^:2:\d+ watches\[0\]\.namespaces: it must be a list/,
  ],
  ['a list for a map', 'watches:\n  - [a]', /^:2:5 watches\[0\]: it must be a map/],
  ['nothing in a key', 'watches:\n', /^:1:9 watches: it is missing or empty\.$/],
  ['nothing at all', '', /^:1:1: it is missing or empty\.$/],
  ['no watches', 'watches: []', /^:1:10 watches: it must not be empty\.$/],
  [
    'an empty path',
    "watches: [{name: a, certPath: '', address: a}]",
    /^:1:31 watches\[0\]\.certPath: it must not be empty\.$/,
  ],
  [
    'a missing certificate',
    'watches:\n  - name: a\n    address: a',
    /^:2:5 watches\[0\]: certPath is missing; give it here or in defaults\.$/,
  ],
  ['a missing address', 'watches:\n  - name: a\n    certPath: a', /^:2:5 watches\[0\]: address is missing/],
  ['a missing name', 'watches:\n  - certPath: a', /^:2:5 watches\[0\]\.name: it is missing or empty\.$/],
  [
    'a name with a line end',
    'watches: [{name: "a\\nb", certPath: a, address: a}]',
    /name: it must have 1 to 100 characters/,
  ],
  [
    'the same name twice',
    `watches:\n  - {${FINE}}\n  - {${FINE}}`,
    /^:3:12 watches\[1\]\.name: watches\[0\] has the same name, and each needs its own\.$/,
  ],
  [
    'a duration without a unit',
    `watches: [{${FINE}, proveEvery: 5}]`,
    /proveEvery: it must be a duration such as 90s, 5m or 1h30m, or 0 for never\.$/,
  ],
  [
    'a duration that is none',
    `watches: [{${FINE}, pollEvery: 5 minutes}]`,
    /pollEvery: it must be a duration such as 90s/,
  ],
  ['months', `watches: [{${FINE}, proveEvery: 1M}]`, /proveEvery: it must be a duration/],
  [
    'a duration that is too short',
    `watches: [{${FINE}, proveEvery: 10ms}]`,
    /proveEvery: it must be 1s or longer, or 0 for never\.$/,
  ],
  ['polling without a pause', `watches: [{${FINE}, pollEvery: 0s}]`, /pollEvery: it must be 1s or longer\.$/],
  [
    'a duration that nothing can hold',
    `watches: [{${FINE}, proveEvery: ${'9'.repeat(20)}d}]`,
    /proveEvery: Not a duration/,
  ],
  [
    'an address that is none',
    'watches:\n  - {name: a, certPath: a, address: "a b"}',
    /^:2:\d+ watches\[0\]\.address: The address "a b" cannot be used; Write host:port\.$/,
  ],
  [
    'the same in defaults',
    'defaults: {address: "a b"}\nwatches: [{name: a, certPath: a}, {name: b, certPath: b}]',
    /^:1:21 defaults\.address: The address "a b" cannot be used; Write host:port\.$/,
  ],
  [
    'credentials in the proxy',
    `watches: [{${FINE}, proxy: "u:geheim@p:1"}]`,
    /proxy: it takes no user name and password/,
  ],
  [
    'contents instead of a path',
    'watches: [{name: a, address: a, certPath: "-----BEGIN geheim"}]',
    /certPath: it must be the path of a file, and holds something else\.$/,
  ],
  [
    'a secret whose file is missing',
    `watches:\n  - {${FINE}, passphraseFile: gone}`,
    /^:2:\d+ watches\[0\]\.passphraseFile: The file .*gone of passphraseFile cannot be read: it does not exist\.$/,
  ],
  ['no YAML', 'watches: [geheim', /^:1:\d+: Flow sequence in block collection.*\.$/],
  ['an unknown tag', 'watches: !geheim [a]', /^:1:10: Unresolved tag\.$/],
  ['a tag of YAML 1.1', 'watches: !!binary aGVsbG8=', /^:1:19 watches: it must be a list/],
  ['a key twice', `watches: [{${FINE}}]\nwatches: []`, /^:2:1: Map keys must be unique\.$/],
  ['two documents', `watches: [{${FINE}}]\n---\na: 1`, /^:2:1: Source contains multiple documents/],
  ['tabs', 'watches:\n\t- a', /^:2:1: Tabs are not allowed as indentation\.$/],
  ['an alias to nothing', 'watches: *geheim', /^:1:10: Unresolved alias/],
  ['a key that is a list', '? [a]\n: b', /^:1:3: With stringKeys, all keys must be strings\.$/],
];

for (const [what, text, message] of MISTAKES) {
  test(`${what} is told with its place, and what would be right`, async (t) => {
    const file = await configFile(t, text);
    const error: unknown = await readWatchConfig(file, { checkAddress }).catch((reason: unknown) => reason);
    assert.ok(error instanceof RoteyError, String(error));
    assert.equal(error.code, 'ROTEY_CONFIG_INVALID');
    const [first = '', ...more] = error.message.split('\n');
    assert.ok(first.startsWith(file), first);
    assert.match(first.slice(file.length), message);
    assert.deepEqual(more, [], 'one mistake, one line');
    assert.doesNotMatch(JSON.stringify([error.message, error.hint, error.context]), /geheim/);
  });
}

test('all mistakes are told, up to ten', async (t) => {
  const watch = (index: number): string => `  - {name: n${index}, certPath: a, address: a, pollEvery: x}\n`;
  const text = (count: number): string =>
    `watches:\n${Array.from({ length: count }, (_, index) => watch(index)).join('')}`;
  const lines = async (count: number): Promise<readonly string[]> =>
    String(((await read(t, text(count)).catch((error: unknown) => error)) as Error).message).split('\n');
  assert.equal((await lines(3)).length, 3);
  const many = await lines(12);
  assert.deepEqual([many.length, many.at(-1)], [11, 'and 2 more.']);
});

test('a file that cannot be read is told', async () => {
  const reading = readWatchConfig('/nowhere/watch.yaml', { checkAddress });
  await assert.rejects(reading, {
    code: 'ROTEY_CONFIG_INVALID',
    message: /watch\.yaml cannot be read: it does not exist/,
  });
});

test('aliases that grow without a bound are refused', async (t) => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${['b', 'c', 'd', 'e', 'f']
    .map((name, index) => `${name}: &${name} [${`*${'abcde'[index]}, `.repeat(9)}]`)
    .join('\n')}\nwatches: *f`;
  await assert.rejects(read(t, bomb), { code: 'ROTEY_CONFIG_INVALID', message: /its aliases lead to too much/ });
});

test('the published schema accepts what is accepted, and refuses what is refused', async () => {
  const published = JSON.parse(
    await readFile(new URL('../../docs/reference/watch-config.schema.json', import.meta.url), 'utf8'),
  );
  assert.deepEqual(published, await watchJsonSchema());
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(published);
  assert.ok(validate(parse(GOOD)), JSON.stringify(validate.errors));
  const guide = await readFile(new URL('../../docs/guides/watch.md', import.meta.url), 'utf8');
  const examples = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example = '']) => example);
  assert.ok(examples.length > 0);
  for (const example of examples) assert.ok(validate(parse(example)), `${example}${JSON.stringify(validate.errors)}`);
  for (const text of [
    'watches: []',
    `watches: [{${FINE}, adress: b}]`,
    `watches: [{${FINE}, proveEvery: 5}]`,
    `watches: [{${FINE}, proveEvery: 30m1h}]`,
    'watches: [{certPath: a}]',
  ]) {
    assert.equal(validate(parse(text)), false, text);
  }
});

test('the examples of the guide are read', async (t) => {
  const guide = await readFile(new URL('../../docs/guides/watch.md', import.meta.url), 'utf8');
  for (const [, example = ''] of guide.matchAll(/^```yaml\n(.*?)^```$/gms)) {
    const files = { 'passphrase.txt': 'x', 'proxy.txt': 'u:p' };
    assert.ok((await read(t, example, files)).length > 0);
  }
});
