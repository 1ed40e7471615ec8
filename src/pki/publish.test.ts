import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { on } from 'node:events';
import { watch } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Clock, systemClock } from '../clock.ts';
import { createAuthority, issueLeaf, type PairFiles, type PublishOptions, publishPair } from './index.ts';

const authority = await createAuthority({ commonName: 'CA' });

async function newPair(): Promise<PairFiles> {
  const leaf = await issueLeaf(authority, { commonName: 'worker', usage: 'client' });
  return { certificatePem: leaf.chainPem, privateKeyPem: leaf.revealPrivateKey(), trustPem: authority.bundlePem };
}

const [first, second] = [await newPair(), await newPair()];

let parent: string;
let directory: string;
let count = 0;
before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rotey-publish-'));
});
beforeEach(() => {
  directory = join(parent, `certs-${++count}`);
});
after(() => rm(parent, { recursive: true }));

async function readPublished(from = directory): Promise<PairFiles> {
  const [certificatePem, privateKeyPem, trustPem] = await Promise.all(
    ['tls.crt', 'tls.key', 'ca.crt'].map((name) => readFile(join(from, name), 'utf8')),
  );
  assert.ok(certificatePem !== undefined && privateKeyPem !== undefined && trustPem !== undefined);
  return { certificatePem, privateKeyPem, trustPem };
}

async function modeOf(...path: readonly string[]): Promise<string> {
  return ((await stat(join(directory, ...path))).mode & 0o777).toString(8);
}

async function entries(): Promise<readonly string[]> {
  return (await readdir(directory)).sort();
}

function belongTogether({ certificatePem, privateKeyPem }: PairFiles): boolean {
  return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
}

describe('publishPair: every layout', () => {
  for (const layout of ['volume', 'plain'] as const) {
    it(`puts the newest pair in place (${layout})`, async () => {
      for (const files of [first, second]) {
        const published = await publishPair(directory, files, { layout });
        assert.deepEqual(await readPublished(), files);
        assert.deepEqual(published, {
          certificatePath: join(directory, 'tls.crt'),
          keyPath: join(directory, 'tls.key'),
          trustPath: join(directory, 'ca.crt'),
          leftovers: [],
        });
      }
    });

    it(`takes other names and no trust bundle (${layout})`, async () => {
      const { trustPem: _, ...files } = first;
      const names = { certificate: 'client.pem', key: 'client-key.pem' };
      const { trustPath } = await publishPair(directory, files, { layout, names });
      assert.equal(trustPath, undefined);
      assert.equal(await readFile(join(directory, 'client.pem'), 'utf8'), first.certificatePem);
      const visible = (await entries()).filter((name) => !name.startsWith('..'));
      assert.deepEqual(visible, ['client-key.pem', 'client.pem']);
    });

    it(`refuses what is not a pair, and touches nothing (${layout})`, async () => {
      await publishPair(directory, first, { layout });
      const before = await entries();
      const refusals: readonly [Partial<PairFiles>, string][] = [
        [{ privateKeyPem: second.privateKeyPem }, 'ROTEY_PAIR_MISMATCH'],
        [{ certificatePem: authority.certificatePem + first.certificatePem }, 'ROTEY_PAIR_MISMATCH'],
        [{ privateKeyPem: 'nothing' }, 'ROTEY_KEY_MALFORMED'],
        [{ certificatePem: 'nothing' }, 'ROTEY_PEM_NO_CERTIFICATE'],
        [{ certificatePem: first.certificatePem.slice(0, -30) }, 'ROTEY_PEM_TRUNCATED'],
        [{ trustPem: '' }, 'ROTEY_PEM_NO_CERTIFICATE'],
      ];
      for (const [part, code] of refusals) {
        await assert.rejects(publishPair(directory, { ...first, ...part }, { layout }), { code });
      }
      assert.deepEqual(await entries(), before);
      assert.deepEqual(await readPublished(), first);
    });

    it(`does calls for one directory one after another (${layout})`, async () => {
      const pairs = await Promise.all(Array.from({ length: 6 }, newPair));
      await Promise.all(pairs.map((files) => publishPair(directory, files, { layout })));
      assert.deepEqual(await readPublished(), pairs.at(-1));
      assert.equal((await entries()).length, layout === 'volume' ? 5 : 3);
    });

    it(`says what the system said (${layout})`, async () => {
      await writeFile(directory, 'a file');
      await assert.rejects(publishPair(join(directory, 'certs'), first, { layout }), (error: unknown) => {
        assert.ok(error instanceof Error && 'code' in error && 'context' in error);
        assert.equal(error.code, 'ROTEY_PUBLISH_FAILED');
        assert.deepEqual(error.context, { directory: join(directory, 'certs'), errno: 'ENOTDIR' });
        assert.ok(error.cause instanceof Error);
        return true;
      });
    });
  }

  it('goes from one layout to the other and back', async () => {
    for (const layout of ['plain', 'volume', 'plain', 'volume'] as const) {
      const files = await newPair();
      await publishPair(directory, files, { layout });
      assert.deepEqual(await readPublished(), files);
      assert.equal((await lstat(join(directory, 'tls.key'))).isSymbolicLink(), layout === 'volume');
    }
  });

  it('refuses names that are none, or the same', async () => {
    for (const key of ['', '.', '..', '..data', 'a/b', '../x', 'a\0', 'tls.crt']) {
      await assert.rejects(publishPair(directory, first, { names: { key } }), RangeError, key);
    }
  });
});

