/** What a scrape brought, to be asked for single series. */
export class Scraped {
  readonly #series: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];

  constructor(text: string) {
    this.#series = text.split('\n').flatMap((line) => {
      const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (match === null) return [];
      const [, name = '', labels = '', value] = match;
      const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [
        key,
        text,
      ]);
      return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
    });
  }

  /** Each series as one line without its value, and its value. */
  get all(): ReadonlyMap<string, number> {
    return new Map(this.#series.map(({ name, labels, value }) => [`${name}${format(labels)}`, value]));
  }

  labelsOf(name: string): readonly Readonly<Record<string, string>>[] {
    return this.#series.filter((series) => series.name === name).map(({ labels }) => labels);
  }

  /** Of the one series that has these labels, and perhaps others. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.#series.filter(
      (series) => series.name === name && Object.entries(labels).every(([key, value]) => series.labels[key] === value),
    );
    if (found.length > 1) throw new Error(`${name} has ${found.length} series with ${format(labels)}.`);
    return found[0]?.value;
  }
}

/** Scrapes a health listener. */
export async function scrape(address: string): Promise<Scraped> {
  const response = await fetch(`http://${address}/metrics`);
  if (response.status !== 200) throw new Error(`HTTP status ${response.status}: ${await response.text()}`);
  return new Scraped(await response.text());
}

function format(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
