import type { Document, LineCounter, Node, YAMLMap } from 'yaml';
import { RoteyError } from '../errors.ts';

/** One entry of a Secret: a file, once it is mounted. */
export interface SecretEntry {
  /** `file.yaml (orders/worker-tls, tls.crt)` */
  readonly where: string;
  /** Which Secret: entries of one belong together. */
  readonly secret: string;
  readonly key: string;
  /** Undefined where it cannot be had, see {@link problem}. */
  readonly bytes: Buffer | undefined;
  readonly problem: RoteyError | undefined;
}

/**
 * Reads the Secrets of a Kubernetes manifest: YAML or JSON, one document or several, lists. `stringData` stands above
 * `data`, as the API server does it. What is wrong with one entry does not hide the others.
 *
 * Messages name places as `file:line:col`, and never what stands there.
 *
 * @throws {RoteyError} `ROTEY_MANIFEST_INVALID` when it is not YAML, or holds no Secret.
 */
export async function readManifest(bytes: Uint8Array, name: string): Promise<readonly SecretEntry[]> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const reader = new ManifestReader(yaml, name, lines);
  return reader.read(Buffer.from(bytes).toString('utf8'));
}

type Yaml = typeof import('yaml');

/** What Kubernetes allows. Nothing else is repeated in messages: in a damaged manifest it could be anything. */
const DATA_KEY = /^[-._a-zA-Z0-9]{1,253}$/;
/** A list of lists is rare already; one that holds itself, by an alias, has no end. */
const MAX_LISTS = 8;
const OBJECT_NAME = /^[a-z0-9][-.a-z0-9]{0,252}$/;

class ManifestReader {
  readonly #yaml: Yaml;
  readonly #name: string;
  readonly #lines: LineCounter;
  readonly #kinds = new Set<string>();
  readonly #entries: SecretEntry[] = [];
  #secrets = 0;

  constructor(yaml: Yaml, name: string, lines: LineCounter) {
    this.#yaml = yaml;
    this.#name = name;
    this.#lines = lines;
  }

