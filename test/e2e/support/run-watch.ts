import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StatusDocument } from '../../../src/observe/index.ts';
import type { IssuedLeaf } from '../../../src/pki/index.ts';
import { eventually } from './eventually.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

/** Files in a folder, each replaced by a rename, the key before its certificate. */
export async function writePair(folder: string, name: string, leaf: IssuedLeaf): Promise<void> {
  for (const [file, text] of [
    [`${name}.key`, leaf.revealPrivateKey()],
    [`${name}.crt`, leaf.chainPem],
  ] as const) {
    await writeFile(join(folder, `.${file}`), text);
    await rename(join(folder, `.${file}`), join(folder, file));
  }
}

/** `rotey watch` as a process of its own, in an environment without any other setting. */
export class WatchProcess {
  readonly lines: Record<string, unknown>[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stderr === null) throw new Error('stderr is not piped');
    createInterface(child.stderr).on('line', (line) => this.lines.push(JSON.parse(line)));
  }

  static start(t: TestContext, folder: string, ...args: readonly string[]): WatchProcess {
    const env = { PATH: process.env['PATH'], HOME: folder };
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'watch', ...args], {
      env,
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    return new WatchProcess(child);
  }

  /** The first line that fits, past or future. */
  async line(what: string, fits: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    await eventually(what, () => this.lines.some(fits), { timeoutMs: 20_000 });
    return this.lines.find(fits) ?? {};
  }

  /** `host:port` of its health listener. */
  async health(): Promise<string> {
    const { healthAddress } = await this.line('it listens', ({ healthAddress: address }) => address !== undefined);
    return String(healthAddress);
  }

  async status(): Promise<StatusDocument> {
    return (await (await fetch(`http://${await this.health()}/status`)).json()) as StatusDocument; // validated by its test
  }

  async statusOf(name: string): Promise<StatusDocument['rotations'][number] | undefined> {
    return (await this.status()).rotations.find((rotation) => rotation.name === name);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Exit code and signal. */
  async end(name: NodeJS.Signals): Promise<readonly unknown[]> {
    const closed = once(this.#child, 'close');
    this.signal(name);
    return await closed;
  }
}
