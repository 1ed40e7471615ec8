import type { Published } from './certificates.ts';
import type { FrontendView } from './frontend-view.ts';
import type { Load } from './load.ts';
import { type Speaker, short, type Timeline } from './timeline.ts';
import type { WorkerMessage } from './worker/messages.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Turns what happens into lines of the timeline. */
export class Narrator {
  readonly #timeline: Timeline;
  #newest: string | undefined;
  readonly #said = new Set<string>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  published({ serial, notAfterMs }: Published): void {
    this.#timeline.say(
      'files',
      `${short(serial)} is put in the files, valid until ${this.#timeline.since(notAfterMs)}`,
    );
  }

  followFrontend(view: FrontendView): void {
    const timeline = this.#timeline;
    view
      .on('proven', (serial, atMs, method) => timeline.say('frontend', `${short(serial)} is let in (${method})`, atMs))
      .on('inUse', (serial, atMs, method) => timeline.say('frontend', `${short(serial)} is in use (${method})`, atMs))
      .on('gone', (serial, atMs, method) =>
        timeline.say('frontend', `the last call with ${short(serial)} (${method}) has ended`, atMs),
      )
      .on('failed', ({ serial = '', method, code, endedAtMs }) =>
        timeline.complain('frontend', `${method} with ${short(serial)} ended with ${code}`, endedAtMs),
      );
  }

  followLoad(load: Load): void {
    load.on('workflowFailed', (workflowId, reason) => {
      if (load.failed <= FAILURES_TOLD) this.#timeline.complain('load', `${workflowId} failed: ${reason}`);
      if (load.failed === FAILURES_TOLD) this.#timeline.complain('load', '… and so on');
    });
  }

  progress(load: Load, view: FrontendView): void {
    const { completed, visits, failed } = load;
    const outcome = failed === 0 ? 'nothing failed' : `${failed} failed`;
    this.#timeline.say('load', `${completed} workflows completed, ${visits} visitors; ${outcome}`);
    const refused = view.refusedConnections;
    if (refused > 0) this.#timeline.complain('frontend', `has refused ${refused} connections`);
  }

  followWorker(worker: WorkerProcess): void {
    worker.on('told', (message) => this.#told(message)).on('line', (line) => this.#once(line));
  }

  #told(message: WorkerMessage): void {
    if (message.type === 'log') this.#once(`${message.level}: ${message.message}`);
    if (message.type === 'rotated') this.#newest = message.serial;
    // A connection was made anew with the same certificate, as rotey does once at the start.
    if (message.type === 'drained' && message.serial === this.#newest) return;
    const good = goodNews(message);
    if (good !== undefined) this.#timeline.say('rotey', good);
    const bad = badNews(message);
    if (bad !== undefined) this.#timeline.complain(...bad);
  }

  /** A Worker in trouble says the same again and again. */
  #once(text: string): void {
    const line = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
    const gist = line.replaceAll(/\d+/g, '#').slice(0, GIST);
    if (line.trim() === '' || this.#said.has(gist)) return;
    this.#said.add(gist);
    this.#timeline.complain('worker', line);
  }
}

function goodNews(message: WorkerMessage): string | undefined {
  switch (message.type) {
    case 'candidate':
      return `${short(message.serial)} was read, and is being proven`;
    case 'rotated': {
      const { newPair, serial, tookMs } = message;
      return newPair ? `${short(serial)} has taken over, ${Math.round(tookMs)} ms after it was read` : undefined;
    }
    case 'drained': {
      const polls = message.callsCut === 0 ? 'its long polls may end' : `${message.callsCut} calls were cut`;
      return `${short(message.serial)} gets no more calls on an old connection; ${polls}`;
    }
    default:
      return undefined;
  }
}

function badNews(message: WorkerMessage): readonly [who: Speaker, what: string] | undefined {
  switch (message.type) {
    case 'attemptFailed':
      return ['rotey', `${short(message.serial)} ${message.verdict}: ${message.reason}`];
    case 'held':
      return ['rotey', `${short(message.serial)} waits: ${message.reason}`];
    case 'expiring':
      return ['rotey', `${short(message.serial)} has ${(message.leftMs / 1000).toFixed(1)} s left: ${message.level}`];
    case 'sourceProblem':
      return ['rotey', message.reason];
    case 'replayed':
      return ['worker', `${message.workflowType} was replayed from its history`];
    case 'retried':
      return ['worker', `${message.activityType}: attempt ${message.attempt}`];
    default:
      return undefined;
  }
}

const FAILURES_TOLD = 3;
const LONGEST_LINE = 160;
/** How much of a line is compared with what was said before. */
const GIST = 60;
