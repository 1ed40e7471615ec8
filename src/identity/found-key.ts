import type { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { RoteyError } from '../errors.ts';
import type { PemBlock } from './pem.ts';
import { type KeyFacts, keyFactsOf, type ParsedCertificate } from './read-certificate.ts';
import { isEncrypted, type ReadKeyOptions, readPrivateKey } from './read-key.ts';
import { keyMatches, proveKey } from './select-leaf.ts';

/**
 * A private key that was come across: what may be said of it, and which certificates it belongs to. Never throws, as a
 * key that cannot be opened is something to report too.
 *
 * The key is in a private field, and there is no way to it: whoever needs it reads a pair.
 */
export class FoundKey {
  /** How messages call the input. */
  readonly name: string;
  /** The line of its BEGIN; 1 for DER. */
  readonly line: number;
  readonly encrypted: boolean;
  /** Undefined when it could not be opened. */
  readonly facts: KeyFacts | undefined;
  /** Why it could not be opened. */
  readonly problem: RoteyError | undefined;
  readonly #key: KeyObject | undefined;

  /** @param block as it was read, encrypted or not. */
  constructor(block: PemBlock, { name, passphrase }: ReadKeyOptions) {
    this.name = name;
    this.line = block.line;
    this.encrypted = isEncrypted(block);
    const outcome = open(block, { name, passphrase });
    if (outcome instanceof RoteyError) this.problem = outcome;
    else {
      this.#key = outcome;
      this.facts = keyFactsOf(outcome);
    }
    Object.freeze(this);
  }

  /** Whether it is the key of the certificate; `unknown` when it could not be opened. */
  belongsTo(certificate: ParsedCertificate): 'yes' | 'no' | 'unknown' {
    if (this.#key === undefined) return 'unknown';
    return keyMatches(this.#key, certificate) ? 'yes' : 'no';
  }

  /** Why the key, which belongs to the certificate, does not sign for it all the same: it is damaged. */
  damageFor(certificate: ParsedCertificate, certificateName: string): RoteyError | undefined {
    if (this.#key === undefined) return undefined;
    try {
      proveKey(this.#key, certificate, { key: this.name, certificate: certificateName });
      return undefined;
    } catch (error) {
      if (error instanceof RoteyError) return error;
      throw error;
    }
  }

  /** Whether both are the same key; false when one could not be opened. */
  isSameAs(other: FoundKey): boolean {
    return this.#key !== undefined && other.#key !== undefined && this.#key.equals(other.#key);
  }

  toJSON(): object {
    const { name, line, encrypted, facts } = this;
    return { name, line, encrypted, ...facts };
  }

  [inspect.custom](): string {
    return `FoundKey { name: ${JSON.stringify(this.name)}, line: ${this.line}, type: ${this.facts?.keyType} }`;
  }
}

function open(block: PemBlock, options: ReadKeyOptions): KeyObject | RoteyError {
  try {
    return readPrivateKey(block, options);
  } catch (error) {
    if (error instanceof RoteyError) return error;
    throw error;
  }
}
