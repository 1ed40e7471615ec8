import { inspect } from 'node:util';

/**
 * A text that must not be shown: an API key, a passphrase, a private key. Logging, printing, serialising and comparing
 * texts show a placeholder; {@link Secret.reveal} is the one way to it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.freeze(this);
  }

  /** Hand it to what needs it and to nothing else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}

const PLACEHOLDER = '[secret]';
