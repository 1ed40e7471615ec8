import { type Clock, keepAliveFor, systemClock, Timer } from '../clock.ts';
import { RoteyError, summarizeError } from '../errors.ts';
import { type Pair, readPair } from '../identity/index.ts';
import { SafeEmitter } from '../safe-emitter.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { Hearing } from './hearing.ts';
import type { PairSource, PairSourceEvents, SourceStatus } from './pair-source.ts';
import { type FilesSnapshot, type PairFiles, readFiles } from './read-files.ts';

export interface FileSourceOptions extends PairFiles {
  /** For an encrypted key. */
  readonly passphrase?: string | undefined;
  /**
   * Watch directories besides polling. Default: true. Turn it off where a watch costs too much; a mount without
   * events needs no setting, polling is always on.
   */
  readonly watch?: boolean | undefined;
  /** How often to look without an event, in milliseconds. Default: 5,000 (docs/reference/defaults.md). */
  readonly pollMs?: number | undefined;
  /**
   * How long contents must hold still before they count, in milliseconds, unless they came whole by a symlink swap.
   * Default: 100. A chain that is being written looks complete between two blocks; a writer pauses for less than this.
   */
  readonly settleMs?: number | undefined;
  /**
   * How long contents may be unusable before that is a `problem`, in milliseconds. Default: 1,000: two files that are
   * replaced one after the other do not match in between, and that is no news.
   */
  readonly graceMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A file system that does not answer, or contents that do not hold still, for this long are a problem to report. */
const STUCK_MS = 10_000;

/**
 * Watches the files of a pair, however they are replaced: a `..data` symlink swap, renames, plain overwrites in either
 * order, files that go away and come back, on mounts with and without events.
 *
 * The first look has been taken when it resolves; whether it found a pair shows in `current` and `status()`. Does not
 * keep the process alive.
 */
export async function watchFiles(options: FileSourceOptions): Promise<PairSource> {
  const source = new FileSource(options);
  await source.readNow();
  return source;
}

/** What the contents of one digest turned out to be. */
type Judgement = { readonly pair: Pair } | { readonly error: RoteyError };

interface Problem {
  readonly error: RoteyError;
  readonly sinceMs: number;
  readonly sinceMonotonic: number;
  readonly reported: boolean;
}

/** Contents that were seen, and have to be seen again before they count. */
interface Settling {
  readonly digest: string;
  readonly sinceMonotonic: number;
  /** When the contents began to change. */
  readonly restlessSince: number;
}

class FileSource implements PairSource {
  readonly events: SafeEmitter<PairSourceEvents> = new SafeEmitter<PairSourceEvents>();
  readonly #files: PairFiles;
  readonly #passphrase: string | undefined;
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #settleMs: number;
  readonly #graceMs: number;
  readonly #watch: DirectoryWatch | undefined;
  readonly #hearing = new Hearing();
  readonly #stop = new AbortController();

  #current: Pair | undefined;
  #problem: Problem | undefined;
  #lastReadAtMs: number | undefined;
  #lastGoodAtMs: number | undefined;
  #lastChangeAtMs: number | undefined;

  #judged: { readonly digest: string; readonly places: readonly string[]; readonly judgement: Judgement } | undefined;
  #settling: Settling | undefined;
  readonly #settleTimer: Timer;
  readonly #graceTimer: Timer;
  readonly #stuckTimer: Timer;
  /** A look has hung for {@link STUCK_MS}, and hangs still. */
  #isStuck = false;

  /** Looks are numbered so that `readNow` can wait for one that began after it was called. */
  #lookWanted = 0;
  #lookEnded = 0;
  #running = false;
  #waiting: { readonly look: number; readonly resolve: () => void }[] = [];

