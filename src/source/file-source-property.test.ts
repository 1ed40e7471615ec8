import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import fc from 'fast-check';
import { EventLog } from '../../test/support/event-log.ts';
import { issuePair } from '../../test/support/issued-pair.ts';
import { type Pair, readPair } from '../identity/index.ts';
import { watchFiles } from './file-source.ts';

type File = 'tls.crt' | 'tls.key';
type Operation =
  | { readonly do: 'write' | 'rename' | 'half'; readonly file: File; readonly pair: number }
  | { readonly do: 'delete' | 'restore'; readonly file: File }
  | { readonly do: 'both'; readonly pair: number }
  | { readonly do: 'moveAway' }
  | { readonly do: 'pause'; readonly turns: number };

const files = fc.constantFrom<File>('tls.crt', 'tls.key');
const PAIRS = 3;
const pairs = fc.nat(PAIRS - 1);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('write' as const, 'rename' as const, 'half' as const),
      file: files,
      pair: pairs,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'restore' as const), file: files }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('both' as const), pair: pairs }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('moveAway' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pause' as const), turns: fc.nat(60) }) },
);

/** Writes as the operations say and keeps the books: which pairs were on disk, whole, at some moment. */
class Disk {
  readonly directory: string;
  readonly wasThere = new Set<string>();
  readonly #contents: readonly Readonly<Record<File, string>>[];
  readonly #deleted = new Map<File, string>();

  constructor(directory: string, contents: readonly Readonly<Record<File, string>>[]) {
    this.directory = directory;
    this.#contents = contents;
  }

  async perform(operation: Operation): Promise<void> {
    const { directory } = this;
    switch (operation.do) {
      case 'write':
        await this.#put(operation.file, operation.pair);
        break;
      case 'half': {
        const content = this.#content(operation.file, operation.pair);
        await writeFile(join(directory, operation.file), content.slice(0, content.length / 2));
        await this.#note();
        await writeFile(join(directory, operation.file), content);
        break;
      }
      case 'rename': {
        const temporary = join(directory, 'temporary');
        await writeFile(temporary, this.#content(operation.file, operation.pair));
        await rename(temporary, join(directory, operation.file));
        break;
      }
      case 'delete': {
        const file = join(directory, operation.file);
        const content = await readFile(file, 'utf8').catch(() => undefined);
        if (content !== undefined) this.#deleted.set(operation.file, content);
        await rm(file, { force: true });
        break;
      }
      case 'restore': {
        const content = this.#deleted.get(operation.file);
        if (content !== undefined) await writeFile(join(directory, operation.file), content);
        break;
      }
      case 'both':
        await this.#put('tls.crt', operation.pair);
        await this.#put('tls.key', operation.pair);
        break;
      case 'moveAway': {
        const away = await mkdtemp(join(directory, '..', 'away-'));
        await rename(directory, join(away, 'certs'));
        await immediate();
        await rename(join(away, 'certs'), directory);
        break;
      }
      case 'pause':
        for (let turn = 0; turn < operation.turns; turn++) await immediate();
        break;
    }
    await this.#note();
  }

  /** What is on disk now; undefined when it is no pair. */
  async current(): Promise<Pair | undefined> {
    try {
      const [certificate, key] = await Promise.all(
        ['tls.crt', 'tls.key'].map((name) => readFile(join(this.directory, name))),
      );
      return certificate && key && readPair({ certificate, key });
    } catch {
      return undefined;
    }
  }

  async #put(file: File, pair: number): Promise<void> {
    await writeFile(join(this.directory, file), this.#content(file, pair));
    await this.#note();
  }

  #content(file: File, pair: number): string {
    return this.#contents[pair]?.[file] ?? '';
  }

  async #note(): Promise<void> {
    const current = await this.current();
    if (current !== undefined) this.wasThere.add(current.id);
  }
}

for (const watch of [true, false]) {
  test(`whatever is done to the files, ${watch ? 'with events' : 'by polling'}: what comes out was there, whole, and the last of it is there now`, async () => {
    const issued = await Promise.all(Array.from({ length: PAIRS }, (_, index) => issuePair(`pair ${index}`)));
    const contents = issued.map(({ certificatePem, privateKeyPem }) => ({
      'tls.crt': certificatePem,
      'tls.key': privateKeyPem,
    }));
    const keys = new Map(issued.map(({ pair, privateKeyPem }) => [pair.id, privateKeyPem]));
    await fc.assert(
      fc.asyncProperty(fc.array(operations, { minLength: 1, maxLength: 15 }), async (script) => {
        const root = await mkdtemp(join(tmpdir(), 'rotey-source-'));
        const directory = join(root, 'certs');
        await mkdir(directory);
        const disk = new Disk(directory, contents);
        await disk.perform({ do: 'both', pair: 0 });
        const [certPath, keyPath] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
        const source = await watchFiles({ certPath, keyPath, watch, pollMs: 20, settleMs: 10, graceMs: 1 });
        try {
          const log = new EventLog(source.events, ['pair', 'problem', 'recovered']);
          assert.equal(source.current?.id, issued[0]?.pair.id);
          for (const operation of script) await disk.perform(operation);
          await source.readNow();
          const last = await disk.current();
          if (last !== undefined) assert.equal(source.current?.id, last.id, 'what is on disk is current');
          assert.equal(source.status().problem === undefined, last !== undefined);
          let before = issued[0]?.pair.id;
          for (const pair of log.of<Pair>('pair')) {
            assert.ok(disk.wasThere.has(pair.id), 'it was never on disk');
            assert.equal(pair.revealPrivateKey(), keys.get(pair.id));
            assert.notEqual(pair.id, before, 'the same pair twice in a row');
            before = pair.id;
          }
          // After a problem that was told comes a recovery, and no recovery without one.
          let troubled = false;
          for (const name of log.names) {
            if (name === 'recovered') assert.ok(troubled, 'recovered from nothing');
            if (name === 'pair') assert.ok(!troubled, 'a pair during a problem');
            if (name !== 'pair') troubled = name === 'problem';
          }
        } finally {
          await source.close();
          await rm(root, { recursive: true, force: true });
        }
      }),
      { numRuns: 60, interruptAfterTimeLimit: 12_000, markInterruptAsFailure: false },
    );
  });
}