describe('publishPair: modes', () => {
  const modes: readonly [PublishOptions, directory: string, file: string][] = [
    [{ layout: 'volume' }, '700', '400'],
    [{ layout: 'volume', groupReadable: true }, '750', '440'],
    [{ layout: 'plain' }, '700', '600'],
    [{ layout: 'plain', groupReadable: true }, '750', '640'],
  ];
  for (const [options, directoryMode, fileMode] of modes) {
    it(`are exact whatever the umask is (${JSON.stringify(options)})`, async () => {
      for (const umask of [0o000, 0o077]) {
        const before = process.umask(umask);
        try {
          directory = join(parent, `modes-${++count}`);
          await publishPair(directory, first, options);
        } finally {
          process.umask(before);
        }
        assert.equal(await modeOf(), directoryMode);
        if (options.layout === 'volume') assert.equal(await modeOf('..data'), directoryMode);
        for (const name of ['tls.crt', 'tls.key', 'ca.crt']) assert.equal(await modeOf(name), fileMode);
      }
    });
  }

  it('of a directory that exists stay as they are', async () => {
    await mkdir(directory, { mode: 0o711 });
    await publishPair(directory, first);
    assert.equal(await modeOf(), '711');
  });
});

describe('publishPair: volume', () => {
  const clock: Clock = { ...systemClock, now: () => Date.UTC(2026, 10, 23, 23, 2, 39) };

  it('looks like a volume of the csi-driver', async () => {
    await publishPair(directory, first, { clock });
    const generation = await readlink(join(directory, '..data'));
    assert.match(generation, /^\.\.2026_11_23_23_02_39\.\d+$/);
    assert.deepEqual(await entries(), ['..data', generation, 'ca.crt', 'tls.crt', 'tls.key'].sort());
    for (const name of ['ca.crt', 'tls.crt', 'tls.key']) {
      assert.equal(await readlink(join(directory, name)), `..data/${name}`);
    }
  });

  it('changes ..data and never the visible names', async () => {
    await publishPair(directory, first);
    const visible = await lstat(join(directory, 'tls.crt'), { bigint: true });
    const generation = await readlink(join(directory, '..data'));
    await publishPair(directory, second);
    const later = await lstat(join(directory, 'tls.crt'), { bigint: true });
    assert.deepEqual([later.ino, later.ctimeNs], [visible.ino, visible.ctimeNs]);
    assert.ok(!(await entries()).includes(generation), 'the old directory is gone');
  });

  it('takes the name of a trust bundle away that is no longer published', async () => {
    await publishPair(directory, first);
    const { trustPem: _, ...files } = second;
    await publishPair(directory, files);
    assert.ok(!(await entries()).includes('ca.crt'));
    assert.equal(await readFile(join(directory, 'tls.crt'), 'utf8'), second.certificatePem);
  });

  it('leaves a file alone that it did not publish', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'ca.crt'), 'mine');
    const { trustPem: _, ...files } = first;
    await publishPair(directory, files);
    assert.equal(await readFile(join(directory, 'ca.crt'), 'utf8'), 'mine');
  });

  it('tidies up after a run that crashed before its swap', async () => {
    await publishPair(directory, first);
    const orphan = join(directory, '..2026_01_01_00_00_00.123');
    await mkdir(orphan);
    await writeFile(join(orphan, 'tls.key'), 'half a key');
    await symlink('..2026_01_01_00_00_00.123', join(directory, '..data_tmp'));
    await symlink('..data/tls.crt', join(directory, '..tls.crt_tmp'));
    await rm(join(directory, 'tls.crt'));
    await mkdir(join(directory, '..not_ours'));
    await publishPair(directory, second);
    assert.deepEqual(await readPublished(), second);
    const generation = await readlink(join(directory, '..data'));
    const expected = ['..data', '..not_ours', generation, 'ca.crt', 'tls.crt', 'tls.key'];
    assert.deepEqual(await entries(), expected.sort());
  });

  it('tidies up after a run that crashed right after its swap', async () => {
    await publishPair(directory, first);
    await mkdir(join(directory, '..2025_01_01_00_00_00.5'));
    await publishPair(directory, second);
    assert.equal((await entries()).filter((name) => name.startsWith('..2')).length, 1);
  });

  it('leaves the last pair and no trace when the swap fails', async () => {
    await mkdir(join(directory, '..data'), { recursive: true });
    for (const [name, content] of [
      ['tls.crt', first.certificatePem],
      ['tls.key', first.privateKeyPem],
      ['ca.crt', first.trustPem ?? ''],
    ] as const) {
      await writeFile(join(directory, '..data', name), content);
    }
    await assert.rejects(publishPair(directory, second), { code: 'ROTEY_PUBLISH_FAILED' });
    assert.deepEqual(await readPublished(join(directory, '..data')), first);
    assert.deepEqual(await entries(), ['..data']);
  });

  it('never shows a torn pair to a reader who resolves ..data once', async () => {
    await publishPair(directory, first);
    const pairs = await Promise.all(Array.from({ length: 50 }, newPair));
    let publishing = true;
    const reading = readUntil(() => !publishing);
    for (const files of pairs) await publishPair(directory, files);
    publishing = false;
    const { whole, torn } = await reading;
    assert.equal(torn, 0);
    assert.ok(whole >= 10, `${whole} reads`);
    assert.deepEqual(await readPublished(), pairs.at(-1));
  });

  async function readUntil(done: () => boolean): Promise<{ whole: number; torn: number }> {
    const seen = { whole: 0, torn: 0 };
    while (!done()) {
      const generation = await readlink(join(directory, '..data'));
      const pair = await readPublished(join(directory, generation)).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined; // read again
        throw error;
      });
      if (pair !== undefined) seen[belongTogether(pair) ? 'whole' : 'torn']++;
    }
    return seen;
  }
});

