import { type Clock, keepAliveFor, systemClock, Timer } from '../clock.ts';
import { RoteyError, summarizeError } from '../errors.ts';
import type { Pair } from '../identity/index.ts';
import { SafeEmitter } from '../safe-emitter.ts';
import type { PairSource } from '../source/index.ts';
import {
  type Attempt,
  attemptError,
  type Candidate,
  closedError,
  failedStep,
  isOutOfDate,
  newCandidate,
  noPair,
  type RemakeFailure,
  superseded,
  timedOut,
} from './attempt.ts';
import { AttemptRecord } from './attempt-record.ts';
import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from './backoff.ts';
import { ClockWatch } from './clock-watch.ts';
import { composeStatus, stateOf } from './compose-status.ts';
import type { Consumer, Identity, OpenOutcome, Serving } from './consumer.ts';
import { Drains } from './drains.ts';
import { type AttemptCause, type RotationEvents, summarizePair } from './events.ts';
import { ExpiryWatch } from './expiry.ts';
import { type HoldReason, type Plan, type PlanInput, plan } from './plan.ts';
import { requireDuration } from './require-duration.ts';
import {
  type CloseOptions,
  DEFAULT_DRAIN_CAP_MS,
  type RotateNowResult,
  type RotationOptions,
} from './rotation-options.ts';
import { StateWatch } from './state-watch.ts';
import type { RotationStatus } from './status.ts';

interface Current<Session> extends Serving<Session> {
  readonly sinceMs: number;
  remakeFailures: number;
  remakeRetryAtMonotonic: number;
  /** How the last attempt to open another session with this identity failed. */
  remakeFailure: RemakeFailure | undefined;
}

/** How often to look at the clocks while waiting for something far away: notices a machine that was suspended. */
const LOOK_AGAIN_MS = 10_000;

/**
 * The state machine: candidate → prove → hand over → drain → retire. It owns time, retries, deadlines and the last
 * error; it knows nothing of Temporal or TLS. Every decision is made in one place (`#step`, by {@link plan}); whatever
 * happens outside only changes what is known and then steps. At most one attempt is outstanding.
 */
export class Rotation<Session> implements AsyncDisposable {
  readonly events: SafeEmitter<RotationEvents> = new SafeEmitter<RotationEvents>();
  readonly #source: PairSource;
  readonly #consumer: Consumer<Session>;
  readonly #mode: 'rotate' | 'observe';
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #backoff: BackoffOptions;
  readonly #attemptTimeoutMs: number;
  readonly #drainCapMs: number;
  readonly #drains: Drains<Session>;
  readonly #wake: Timer;
  readonly #clockWatch: ClockWatch;
  readonly #stateWatch: StateWatch;
  readonly #expiryWatch = new ExpiryWatch();
  #detachSource = (): void => undefined;
  #detachSignal = (): void => undefined;

  #phase: 'open' | 'closing' | 'closed' = 'open';
  #frozen: boolean;
  #generation = 0;
  #current: Current<Session> | undefined;
  #candidate: Candidate | undefined;
  #attempt: Attempt | undefined;
  #remakeWanted: { readonly cause: AttemptCause; readonly sinceMonotonic: number } | undefined;
  #rotateNow: Promise<RotateNowResult> | undefined;
  /** Stop waiting for the source. */
  readonly #reading = new Set<() => void>();
  #attemptEnded: ((result: RotateNowResult) => void)[] = [];
  #closing: Promise<void> | undefined;
  readonly #record: AttemptRecord;

