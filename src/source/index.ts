/**
 * Where pairs come from: watched files, memory. Emits only whole, self-consistent pairs.
 * May import errors, clock, safe-emitter and identity. Must never know what a pair is used for, or by whom.
 *
 * @module
 */
export { type FileSourceOptions, watchFiles } from './file-source.ts';
export { MemorySource } from './memory-source.ts';
export type { PairSource, PairSourceEvents, SourceStatus } from './pair-source.ts';
export {
  type FilesSnapshot,
  fromFsError,
  MAX_FILE_BYTES,
  type PairFiles,
  readFiles,
  readSingleFile,
} from './read-files.ts';
