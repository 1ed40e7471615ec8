/**
 * Whether changes are announced. A watch can be installed and say nothing: network and some container mounts take it and
 * never send an event, and then only polling finds what is new. That shows when a change was found that no event had
 * announced, and none comes until the next look has ended either.
 */
export class Hearing {
  #heardSinceLook = false;
  #suspected = false;
  #isDeaf = false;

  /** A change was found without an event, and nothing has been heard since. */
  get isDeaf(): boolean {
    return this.#isDeaf;
  }

  /** There was an event. */
  heard(): void {
    this.#heardSinceLook = true;
    this.#suspected = false;
    this.#isDeaf = false;
  }

  /** A look has ended. `isNews`: it found what no look before it had seen, and everything was being watched. */
  looked(isNews: boolean): void {
    if (this.#suspected) this.#isDeaf = true;
    this.#suspected = isNews && !this.#heardSinceLook;
    this.#heardSinceLook = false;
  }
}
