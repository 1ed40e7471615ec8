import { styleText } from 'node:util';

/** Who says a line. */
export type Speaker = 'demo' | 'files' | 'rotey' | 'frontend' | 'worker' | 'load';

type Colour = Parameters<typeof styleText>[0];

/** Writes what happens, one line each, in the order in which it is heard of, with the time at which it was. */
export class Timeline {
  readonly #out: NodeJS.WriteStream;
  readonly #coloured: boolean;
  #zeroMs = Date.now();

  constructor(out: NodeJS.WriteStream = process.stdout, env: NodeJS.ProcessEnv = process.env) {
    this.#out = out;
    this.#coloured = out.isTTY === true && !env['NO_COLOR'];
  }

  /** Times are counted from now on. */
  begin(): void {
    this.#zeroMs = Date.now();
  }

  /** `12.3 s`, since the beginning. */
  since(atMs: number): string {
    return `${((atMs - this.#zeroMs) / 1000).toFixed(1)} s`;
  }

  say(speaker: Speaker, text: string, atMs: number = Date.now()): void {
    const time = this.since(atMs).padStart(8);
    this.print(`${this.#paint('dim', time)}  ${this.#paint(COLOURS[speaker], speaker.padEnd(9))} ${text}`);
  }

  /** For what should not have happened. */
  complain(speaker: Speaker, text: string, atMs?: number): void {
    this.say(speaker, this.#paint('red', text), atMs);
  }

  heading(text: string): void {
    this.print(this.#paint('bold', text));
  }

  print(text: string): void {
    this.#out.write(`${text}\n`);
  }

  #paint(colour: Colour, text: string): string {
    return this.#coloured ? styleText(colour, text) : text;
  }
}

/** Enough of a serial number to tell a dozen certificates apart by eye. */
export function short(serial: string): string {
  return serial.slice(0, 8);
}

const COLOURS: Readonly<Record<Speaker, Colour>> = {
  demo: 'dim',
  files: 'cyan',
  rotey: 'green',
  frontend: 'blue',
  worker: 'magenta',
  load: 'yellow',
};