describe('publishPair: plain', () => {
  it('removes what a crashed run left', async () => {
    await publishPair(directory, first, { layout: 'plain' });
    for (const name of ['.tls.key.0123456789ab.rotey-new', '.tls.crt.0123456789ab.rotey-old', '.mine']) {
      await writeFile(join(directory, name), 'left');
    }
    await publishPair(directory, second, { layout: 'plain' });
    assert.deepEqual(await entries(), ['.mine', 'ca.crt', 'tls.crt', 'tls.key']);
  });

  it('goes back to the last pair when the certificate cannot be renamed', async () => {
    await publishPair(directory, first, { layout: 'plain' });
    const occupied = { layout: 'plain', names: { certificate: 'occupied' } } as const;
    await mkdir(join(directory, 'occupied'));
    await assert.rejects(publishPair(directory, second, occupied), {
      code: 'ROTEY_PUBLISH_FAILED',
      hint: /A directory has the name of a file/,
    });
    assert.deepEqual(await readPublished(), first, 'key and trust bundle are those of before');
    assert.deepEqual(await entries(), ['ca.crt', 'occupied', 'tls.crt', 'tls.key']);
  });

  it('leaves nothing when a first publication fails', async () => {
    await mkdir(join(directory, 'tls.crt'), { recursive: true });
    await assert.rejects(publishPair(directory, first, { layout: 'plain' }), { code: 'ROTEY_PUBLISH_FAILED' });
    assert.deepEqual(await entries(), ['tls.crt']);
  });

  it('lets the files appear in the order trust, key, certificate', { timeout: 10_000 }, async () => {
    await publishPair(directory, first, { layout: 'plain' });
    const appeared: string[] = [];
    const watcher = watch(directory);
    const complete = (async (): Promise<void> => {
      for await (const [, name] of on(watcher, 'change')) {
        if (/^[a-z]/.test(name)) appeared.push(name);
        if (new Set(appeared).size === 3) break;
      }
    })();
    try {
      await publishPair(directory, second, { layout: 'plain' });
      await complete;
    } finally {
      watcher.close();
    }
    assert.deepEqual([...new Set(appeared)], ['ca.crt', 'tls.key', 'tls.crt']);
  });

  it('never shows half a file to a reader', async () => {
    await publishPair(directory, first, { layout: 'plain' });
    const pairs = await Promise.all(Array.from({ length: 30 }, newPair));
    const keyIndex = new Map([first, ...pairs].map(({ privateKeyPem }, index) => [privateKeyPem, index]));
    const certificateIndex = new Map([first, ...pairs].map(({ certificatePem }, index) => [certificatePem, index]));
    let publishing = true;
    const reading = (async (): Promise<void> => {
      while (publishing) {
        const certificate = certificateIndex.get(await readFile(join(directory, 'tls.crt'), 'utf8'));
        const key = keyIndex.get(await readFile(join(directory, 'tls.key'), 'utf8'));
        assert.ok(certificate !== undefined && key !== undefined, 'whole files');
        assert.ok(key >= certificate, 'who has seen a certificate finds its key, or a newer one');
      }
    })();
    for (const files of pairs) await publishPair(directory, files, { layout: 'plain' });
    publishing = false;
    await reading;
  });
});
