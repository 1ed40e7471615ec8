import { InvalidArgumentError } from 'commander';
import { parseListenAddress } from '../observe/index.ts';

/** For commander's `argParser`: the address of a health listener, as it stands. */
export function parseListenOption(text: string): string {
  try {
    parseListenAddress(text);
    return text;
  } catch {
    throw new InvalidArgumentError('Write host:port, for example 127.0.0.1:9464.');
  }
}
