import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { bodyOf, damaged, damagedDer, windows } from '../../test/support/damage.ts';
import { formatTable } from '../cli/commands/cert-inspect-table.ts';
import { formatReport } from '../cli/commands/cert-inspect-text.ts';
import { inspectInputs } from './inspect.ts';
import type { InspectInput } from './read-input.ts';
import type { InspectReport } from './report.ts';
import { derOf, makeMaterial, PASSPHRASE } from './testing/material.ts';
import { assertKeepsSchema } from './testing/schema.ts';

const material = makeMaterial();
const { openssl, root, issuing, leaf, key, lockedKey, otherKey } = material;
const folder = mkdtempSync(path.join(tmpdir(), 'rotey-secrecy-'));
after(() => {
  openssl.remove();
  rmSync(folder, { recursive: true, force: true });
});

const KEYS = [key, lockedKey];
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const publicParts = [leaf, issuing, root, otherKey].flatMap((text) => [
  bodyOf(text),
  base64(text),
  derOf(text).toString('hex'),
]);
/** Of every form in which the keys are handed in, or could come out: every 12 characters in a row. */
const PUBLIC: ReadonlySet<string> = new Set(publicParts.flatMap((text) => windows(text)));
const SECRETS: ReadonlySet<string> = new Set(
  [PASSPHRASE, ...KEYS.flatMap((text) => [bodyOf(text), base64(text), derOf(text).toString('hex')])]
    .flatMap((text) => windows(text))
    .filter((window) => !PUBLIC.has(window)),
);

function manifest(parts: Readonly<Record<string, string>>): string {
  const entries = Object.entries(parts);
  const plain = entries.map(([name, text]) => `  plain.${name}: |\n${text.replace(/^/gm, '    ')}`).join('\n');
  const data = entries.map(([name, text]) => `  ${name}: ${base64(text)}`).join('\n');
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n${data}\nstringData:\n${plain}\n`;
}

function assertNoSecret(shown: string): void {
  const text = shown.replaceAll(/\s/g, '');
  const leak = [...windows(shown), ...windows(text)].find((window) => SECRETS.has(window));
  assert.equal(leak, undefined);
}

/** Everything that a report becomes, held against the schema and searched for the key. */
async function lookAt(inputs: readonly InspectInput[], stdin?: string | Uint8Array): Promise<InspectReport> {
  const piped = stdin === undefined ? undefined : Readable.from([Buffer.from(stdin)]);
  let last: InspectReport | undefined;
  for (const passphrase of piped === undefined ? [undefined, PASSPHRASE] : [PASSPHRASE]) {
    const report = await inspectInputs(inputs, { stdin: piped, passphrase, rules: 'cloud', expiresWithinMs: 1 });
    assertNoSecret(assertKeepsSchema(report));
    assertNoSecret(inspect(report, { depth: 20, showHidden: true }));
    const plain = (_colour: string, text: string): string => text;
    for (const text of [formatReport(report, plain), formatTable(report, plain)]) {
      assertNoSecret(text);
      assert.ok(!/\p{Cc}/u.test(text.replaceAll('\n', '')), 'a control character');
    }
    last = report;
  }
  assert.ok(last);
  return last;
}

function write(name: string, content: string | Uint8Array): InspectInput {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return { t: 'argument', text: file };
}

describe('no key is shown', () => {
  it('of what is in order, in any form', async () => {
    const pair = [write('tls.crt', leaf + issuing), write('tls.key', key), write('locked.key', lockedKey)];
    const report = await lookAt([...pair, write('all.pem', leaf + key + lockedKey), write('key.der', derOf(key))]);
    assert.equal(report.inputs[0]?.entries[0]?.certificates[0]?.privateKey.match, 'found');
    await lookAt([{ t: 'argument', text: folder }]);
    await lookAt([write('s.yaml', manifest({ 'tls.crt': leaf, 'tls.key': key, 'locked.key': lockedKey }))]);
  });

  it('and the test would see it', () => {
    assert.throws(() => assertNoSecret(key));
    assert.throws(() => assertNoSecret(base64(lockedKey)));
    assert.throws(() => assertNoSecret(JSON.stringify({ key: derOf(key).toString('hex') })));
  });

  it('of damaged text, which is refused or read, and never fails otherwise', async () => {
    const text = fc.constantFrom(leaf + key, lockedKey + issuing, key).chain(damaged);
    await fc.assert(
      fc.asyncProperty(text, async (content) => void (await lookAt([{ t: 'stdin' }], content))),
      { numRuns: 200 },
    );
  });

  it('of damaged DER', async () => {
    const flip = (der: Buffer) =>
      fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { maxLength: 3 }).map((changes) => {
        const copy = Buffer.from(der);
        for (const [at, value] of changes) copy[at] = value;
        return copy;
      });
    const bytes = fc.constantFrom(derOf(key), derOf(lockedKey), derOf(leaf), derOf(root)).chain(flip);
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => void (await lookAt([{ t: 'stdin' }], content))),
      { numRuns: 300 },
    );
    const pem = fc.constantFrom(leaf, key, lockedKey).chain(damagedDer);
    await fc.assert(
      fc.asyncProperty(pem, async (content) => void (await lookAt([{ t: 'stdin' }], leaf + key + content))),
      { numRuns: 200 },
    );
  });

  it('of damaged manifests', async () => {
    const whole = manifest({ 'tls.crt': leaf, 'tls.key': key, 'locked.key': lockedKey });
    await fc.assert(
      fc.asyncProperty(damaged(whole), async (content) => void (await lookAt([{ t: 'stdin' }], content))),
      { numRuns: 200 },
    );
  });

  it('and noise is refused', async () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ maxLength: 300 }),
      fc.string().map((s) => `kind: ${s}\napiVersion: ${s}\n`),
    );
    await fc.assert(
      fc.asyncProperty(noise, async (content) => {
        const { inputs } = await lookAt([{ t: 'stdin' }], content);
        assert.ok(inputs[0]?.error !== undefined || inputs[0]?.entries.length === 1);
      }),
      { numRuns: 500 },
    );
  });
});
