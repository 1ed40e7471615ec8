import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readManifest, type SecretEntry } from './read-manifest.ts';

async function read(text: string): Promise<readonly SecretEntry[]> {
  return await readManifest(Buffer.from(text), 'secret.yaml');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function contents(entries: readonly SecretEntry[]): Record<string, string | undefined> {
  return Object.fromEntries(entries.map(({ where, bytes, problem }) => [where, bytes?.toString() ?? problem?.message]));
}

const HEAD = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: worker-tls\n  namespace: orders\n';

describe('reads a Secret', () => {
  it('from data and stringData, of which the latter counts', async () => {
    const text = `${HEAD}data:\n  tls.crt: ${base64('one')}\n  a: ${base64('two')}\nstringData:\n  a: three\n  b: |\n    four\n`;
    assert.deepEqual(contents(await read(text)), {
      'secret.yaml (orders/worker-tls, tls.crt)': 'one',
      'secret.yaml (orders/worker-tls, a)': 'three',
      'secret.yaml (orders/worker-tls, b)': 'four\n',
    });
  });

  it('from JSON, lists, several documents and aliases', async () => {
    const item = (name: string): string =>
      `{"kind": "Secret", "metadata": {"name": "${name}"}, "data": {"k": "${base64(name)}"}}`;
    assert.deepEqual(contents(await read(`{"kind": "List", "items": [${item('a')}, ${item('b')}]}`)), {
      'secret.yaml (a, k)': 'a',
      'secret.yaml (b, k)': 'b',
    });
    const documents = `---\nkind: ConfigMap\n---\n${HEAD}data: {x: &x ${base64('x')}, y: *x}\n---\nkind: SecretList\nitems: []\n`;
    assert.deepEqual(contents(await read(documents)), {
      'secret.yaml (orders/worker-tls, x)': 'x',
      'secret.yaml (orders/worker-tls, y)': 'x',
    });
  });

  it('with base64 in several lines', async () => {
    const text = `${HEAD}data:\n  a: |\n    ${base64('hello').slice(0, 4)}\n    ${base64('hello').slice(4)}\n`;
    assert.deepEqual(contents(await read(text)), { 'secret.yaml (orders/worker-tls, a)': 'hello' });
  });

  it('and says of a bad entry where it stands, without hiding the others', async () => {
    const text = `${HEAD}type: kubernetes.io/tls\ndata:\n  tls.crt: "not base64!"\n  n: 12\n  x: *nowhere\n  ok: ${base64('fine')}\n`;
    assert.deepEqual(contents(await read(text)), {
      'secret.yaml (orders/worker-tls, tls.crt)':
        'secret.yaml:8:12 data.tls.crt is not base64; plain text belongs into stringData.',
      'secret.yaml (orders/worker-tls, n)': 'secret.yaml:9:6 data.n is not a string.',
      'secret.yaml (orders/worker-tls, x)': 'secret.yaml:10:6 data.x is not a string.',
      'secret.yaml (orders/worker-tls, ok)': 'fine',
      'secret.yaml (orders/worker-tls, tls.key)': 'secret.yaml:1:1 a Secret of type kubernetes.io/tls without tls.key.',
    });
  });
});

describe('refuses', () => {
  const CASES: readonly (readonly [string, string, RegExp])[] = [
    ['what is not YAML', `${HEAD}data:\n\ta: b\n`, /^secret\.yaml:7:1 it is not YAML as it should be: /],
    ['a key twice', `${HEAD}data: {}\ndata: {}\n`, /^secret\.yaml:7:1 .*duplicate key/],
    ['an unknown tag', `${HEAD}data:\n  a: !secret x\n`, /^secret\.yaml:7:6 .*tag resolve failed/],
    ['what is no object', 'kind: x\n---\n- 1\n', /secret\.yaml:3:1 it is not a Kubernetes object/],
    [
      'a manifest without a Secret',
      'kind: ConfigMap\n---\nkind: Deployment\n',
      /no Secret in it, but a ConfigMap, a Deployment/,
    ],
    ['nothing', '# nothing\n', /no Secret in it, but nothing/],
    ['a list without items', 'kind: List\n', /secret\.yaml:1:1 a List without items/],
    ['a list that holds itself', 'kind: List\nitems: &a\n  - kind: List\n    items: *a\n', /nested too deeply/],
    ['a key that is none', `${HEAD}data:\n  ? [a]\n  : b\n`, /a key that Kubernetes does not allow/],
    ['what is nested without end', `kind: ${'['.repeat(100_000)}`, /^secret\.yaml:\d+:\d+ /],
  ];
  for (const [what, text, message] of CASES) {
    it(what, async () => {
      await assert.rejects(read(text), { code: 'ROTEY_MANIFEST_INVALID', message });
    });
  }

  it('without repeating what stands there', async () => {
    const secret = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg';
    for (const text of [`${HEAD}data:\n  a: "${secret}\n`, `${HEAD}data:\n  a: *${secret}\n`, `kind: ${secret}\n`]) {
      const error: unknown = await read(text).then(contents, (reason: unknown) => reason);
      assert.ok(!JSON.stringify([error, String(error)]).includes(secret), text);
    }
  });
});