  constructor(options: FileSourceOptions) {
    const { certPath, keyPath, caPath, clock = systemClock, passphrase } = options;
    this.#files = { certPath, keyPath, caPath };
    this.#passphrase = passphrase;
    this.#clock = clock;
    this.#pollMs = positive('pollMs', options.pollMs ?? 5000);
    this.#settleMs = positive('settleMs', options.settleMs ?? 100);
    this.#graceMs = positive('graceMs', options.graceMs ?? 1000);
    const paths = [certPath, keyPath, ...(caPath === undefined ? [] : [caPath])];
    this.#watch = options.watch === false ? undefined : new DirectoryWatch(paths, () => this.#onEvent());
    this.#settleTimer = new Timer(clock, () => this.#requestLook());
    this.#graceTimer = new Timer(clock, () => {
      if (this.#isStuck) this.#noteProblem(stuck(this.#files));
      else this.#requestLook();
    });
    this.#stuckTimer = new Timer(clock, () => {
      this.#isStuck = true;
      this.#noteProblem(stuck(this.#files), STUCK_MS);
      this.#resolveWaiting(this.#lookWanted);
    });
    void this.#poll();
  }

  get current(): Pair | undefined {
    return this.#current;
  }

  status(): SourceStatus {
    const { certPath, keyPath, caPath } = this.#files;
    const files = certPath === keyPath ? [certPath] : [certPath, keyPath];
    const problem = this.#problem;
    return {
      description: [...files, ...(caPath === undefined ? [] : [caPath])].join(', '),
      noticedBy: this.#watch?.complete && !this.#hearing.isDeaf ? 'events' : 'polling',
      lastReadAtMs: this.#lastReadAtMs,
      lastGoodAtMs: this.#lastGoodAtMs,
      lastChangeAtMs: this.#lastChangeAtMs,
      problem: problem && { ...summarizeError(problem.error), sinceMs: problem.sinceMs },
    };
  }

  async readNow(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    if (this.#isStuck) return this.#requestLook(); // when the one that hangs has ended
    const { promise, resolve } = withResolver();
    // A look that is under way may have read before the caller's files were in place: only the next one counts.
    this.#waiting.push({ look: this.#lookWanted + 1, resolve });
    this.#requestLook();
    await keepAliveFor(promise);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#watch?.close();
    this.#settleTimer.clear();
    this.#graceTimer.clear();
    this.#stuckTimer.clear();
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #poll(): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(this.#pollMs, { signal: this.#stop.signal });
        this.#requestLook();
      }
    } catch {
      // closed
    }
  }

  #onEvent(): void {
    this.#hearing.heard();
    this.#requestLook();
  }

  /** Any number of triggers during a look make one more look after it. */
  #requestLook(): void {
    this.#lookWanted++;
    if (!this.#running && !this.#stop.signal.aborted) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#lookEnded < this.#lookWanted && !this.#stop.signal.aborted) {
      const look = this.#lookWanted;
      await this.#look();
      this.#lookEnded = look;
      if (this.#settling === undefined) this.#resolveWaiting(look);
    }
    this.#running = false;
  }

  #resolveWaiting(look: number): void {
    const due = this.#waiting.filter((waiter) => waiter.look <= look);
    this.#waiting = this.#waiting.filter((waiter) => waiter.look > look);
    for (const { resolve } of due) resolve();
  }

  async #look(): Promise<void> {
    let snapshot: FilesSnapshot;
    const wasWatched = this.#watch?.complete === true;
    try {
      // Watch before reading: what changes after the read is then an event.
      snapshot = await this.#unlessStuck(async () => {
        await this.#watch?.refresh();
        return await readFiles(this.#files);
      });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#settling = undefined;
      this.#lastReadAtMs = this.#clock.now();
      this.#hearing.looked(false);
      this.#noteProblem(asRoteyError(error));
      return;
    }
    if (this.#stop.signal.aborted) return;
    this.#lastReadAtMs = this.#clock.now();
    const { digest, places } = snapshot;
    const isNews = this.#judged !== undefined && ![this.#judged.digest, this.#settling?.digest].includes(digest);
    this.#hearing.looked(wasWatched && isNews);
    if (this.#judged?.digest !== digest && this.#mustSettle(snapshot)) return;
    this.#settling = undefined;
    this.#settleTimer.clear();
    const judgement = this.#judged?.digest === digest ? this.#judged.judgement : this.#judge(snapshot);
    this.#judged = { digest, places, judgement };
    this.#conclude(judgement);
  }

  /** New contents count when they were seen twice, `settleMs` apart, or when a symlink brought them whole. */
  #mustSettle({ digest, places }: FilesSnapshot): boolean {
    // All of them: a server CA in a volume of its own says nothing about a certificate that is being written.
    if (this.#judged?.places.every((place, index) => place !== places[index])) return false;
    const now = this.#clock.monotonic();
    const before = this.#settling;
    const restlessSince = before?.restlessSince ?? now;
    const sinceMonotonic = before?.digest === digest ? before.sinceMonotonic : now;
    const left = this.#settleMs - (now - sinceMonotonic);
    if (left <= 0) return false;
    this.#settling = { digest, sinceMonotonic, restlessSince };
    this.#settleTimer.set(left);
    if (now - restlessSince >= STUCK_MS) {
      this.#noteProblem(restless(this.#files), now - restlessSince);
      this.#resolveWaiting(this.#lookWanted);
    }
    return true;
  }

  #judge(snapshot: FilesSnapshot): Judgement {
    const { certPath, keyPath, caPath } = this.#files;
    try {
      const pair = readPair({
        certificate: snapshot.certificate,
        ...(certPath === keyPath ? {} : { key: snapshot.key }),
        ...(snapshot.trust === undefined ? {} : { trust: snapshot.trust }),
        ...(this.#passphrase === undefined ? {} : { passphrase: this.#passphrase }),
        origin: { certificate: certPath, key: keyPath, trust: caPath },
      });
      return { pair };
    } catch (error) {
      return { error: asRoteyError(error) };
    }
  }

  #conclude(judgement: Judgement): void {
    if ('error' in judgement) {
      this.#noteProblem(judgement.error);
      return;
    }
    const { pair } = judgement;
    const now = this.#clock.now();
    const wasReported = this.#problem?.reported === true;
    this.#problem = undefined;
    this.#graceTimer.clear();
    this.#lastGoodAtMs = now;
    const changed = pair.id !== this.#current?.id;
    if (changed) {
      this.#current = pair;
      this.#lastChangeAtMs = now;
    }
    if (wasReported) this.events.emit('recovered');
    if (changed) this.events.emit('pair', pair);
  }

  /** @param forMs how long it has been so already; no look may come after a stuck one to report it. */
  #noteProblem(error: RoteyError, forMs = 0): void {
    const before = this.#problem;
    const now = this.#clock.monotonic();
    const sinceMonotonic = before?.sinceMonotonic ?? now - forMs;
    const sinceMs = before?.sinceMs ?? this.#clock.now() - forMs;
    const left = this.#graceMs - (now - sinceMonotonic);
    if (left > 0) {
      this.#problem = { error, sinceMs, sinceMonotonic, reported: false };
      this.#graceTimer.set(left);
      return;
    }
    const known = before?.reported && before.error.code === error.code && before.error.message === error.message;
    this.#problem = { error, sinceMs, sinceMonotonic, reported: true };
    if (!known) this.events.emit('problem', error);
  }

  /**
   * A read of a hanging mount cannot be cancelled, and must not be joined by a second one: say so, and go on waiting.
   */
  async #unlessStuck<T>(read: () => Promise<T>): Promise<T> {
    this.#stuckTimer.set(STUCK_MS);
    try {
      return await read();
    } finally {
      this.#stuckTimer.clear();
      this.#isStuck = false;
    }
  }
}

function stuck({ certPath }: PairFiles): RoteyError {
  return new RoteyError(
    'ROTEY_FILE_UNREADABLE',
    `The file system of ${certPath} has not answered for ${STUCK_MS / 1000} s.`,
    { retryable: true, hint: 'Look at the mount that holds this file.', context: { path: certPath } },
  );
}

function restless({ certPath, keyPath }: PairFiles): RoteyError {
  return new RoteyError(
    'ROTEY_FILE_CHANGING',
    `${certPath} and ${keyPath} have not held still for ${STUCK_MS / 1000} s.`,
    { retryable: true, hint: 'Look for a process that rewrites them in a loop.', context: { certPath, keyPath } },
  );
}

function asRoteyError(error: unknown): RoteyError {
  if (error instanceof RoteyError) return error;
  return new RoteyError('ROTEY_FILE_UNREADABLE', `The pair cannot be read: ${String(error)}`, { cause: error });
}

function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`${name} must be a positive number of milliseconds, got ${value}`);
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
