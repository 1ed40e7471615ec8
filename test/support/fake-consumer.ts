import { RoteyError, type RoteyErrorCode } from '../../src/errors.ts';
import type { Consumer, OpenOutcome, OpenRequest, Retirement } from '../../src/rotation/index.ts';

/** An `open` that waits for the test to decide. */
export interface PendingOpen {
  readonly request: OpenRequest<string>;
  readonly settled: boolean;
  accept(warnings?: readonly string[]): void;
  refuse(message?: string): void;
  lose(message?: string): void;
  reject(error: unknown): void;
}

interface Retiring {
  readonly signal: AbortSignal;
  readonly finish: (callsCut?: number) => void;
}

/**
 * A consumer whose sessions are names (`A#1`: pair A, generation 1; `A#2'` the second of that name), whose every answer
 * is the test's, and which checks the contract that the rotation owes to it.
 */
export class FakeConsumer implements Consumer<string> {
  readonly opens: PendingOpen[] = [];
  /** Every session that was accepted, in order. */
  readonly opened: string[] = [];
  readonly activated: string[] = [];
  readonly retired: string[] = [];
  readonly retiring = new Map<string, Retiring>();
  /** What broke the contract. */
  readonly violations: string[] = [];
  readonly generationOf = new Map<string, number>();
  /** Whether `open` rejects as soon as its signal aborts. Off: it ignores the signal. */
  heedsAbort = true;
  /** Whether sessions are gone as soon as they are retired. */
  retiresAtOnce = false;
  /** Whether `retire` ends as soon as its signal aborts. */
  heedsCut = true;
  openThrows: unknown;
  activateThrows: unknown;
  retireThrows: unknown;
  #unsettled = 0;

  get current(): string | undefined {
    return this.activated.at(-1);
  }

  get outstanding(): number {
    return this.#unsettled;
  }

  /** The last `open`. */
  get last(): PendingOpen {
    const last = this.opens.at(-1);
    if (last === undefined) throw new Error('Nothing was opened.');
    return last;
  }

  open(request: OpenRequest<string>): Promise<OpenOutcome<string>> {
    if (this.#unsettled > 0) this.violations.push(`open of ${request.identity.pair.id} while another is unsettled`);
    if (request.signal.aborted) this.violations.push('open with a signal that is aborted already');
    if (this.openThrows !== undefined) throw this.openThrows;
    this.#unsettled++;
    return new Promise((resolve, reject) => {
      let settled = false;
      const end = (act: () => void): void => {
        if (settled) return;
        settled = true;
        this.#unsettled--;
        act();
      };
      const fail = (verdict: 'refused' | 'unobtainable', code: RoteyErrorCode, message: string): void =>
        end(() => resolve({ verdict, error: new RoteyError(code, message) }));
      this.opens.push({
        request,
        get settled() {
          return settled;
        },
        accept: (warnings) =>
          end(() => {
            const session = this.#sessionFor(request);
            resolve({ verdict: 'accepted', session, ...(warnings === undefined ? {} : { warnings }) });
          }),
        refuse: (message = 'the server said no') => fail('refused', 'ROTEY_CERTIFICATE_REFUSED', message),
        lose: (message = 'the server is down') => fail('unobtainable', 'ROTEY_CONNECT_REFUSED', message),
        reject: (error) => end(() => reject(error)),
      });
      request.signal.addEventListener('abort', () => {
        if (this.heedsAbort) end(() => reject(request.signal.reason));
      });
    });
  }

  activate(session: string, previous: string | undefined): void {
    if (this.activateThrows !== undefined) throw this.activateThrows;
    if (this.retired.includes(session)) this.violations.push(`${session} activated after it was retired`);
    if (previous !== this.current) this.violations.push(`previous is ${previous}, in use is ${this.current}`);
    this.activated.push(session);
  }

  retire(session: string, signal: AbortSignal): Promise<Retirement> {
    if (this.retired.includes(session)) this.violations.push(`${session} retired twice`);
    this.retired.push(session);
    if (this.retireThrows !== undefined) throw this.retireThrows;
    if (this.retiresAtOnce) return Promise.resolve({ callsCut: 0 });
    return new Promise((resolve) => {
      const finish = (callsCut = 0): void => {
        this.retiring.delete(session);
        resolve({ callsCut });
      };
      this.retiring.set(session, { signal, finish });
      const onCut = (): void => {
        if (this.heedsCut) finish(1);
      };
      if (signal.aborted) onCut();
      else signal.addEventListener('abort', onCut);
    });
  }

  #sessionFor({ identity }: OpenRequest<string>): string {
    let session = `${identity.pair.id}#${identity.generation}`;
    while (this.opened.includes(session)) session += "'";
    this.opened.push(session);
    this.generationOf.set(session, identity.generation);
    return session;
  }
}
