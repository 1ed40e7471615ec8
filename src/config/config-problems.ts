import { RoteyError } from '../errors.ts';
import { formatPath, type YamlDocument, type YamlPath } from './yaml-document.ts';

/** More are not read by anybody. */
const MAX_TOLD = 10;

/** What is wrong with the file, in the order in which it was found. */
export class ConfigProblems {
  readonly #document: YamlDocument;
  readonly #file: string;
  readonly #lines: string[] = [];

  constructor(document: YamlDocument, file: string) {
    this.#document = document;
    this.#file = file;
  }

  /** About a value. */
  add(path: YamlPath, why: string): void {
    this.#tell(this.#document.placeOf(path), path, why);
  }

  /** About a key. */
  addKey(path: YamlPath, why: string): void {
    this.#tell(this.#document.placeOfKey(path), path, why);
  }

  throwIfAny(): void {
    if (this.#lines.length > 0) throw this.error();
  }

  error(): RoteyError {
    const more = this.#lines.length - MAX_TOLD;
    const told = this.#lines.slice(0, MAX_TOLD);
    if (more > 0) told.push(`and ${more} more.`);
    return new RoteyError('ROTEY_CONFIG_INVALID', told.join('\n'), {
      hint: 'Correct the file; docs/guides/watch.md describes it, docs/reference/watch-config.schema.json is its schema.',
      context: { file: this.#file, problems: this.#lines.length },
    });
  }

  #tell(place: string, path: YamlPath, why: string): void {
    // Defaults are the same for every watch; once is enough.
    const line = `${place}${path.length === 0 ? '' : ` ${formatPath(path)}`}: ${why}.`;
    if (!this.#lines.includes(line)) this.#lines.push(line);
  }
}
