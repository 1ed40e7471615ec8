import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../duration.ts';

/** For commander's `argParser`: a duration longer than nothing, in milliseconds. */
export function parsePositiveDuration(text: string): number {
  try {
    const ms = parseDuration(text);
    if (ms > 0) return ms;
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
  throw new InvalidArgumentError('It must be longer than nothing.');
}