  read(text: string): readonly SecretEntry[] {
    for (const document of this.#parse(text)) {
      const [problem] = [...document.errors, ...document.warnings];
      if (problem !== undefined) throw this.#invalid(problem.pos[0], wordsOf(problem.code));
      if (document.contents !== null) this.#readObject(document.contents, document, 0);
    }
    if (this.#secrets > 0) return this.#entries;
    const kinds = [...this.#kinds].join(', ') || 'nothing';
    throw this.#invalid(0, `there is no Secret in it, but ${kinds}`);
  }

  #parse(text: string): readonly Document.Parsed[] {
    try {
      // Not pretty: those messages quote the line that is wrong, and that may be a line of a key.
      const documents = this.#yaml.parseAllDocuments(text, { lineCounter: this.#lines, prettyErrors: false });
      return Array.isArray(documents) ? documents : [];
    } catch {
      throw this.#invalid(0, 'it is nested too deeply, or no YAML at all');
    }
  }

  #readObject(node: Node, document: Document, depth: number): void {
    if (depth > MAX_LISTS) throw this.#invalid(node, 'lists are nested too deeply, or hold themselves');
    const object = this.#resolve(node, document);
    if (!this.#yaml.isMap(object)) throw this.#invalid(node, 'it is not a Kubernetes object');
    const kind = this.#text(object, 'kind', document);
    if (kind === 'Secret') this.#readSecret(object, document);
    else if (kind?.endsWith('List') === true) {
      const items = this.#child(object, 'items', document);
      if (!this.#yaml.isSeq(items)) throw this.#invalid(object, `a ${kind} without items`);
      for (const item of items.items) if (this.#yaml.isNode(item)) this.#readObject(item, document, depth + 1);
    } else
      this.#kinds.add(kind !== undefined && /^[A-Za-z]{1,63}$/.test(kind) ? `a ${kind}` : 'an object without kind');
  }

  #readSecret(object: YAMLMap, document: Document): void {
    this.#secrets++;
    const shown = this.#nameOf(object, document) ?? `Secret ${this.#secrets}`;
    const secret = `${this.#name} (${shown})`;
    const found = new Map<string, SecretEntry>();
    const add = (key: string, content: Buffer | RoteyError): void => {
      const outcome =
        content instanceof RoteyError ? { bytes: undefined, problem: content } : { bytes: content, problem: undefined };
      found.set(key, { where: `${this.#name} (${shown}, ${key})`, secret, key, ...outcome });
    };
    for (const field of ['data', 'stringData'] as const) {
      const values = this.#child(object, field, document);
      for (const { key: keyNode, value } of this.#yaml.isMap(values) ? values.items : []) {
        const key = this.#yaml.isScalar(keyNode) ? String(keyNode.value) : '';
        const place = [value, keyNode].find(this.#yaml.isNode) ?? object;
        if (DATA_KEY.test(key)) add(key, this.#contentOf(this.#resolve(value, document), { field, key, place }));
        else throw this.#invalid(place, `${field} has a key that Kubernetes does not allow`);
      }
    }
    if (this.#text(object, 'type', document) === 'kubernetes.io/tls') {
      for (const key of ['tls.crt', 'tls.key']) {
        if (!found.has(key)) add(key, this.#invalid(object, `a Secret of type kubernetes.io/tls without ${key}`));
      }
    }
    this.#entries.push(...found.values());
  }

  /** `orders/worker-tls` */
  #nameOf(object: YAMLMap, document: Document): string | undefined {
    const metadata = this.#child(object, 'metadata', document);
    if (!this.#yaml.isMap(metadata)) return undefined;
    const parts = ['namespace', 'name'].map((key) => this.#text(metadata, key, document));
    const known = parts.filter((part) => part !== undefined && OBJECT_NAME.test(part));
    return known.length === 0 ? undefined : known.join('/');
  }

  #contentOf(
    node: unknown,
    { field, key, place }: { readonly field: 'data' | 'stringData'; readonly key: string; readonly place: Node },
  ): Buffer | RoteyError {
    const value = this.#yaml.isScalar(node) ? node.value : undefined;
    if (value === null) return Buffer.alloc(0);
    if (typeof value !== 'string') return this.#invalid(place, `${field}.${key} is not a string`);
    if (field === 'stringData') return Buffer.from(value, 'utf8');
    const base64 = value.replace(/\s/g, '');
    if (base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return Buffer.from(base64, 'base64');
    return this.#invalid(place, `data.${key} is not base64; plain text belongs into stringData`);
  }

  #child(object: YAMLMap, key: string, document: Document): unknown {
    return this.#resolve(object.get(key, true), document);
  }

  #text(object: YAMLMap, key: string, document: Document): string | undefined {
    const node = this.#child(object, key, document);
    return this.#yaml.isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
  }

  #resolve(node: unknown, document: Document): unknown {
    return this.#yaml.isAlias(node) ? node.resolve(document) : node;
  }

  #invalid(place: Node | number, why: string): RoteyError {
    const offset = typeof place === 'number' ? place : (place.range?.[0] ?? 0);
    const { line, col } = this.#lines.linePos(offset);
    const [row, column] = [Math.max(1, line), Math.max(1, col)];
    return new RoteyError('ROTEY_MANIFEST_INVALID', `${this.#name}:${row}:${column} ${why}.`, {
      hint: 'It takes manifests of Secrets as `kubectl get secret NAME -o yaml` prints them.',
      context: { name: this.#name, line: row, column },
    });
  }
}

/** Of what the YAML reader found only the kind of mistake is told: its own words may hold what stands there. */
function wordsOf(code: string): string {
  return `it is not YAML as it should be: ${code.toLowerCase().replaceAll('_', ' ')}`;
}
