import { basicCredentials } from '../probe/index.ts';
import type { CheckSubject } from './subject.ts';

/** Makes a text fit to be shown: without secrets, and without characters that steer a terminal. */
export type Redact = (text: string) => string;

/** Header names whose values are credentials; other metadata is not secret. */
const CREDENTIAL_NAMES = /auth|token|key|secret|password|cookie/i;

/** The words of servers and proxies are shown as they come, but for these: they steer a terminal, or reorder a line. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu;

/** A shorter text is no secret worth the name, and taking it out would ruin every sentence that holds it. */
const SHORTEST_SECRET = 4;

/**
 * Takes out what was sent to a server or proxy as credentials: nothing here ever writes it down, but the other side may send
 * it back in an error message.
 */
export function redactorFor({ apiKey, metadata = {}, httpConnectProxy }: CheckSubject): Redact {
  const secrets = [
    apiKey,
    httpConnectProxy?.basicAuth?.password,
    httpConnectProxy?.basicAuth === undefined ? undefined : basicCredentials(httpConnectProxy.basicAuth),
    ...Object.entries(metadata).map(([name, value]) => (CREDENTIAL_NAMES.test(name) ? value : undefined)),
  ]
    .filter((secret): secret is string => secret !== undefined && secret.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length); // one may be a part of another
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text).replace(CONTROLS, ' ');
}

/** The same value with every text in it redacted. For plain data: objects, arrays, texts, numbers. */
export function redactDeep<T>(value: T, redact: Redact): T {
  return mapTexts(value, redact) as T; // the same shape
}

function mapTexts(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, redact)]));
}