  /** @internal use `startRotation` or `adoptRotation` */
  constructor(options: RotationOptions<Session>) {
    const { source, consumer, initial, clock = systemClock, random = Math.random } = options;
    this.#source = source;
    this.#consumer = consumer;
    this.#mode = options.mode ?? 'rotate';
    this.#frozen = options.frozen ?? false;
    this.#clock = clock;
    this.#random = random;
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF;
    this.#attemptTimeoutMs = requireDuration('attemptTimeoutMs', options.attemptTimeoutMs ?? 60_000, 1);
    this.#drainCapMs = requireDuration('drainCapMs', options.drainCapMs ?? DEFAULT_DRAIN_CAP_MS);
    this.#record = new AttemptRecord(clock);
    this.#clockWatch = new ClockWatch(clock);
    this.#stateWatch = new StateWatch(clock);
    this.#wake = new Timer(clock, () => this.#step());
    this.#drains = new Drains({
      consumer,
      clock,
      capMs: this.#drainCapMs,
      maxDraining: options.maxDraining ?? 4,
      onDrained: (event) => this.events.emit('drained', event),
    });
    if (initial !== undefined) this.#serve({ generation: ++this.#generation, pair: initial.pair }, initial.session);
    this.#listen(options.signal, initial !== undefined);
  }

  /** What serves now. */
  get current(): Serving<Session> | undefined {
    return this.#current;
  }

  /**
   * Looks at the source and tries what is there without waiting for a backoff: a candidate, or without one a new
   * session with the identity in use. Calls that overlap share one attempt.
   *
   * @throws {RoteyError} `ROTEY_ROTATION_CLOSED` after close
   */
  rotateNow(): Promise<RotateNowResult> {
    this.#rotateNow ??= keepAliveFor(this.#forceAttempt('requested')).finally(() => {
      this.#rotateNow = undefined;
    });
    return this.#rotateNow;
  }

  /**
   * Asks for a new session with the identity in use, soon; a candidate that is accepted before will do. Requests that
   * overlap collapse. Does nothing when frozen or in observe mode. Tried once, except for `proof-due`: that is repeated
   * until it succeeds.
   */
  remake(cause: AttemptCause = 'requested'): void {
    if (this.#phase !== 'open') return;
    this.#remakeWanted ??= { cause, sinceMonotonic: this.#clock.monotonic() };
    this.#step();
  }

  /** Stays on the current identity from now on; an attempt under way is aborted. */
  freeze(): void {
    this.#frozen = true;
    if (this.#current !== undefined) this.#attempt?.stop.abort(superseded('the rotation was frozen'));
    this.#step();
  }

  unfreeze(): void {
    this.#frozen = false;
    this.#step();
  }

  /**
   * Ends the rotation: no new attempt, and sessions may finish their calls until `graceMs` is over. Idempotent; a later
   * call with no grace cuts what an earlier one let drain.
   */
  close({ graceMs = this.#drainCapMs, keepCurrent = false }: CloseOptions = {}): Promise<void> {
    if (this.#closing !== undefined) {
      if (graceMs <= 0) this.#drains.cut();
      return this.#closing;
    }
    this.#phase = 'closing';
    this.#noteState();
    this.#closing = keepAliveFor(this.#finish(graceMs, keepCurrent));
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal The first attempt's result, for `startRotation`. */
  async first(): Promise<void> {
    const result = await keepAliveFor(this.#forceAttempt('new-pair'));
    if ('error' in result) throw result.error;
  }

  /** @internal Begins without waiting for anything. */
  begin(): void {
    if (this.#source.current !== undefined) this.#offer(this.#source.current);
    this.#step();
  }

  #listen(signal: AbortSignal | undefined, ownedByCaller: boolean): void {
    const { events } = this.#source;
    const onPair = (pair: Pair): void => this.#offer(pair);
    const onProblem = (error: RoteyError): void => void this.events.emit('sourceProblem', summarizeError(error));
    const onRecovered = (): void => {
      this.events.emit('sourceRecovered');
      this.#resetBackoff();
      this.#step();
    };
    const onAbort = (): void => void this.close({ graceMs: 0, keepCurrent: ownedByCaller });
    events.on('pair', onPair);
    events.on('problem', onProblem);
    events.on('recovered', onRecovered);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#detachSource = () => {
      events.off('pair', onPair);
      events.off('problem', onProblem);
      events.off('recovered', onRecovered);
    };
    this.#detachSignal = () => signal?.removeEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
  }

  /** A pair was read. Whatever is being tried with another one is out of date. */
  #offer(pair: Pair): void {
    if (this.#phase !== 'open' || pair.id === this.#candidate?.pair.id) return;
    if (this.#attempt !== undefined && this.#attempt.identity.pair.id !== pair.id) {
      this.#attempt.stop.abort(superseded('a newer pair was read'));
    }
    if (pair.id === this.#current?.identity.pair.id) {
      this.#candidate = undefined; // back to what serves
    } else {
      this.#candidate = newCandidate(pair, this.#clock.now(), this.#clock.monotonic());
      this.events.emit('candidate', { pair: summarizePair(pair) });
    }
    this.#step();
  }

  /** Decides what is next and does it. Called after anything has changed; harmless when nothing has. */
  #step(): void {
    if (this.#phase !== 'open') return;
    this.#stateWatch.beat();
    this.#noteState();
    // Also with nothing due, and during an attempt: the clocks are looked at, so that a machine that slept is noticed.
    this.#wake.set(LOOK_AGAIN_MS);
    this.#watchClocks();
    this.#reportExpiry();
    if (!this.#isOpen() || this.#attempt !== undefined) return; // an attempt's end steps again; listeners may close
    const decision = plan(this.#planInput());
    if (decision.next === 'attempt') {
      this.#begin(decision.what);
      return;
    }
    this.#wake.set(Math.min(decision.forMs ?? LOOK_AGAIN_MS, LOOK_AGAIN_MS));
    this.#reportHeld(decision); // last: a listener may step again
  }

  #planInput(): PlanInput {
    const candidate = this.#candidate;
    const current = this.#current;
    return {
      mode: this.#mode,
      frozen: this.#frozen,
      nowMs: this.#clock.now(),
      nowMonotonic: this.#clock.monotonic(),
      candidate: candidate && {
        leaf: candidate.pair.leaf,
        retryAtMonotonic: candidate.retryAtMonotonic,
        rehearsed: candidate.rehearsed,
      },
      current: current && {
        leaf: current.identity.pair.leaf,
        madeAtMs: current.sinceMs,
        remakeRetryAtMonotonic: current.remakeRetryAtMonotonic,
        remakeWanted: this.#remakeWanted !== undefined,
      },
    };
  }

  #begin(what: 'candidate' | 'remake'): void {
    const pair = what === 'candidate' ? this.#candidate?.pair : this.#current?.identity.pair;
    if (pair === undefined) return;
    const wanted = what === 'remake' ? this.#remakeWanted : undefined;
    const dueSince = what === 'remake' ? wanted?.sinceMonotonic : this.#candidate?.seenAtMonotonic;
    const attempt: Attempt = {
      what,
      identity: { generation: this.#generation + 1, pair },
      cause: what === 'candidate' ? 'new-pair' : (wanted?.cause ?? 'expiry-near'),
      sinceMs: this.#clock.now(),
      dueSinceMonotonic: dueSince ?? this.#clock.monotonic(),
      stop: new AbortController(),
    };
    this.#attempt = attempt;
    this.#record.began();
    this.#noteState();
    void this.#run(attempt);
  }

  async #run(attempt: Attempt): Promise<void> {
    const outcome = await this.#open(attempt);
    this.#attempt = undefined;
    const result = this.#conclude(attempt, outcome);
    for (const ended of this.#attemptEnded.splice(0)) ended(result);
    this.#step();
  }

  async #open(attempt: Attempt): Promise<OpenOutcome<Session>> {
    const timeout = new Timer(this.#clock, () => attempt.stop.abort(timedOut(this.#attemptTimeoutMs)));
    timeout.set(this.#attemptTimeoutMs);
    const rehearsal = this.#mode === 'observe' && this.#current !== undefined;
    try {
      return await this.#consumer.open({
        identity: attempt.identity,
        current: this.#current,
        purpose: rehearsal ? 'rehearsal' : attempt.what,
        signal: attempt.stop.signal,
      });
    } catch (error) {
      return { verdict: 'unobtainable', error: attemptError(attempt, error) };
    } finally {
      timeout.clear();
    }
  }

  #conclude(attempt: Attempt, outcome: OpenOutcome<Session>): RotateNowResult {
    const abandoned = isOutOfDate(attempt, this.#candidate) || this.#phase !== 'open';
    if (outcome.verdict !== 'accepted') {
      const { error, verdict } = outcome;
      return abandoned ? { outcome: 'superseded', error } : this.#fail(attempt, verdict, error);
    }
    const serving = { identity: attempt.identity, session: outcome.session };
    if (attempt.stop.signal.aborted) {
      // It came too late and never served.
      this.#drains.add(serving);
      if (this.#phase !== 'open') this.#drains.cut();
      const error = attemptError(attempt, undefined);
      return abandoned ? { outcome: 'superseded', error } : this.#fail(attempt, 'unobtainable', error);
    }
    if (this.#mode === 'observe' && this.#current !== undefined)
      return this.#rehearsed(attempt, serving, outcome.warnings);
    return this.#handOver(attempt, serving, outcome.warnings ?? []);
  }

  #rehearsed(attempt: Attempt, serving: Serving<Session>, warnings: readonly string[] = []): RotateNowResult {
    this.#drains.add(serving);
    this.#record.succeeded();
    if (this.#candidate?.pair.id === serving.identity.pair.id) this.#candidate.rehearsed = true;
    this.events.emit('rehearsed', {
      pair: summarizePair(serving.identity.pair),
      cause: attempt.cause,
      tookMs: Math.round(this.#clock.monotonic() - attempt.dueSinceMonotonic),
      warnings,
    });
    return { outcome: 'rehearsed' };
  }

  #handOver(attempt: Attempt, serving: Serving<Session>, warnings: readonly string[]): RotateNowResult {
    const previous = this.#current;
    const { identity, session } = serving;
    try {
      this.#consumer.activate(session, previous?.session);
    } catch (cause) {
      this.#drains.add(serving);
      const message = `The new session could not be put in use: ${cause instanceof Error ? cause.message : String(cause)}`;
      return this.#fail(attempt, 'unobtainable', new RoteyError('ROTEY_ATTEMPT_FAILED', message, { cause }));
    }
    this.#generation = identity.generation;
    this.#serve(identity, session);
    if (this.#candidate?.pair.id === identity.pair.id) this.#candidate = undefined;
    this.#remakeWanted = undefined; // any new session will do
    this.#record.succeeded();
    if (previous !== undefined) this.#drains.add(previous);
    this.events.emit('rotated', {
      generation: identity.generation,
      pair: summarizePair(identity.pair),
      previous: previous && summarizePair(previous.identity.pair),
      newPair: previous?.identity.pair.id !== identity.pair.id,
      cause: attempt.cause,
      tookMs: Math.round(this.#clock.monotonic() - attempt.dueSinceMonotonic),
      warnings,
    });
    return { outcome: 'rotated', generation: identity.generation };
  }

  #serve(identity: Identity, session: Session): void {
    this.#current = {
      identity,
      session,
      sinceMs: this.#clock.now(),
      remakeFailures: 0,
      remakeFailure: undefined,
      remakeRetryAtMonotonic: this.#clock.monotonic(),
    };
  }

  #fail(attempt: Attempt, verdict: 'refused' | 'unobtainable', error: RoteyError): RotateNowResult {
    this.#record.failed(error);
    const failures = this.#countFailure(attempt, verdict, error);
    const retryInMs = backoffMs(failures, this.#random(), this.#backoff);
    const retryAt = this.#clock.monotonic() + retryInMs;
    if (attempt.what === 'candidate' && this.#candidate) this.#candidate.retryAtMonotonic = retryAt;
    if (attempt.what === 'remake' && this.#current) this.#current.remakeRetryAtMonotonic = retryAt;
    const pair = summarizePair(attempt.identity.pair);
    const { cause } = attempt;
    const step = failedStep(error);
    this.events.emit('attemptFailed', {
      pair,
      cause,
      verdict,
      step,
      error: summarizeError(error),
      failures,
      retryInMs,
    });
    return { outcome: verdict, error };
  }

  #countFailure(attempt: Attempt, verdict: 'refused' | 'unobtainable', error: RoteyError): number {
    if (attempt.what === 'candidate' && this.#candidate?.pair.id === attempt.identity.pair.id) {
      this.#candidate.lastError = error;
      this.#candidate.verdict = verdict;
      return ++this.#candidate.failures;
    }
    // A re-make that somebody asked for is tried once; those that expiry and a due proof ask for are repeated.
    if (attempt.cause !== 'proof-due') this.#remakeWanted = undefined;
    if (this.#current === undefined) return 1;
    this.#current.remakeFailure = {
      verdict,
      error,
      sinceMs: this.#current.remakeFailure?.sinceMs ?? this.#clock.now(),
    };
    return ++this.#current.remakeFailures;
  }

  async #forceAttempt(cause: AttemptCause): Promise<RotateNowResult> {
    if (!this.#isOpen()) throw closedError();
    await this.#readSource();
    if (!this.#isOpen()) throw closedError();
    if (this.#source.current !== undefined) this.#offer(this.#source.current);
    this.#resetBackoff();
    if (this.#candidate === undefined && this.#current === undefined) {
      return { outcome: 'unobtainable', error: noPair(this.#source) };
    }
    if (this.#attempt === undefined) {
      const reason = this.#whyNotNow();
      if (reason !== undefined) return { outcome: 'held', reason };
      if (this.#candidate === undefined) this.#remakeWanted = { cause, sinceMonotonic: this.#clock.monotonic() };
    }
    this.#step();
    if (this.#attempt === undefined) return await this.#forceAttempt(cause); // a listener froze or closed it meanwhile
    const result = await new Promise<RotateNowResult>((resolve) => this.#attemptEnded.push(resolve));
    // Superseded by something newer: the caller wants to know how that one ended.
    return result.outcome === 'superseded' && this.#isOpen() ? await this.#forceAttempt(cause) : result;
  }

  /** Resolves when the source has looked, or at once when the rotation closes: a file system may hang. */
  async #readSource(): Promise<void> {
    let stopWaiting = (): void => undefined;
    const closing = new Promise<void>((resolve) => {
      stopWaiting = resolve;
    });
    this.#reading.add(stopWaiting);
    try {
      await Promise.race([this.#source.readNow(), closing]);
    } finally {
      this.#reading.delete(stopWaiting);
    }
  }

  #isOpen(): boolean {
    return this.#phase === 'open';
  }

  #whyNotNow(): HoldReason | undefined {
    if (this.#candidate === undefined) {
      if (this.#frozen) return 'frozen';
      return this.#mode === 'observe' ? 'rehearsed' : undefined;
    }
    const decision = plan(this.#planInput());
    return decision.next === 'wait' ? decision.held : undefined;
  }

  #resetBackoff(): void {
    const now = this.#clock.monotonic();
    if (this.#candidate !== undefined) {
      this.#candidate.failures = 0;
      this.#candidate.retryAtMonotonic = now;
    }
    if (this.#current !== undefined) this.#current.remakeRetryAtMonotonic = now;
  }

  /** Notices that the machine slept or a clock was set: timers are then off, and the files may be much newer. */
  #watchClocks(): void {
    const byMs = this.#clockWatch.jumpedByMs();
    if (byMs === 0) return;
    this.#resetBackoff();
    this.events.emit('clockJumped', { byMs });
    // A source of the user's may break its promise never to reject; nobody waits for this look.
    this.#readSource().catch(() => undefined);
  }

  #reportExpiry(): void {
    const pair = this.#current?.identity.pair;
    // Told once, so not before somebody listens: the first steps are made before the caller has the rotation.
    if (pair === undefined || this.events.listenerCount('expiring') === 0) return;
    const nowMs = this.#clock.now();
    const level = this.#expiryWatch.news(pair.id, pair.leaf, nowMs);
    if (level === undefined) return;
    this.events.emit('expiring', { pair: summarizePair(pair), level, leftMs: pair.leaf.notAfterMs - nowMs });
  }

  #reportHeld(decision: Extract<Plan, { next: 'wait' }>): void {
    const candidate = this.#candidate;
    const { held } = decision;
    if (candidate === undefined || candidate.heldReported === held) return;
    candidate.heldReported = held;
    if (held === undefined || held === 'retry-later') return;
    this.events.emit('held', { pair: summarizePair(candidate.pair), reason: held });
  }

  async #finish(graceMs: number, keepCurrent: boolean): Promise<void> {
    this.#detachSource();
    this.#wake.clear();
    for (const stopWaiting of this.#reading) stopWaiting();
    this.#attempt?.stop.abort(closedError());
    for (const ended of this.#attemptEnded.splice(0)) ended({ outcome: 'superseded', error: closedError() });
    if (this.#current !== undefined && !keepCurrent) {
      this.#drains.add(this.#current);
      this.#current = undefined;
    }
    await this.#drains.finish(graceMs);
    this.#detachSignal(); // until here an abort still cuts what drains
    this.#phase = 'closed';
    this.#noteState();
  }

  status(): RotationStatus {
    this.#noteState(); // a listener may ask in the middle of a step
    return composeStatus({
      phase: this.#phase,
      mode: this.#mode,
      frozen: this.#frozen,
      nowMs: this.#clock.now(),
      nowMonotonic: this.#clock.monotonic(),
      stateTimes: this.#stateWatch.status(this.#isOpen()),
      current: this.#current,
      candidate: this.#candidate,
      attempt: this.#attempt,
      plan: this.#attempt === undefined && this.#isOpen() ? plan(this.#planInput()) : undefined,
      record: this.#record,
      draining: this.#drains.status,
      source: this.#source.status(),
    });
  }

  #noteState(): void {
    const [phase, current, candidate, attempt] = [this.#phase, this.#current, this.#candidate, this.#attempt];
    this.#stateWatch.note(stateOf({ phase, current, candidate, attempt }));
  }
}
