import { createPrivateKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, systemClock } from '../../clock.ts';
import type { IssuedLeaf } from '../../pki/index.ts';
import { SECOND_LOOK_MS } from '../read-identity.ts';
import { check, type Scenario, writeFiles } from './scenario.ts';

/** Nobody is asked: the files are wrong. */
const NOWHERE = 'nobody-is-asked.invalid:7233';

const withContents = (
  code: Scenario['code'],
  contentsOf: (
    leaf: IssuedLeaf,
    other: IssuedLeaf,
  ) => { readonly crt: string | Uint8Array; readonly key: string | Uint8Array },
  more: { readonly as?: string; readonly passphrase?: string } = {},
): Scenario => ({
  code,
  ...(more.as === undefined ? {} : { as: more.as }),
  run: async (t, { leaf, strangersLeaf }) => {
    const { crt, key } = await writeFiles(t, contentsOf(leaf, strangersLeaf));
    const { passphrase } = more;
    return await check({ address: NOWHERE, certificate: { path: crt }, key: { path: key }, passphrase });
  },
});

const block = (label: string, text: string): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(text).toString('base64')}\n-----END ${label}-----\n`;

const encrypted = (leaf: IssuedLeaf): string =>
  createPrivateKey(leaf.revealPrivateKey())
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'geheim' })
    .toString();

/** A writer that is always in the way: at each pause of the reader it has written something else. */
function restlessClock(path: string, contents: (round: number) => string): Clock {
  let round = 0;
  return {
    ...systemClock,
    sleep: async (ms, options) => {
      if (ms !== SECOND_LOOK_MS) return await systemClock.sleep(ms, options);
      round += 1;
      await writeFile(path, contents(round));
    },
  };
}

export const FILE_SCENARIOS: readonly Scenario[] = [
  {
    code: 'ROTEY_FILE_MISSING',
    run: async (t, { leaf }) => {
      const { crt } = await writeFiles(t, { crt: leaf.chainPem });
      return await check({ address: NOWHERE, certificate: { path: crt }, key: { path: `${crt}.not-there` } });
    },
  },
  {
    code: 'ROTEY_FILE_UNREADABLE',
    run: async (t, { leaf }) => {
      const { crt } = await writeFiles(t, { crt: leaf.chainPem });
      return await check({ address: NOWHERE, certificate: { path: dirname(crt) }, key: { path: crt } });
    },
  },
  {
    code: 'ROTEY_FILE_UNREADABLE',
    as: 'the file system does not answer',
    run: async (t, { leaf }) => {
      const { crt } = await writeFiles(t, { crt: leaf.chainPem });
      // Ten seconds pass before the first answer of the file system.
      const clock = { ...systemClock, sleep: async () => undefined };
      return await check({ address: NOWHERE, certificate: { path: crt } }, { clock });
    },
  },
  withContents('ROTEY_FILE_TOO_LARGE', ({ chainPem }) => ({ crt: chainPem, key: 'x'.repeat(1024 * 1024 + 1) })),
  {
    code: 'ROTEY_FILE_CHANGING',
    run: async (t, { leaf }) => {
      const torn = (round: number): string => leaf.chainPem.slice(0, 100 + round);
      const { crt, key } = await writeFiles(t, { crt: torn(0), key: leaf.revealPrivateKey() });
      const subject = { address: NOWHERE, certificate: { path: crt }, key: { path: key } };
      return await check(subject, { clock: restlessClock(crt, torn) });
    },
  },
  withContents('ROTEY_PEM_TRUNCATED', (leaf) => ({ crt: leaf.chainPem.slice(0, 200), key: leaf.revealPrivateKey() })),
  withContents('ROTEY_PEM_MALFORMED', (leaf) => ({
    crt: Buffer.from(`\ufeff${leaf.chainPem}`, 'utf16le'),
    key: leaf.revealPrivateKey(),
  })),
  withContents('ROTEY_PEM_NO_CERTIFICATE', (leaf) => ({ crt: '', key: leaf.revealPrivateKey() })),
  withContents('ROTEY_PEM_NO_KEY', (leaf) => ({ crt: leaf.chainPem, key: leaf.chainPem })),
  withContents('ROTEY_CERTIFICATE_MALFORMED', (leaf) => ({
    crt: block('CERTIFICATE', 'not a certificate'),
    key: leaf.revealPrivateKey(),
  })),
  withContents('ROTEY_KEY_MALFORMED', ({ chainPem }) => ({ crt: chainPem, key: block('PRIVATE KEY', 'not a key') })),
  withContents('ROTEY_KEY_UNSUPPORTED', ({ chainPem }) => ({
    crt: chainPem,
    key: block('OPENSSH PRIVATE KEY', 'ssh'),
  })),
  withContents('ROTEY_KEY_AMBIGUOUS', (leaf, other) => ({
    crt: leaf.chainPem + other.chainPem,
    key: leaf.revealPrivateKey() + other.revealPrivateKey(),
  })),
  withContents('ROTEY_KEY_PASSPHRASE_MISSING', (leaf) => ({ crt: leaf.chainPem, key: encrypted(leaf) })),
  withContents('ROTEY_KEY_PASSPHRASE_WRONG', (leaf) => ({ crt: leaf.chainPem, key: encrypted(leaf) }), {
    passphrase: 'falsch',
  }),
  withContents('ROTEY_PAIR_MISMATCH', (leaf, other) => ({ crt: leaf.chainPem, key: other.revealPrivateKey() })),
  {
    code: 'ROTEY_TRUST_MALFORMED',
    run: async (t, { leaf }) => {
      const { ca, crt } = await writeFiles(t, {
        ca: 'no certificate here\n',
        crt: leaf.chainPem + leaf.revealPrivateKey(),
      });
      return await check({ address: NOWHERE, certificate: { path: crt }, trust: { path: ca } });
    },
  },
  {
    code: 'ROTEY_TRUST_MALFORMED',
    as: 'without a certificate',
    run: async (t) => {
      const { ca } = await writeFiles(t, { ca: block('CERTIFICATE', 'oops') });
      return await check({ address: NOWHERE, trust: { path: ca } });
    },
  },
];
