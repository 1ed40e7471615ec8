import { type Clock, systemClock, Timer } from '../clock.ts';
import { RoteyError } from '../errors.ts';
import { describeDuration, describeTime, type Finding, inspectPair, type Pair } from '../identity/index.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { CheckStepName } from './cause.ts';
import type { CheckReport, CheckStep } from './check-report.ts';
import { diagnose, diagnoseReading } from './diagnose.ts';
import type { Diagnosis } from './evidence.ts';
import { investigate } from './investigate.ts';
import { makeReport } from './make-report.ts';
import { filesOf, type Identity, type Material, readIdentity, readMaterial } from './read-identity.ts';
import { redactDeep, redactorFor } from './redact.ts';
import type { CheckSubject } from './subject.ts';

export interface CheckOptions {
  /** Stops at once: the promise rejects with its reason, and no connection is left. */
  readonly signal?: AbortSignal | undefined;
  /** For one look at the server, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly userAgent?: string | undefined;
  /** Called after each step, for whoever shows them as they come. Must not throw. */
  readonly onStep?: ((step: CheckStep) => void) | undefined;
}

/**
 * Follows a connection from the files to DescribeNamespace, as a Worker would make it, and names the cause of the first
 * thing that fails, or says which ones are possible. Changes nothing anywhere.
 *
 * Besides the probe itself it opens up to two short connections more: one that looks at what the server presents without
 * showing anything, and one without the certificate (or without the CA bundle) where that tells two causes apart.
 *
 * @throws the signal's reason, at once, when it aborts. Everything else that goes wrong is in the report.
 */
export async function runCheck(subject: CheckSubject, options: CheckOptions = {}): Promise<CheckReport> {
  const { signal } = options;
  signal?.throwIfAborted();
  return await unlessAborted(follow(subject, options), signal);
}

async function follow(subject: CheckSubject, options: CheckOptions): Promise<CheckReport> {
  const { signal, clock = systemClock, onStep } = options;
  const redact = redactorFor(subject);
  const log = new CheckLog(clock, (step) => onStep?.(redactDeep(step, redact)));
  const checkedAtMs = clock.now();
  const reading = await readAll(subject, log, { clock, signal });
  if ('diagnosis' in reading) {
    const { diagnosis } = reading;
    return redactDeep(makeReport({ subject, checkedAtMs, steps: log.steps, findings: [], diagnosis }), redact);
  }
  const { identity } = reading;
  const findings = identity.pair === undefined ? [] : lookForFindings(log, identity.pair, clock);
  const evidence = await investigate(subject, identity, { ...options, clock, onStep: (step) => log.add(step) });
  const diagnosis = diagnose(evidence);
  return redactDeep(makeReport({ subject, checkedAtMs, steps: log.steps, findings, diagnosis, evidence }), redact);
}

/** Collects the steps and tells them. */
class CheckLog {
  readonly #clock: Clock;
  readonly #onStep: (step: CheckStep) => void;
  readonly steps: CheckStep[] = [];

  constructor(clock: Clock, onStep: (step: CheckStep) => void) {
    this.#clock = clock;
    this.#onStep = onStep;
  }

  add(step: CheckStep): void {
    this.steps.push(step);
    this.#onStep(step);
  }

  async take<T>(name: CheckStepName, work: () => Promise<T>, detail: (result: T) => string): Promise<T> {
    const startedAt = this.#clock.monotonic();
    try {
      const result = await work();
      this.add({ name, result: 'ok', ms: since(startedAt, this.#clock), detail: detail(result) });
      return result;
    } catch (error) {
      if (error instanceof RoteyError && diagnoseReading(error) !== undefined) {
        this.add({ name, result: 'failed', ms: since(startedAt, this.#clock), detail: error.message });
      }
      throw error;
    }
  }
}

function since(startedAt: number, clock: Clock): number {
  return Math.round((clock.monotonic() - startedAt) * 10) / 10;
}

async function readAll(
  subject: CheckSubject,
  log: CheckLog,
  options: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly identity: Identity } | { readonly diagnosis: Diagnosis }> {
  const paths = filesOf(subject);
  try {
    const read = (): Promise<Material> => unlessStuck(readMaterial(subject), paths, options.clock);
    const material = paths.length === 0 ? await read() : await log.take('files', read, () => paths.join(', '));
    const work = (): Promise<Identity> => readIdentity(subject, material, options);
    const nothingToRead = subject.certificate === undefined && subject.trust === undefined;
    const identity = nothingToRead ? await work() : await log.take('pair', work, describeIdentity(options.clock));
    return { identity };
  } catch (error) {
    const diagnosis = error instanceof RoteyError ? diagnoseReading(error) : undefined;
    if (diagnosis === undefined) throw error;
    return { diagnosis };
  }
}

/** A file system that does not answer for this long will not: as for a watched pair. */
const STUCK_MS = 10_000;

async function unlessStuck<T>(work: Promise<T>, paths: readonly string[], clock: Clock): Promise<T> {
  let giveUp = (): void => undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      const message = `The file system of ${paths.join(', ')} has not answered for ${STUCK_MS / 1000} s.`;
      reject(new RoteyError('ROTEY_FILE_UNREADABLE', message, { retryable: true, context: { paths } }));
    };
  });
  const timer = new Timer(clock, giveUp);
  timer.set(STUCK_MS);
  try {
    return await Promise.race([work, stuck]);
  } finally {
    timer.clear();
    work.catch(() => undefined);
  }
}

function describeIdentity(clock: Clock): (identity: Identity) => string {
  return ({ pair, trust }) => {
    if (pair === undefined) return `no certificate; ${count(trust.length, 'CA certificate')} for the server`;
    const { subject, serial, notAfterMs } = pair.leaf;
    const left = notAfterMs - clock.now();
    const when = left < 0 ? `${describeDuration(-left)} ago` : `in ${describeDuration(left)}`;
    return `"${subject}" (serial ${serial}), ends ${describeTime(notAfterMs)}, ${when}`;
  };
}

function lookForFindings(log: CheckLog, pair: Pair, clock: Clock): readonly Finding[] {
  const startedAt = clock.monotonic();
  const findings = inspectPair(pair, { nowMs: clock.now() });
  const warnings = findings.filter(({ severity }) => severity !== 'info').length;
  const notes = findings.length - warnings;
  const parts = [count(warnings, 'warning'), count(notes, 'note')].filter((part) => part !== '');
  log.add({
    name: 'findings',
    result: warnings > 0 ? 'warning' : 'ok',
    ms: since(startedAt, clock),
    detail: parts.join(', ') || 'none',
  });
  return findings;
}

function count(number: number, what: string): string {
  if (number === 0) return '';
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
