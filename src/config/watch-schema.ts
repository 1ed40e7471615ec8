import type { z as Zod } from 'zod';

/** A duration as `parseDuration` reads it; the pattern is for editors. */
const DURATION =
  /^(?=\d)(?:\d+(?:\.\d+)?d)?(?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m)?(?:\d+(?:\.\d+)?s)?(?:\d+(?:\.\d+)?ms)?$/;

/**
 * The configuration of `rotey watch`. Strict: a key that is not known is refused, because it is a typing error and what it
 * was meant to say would be missing.
 */
// Zod's types follow from the code, and are what the reader of the configuration works with.
export function watchSchema(z: typeof Zod) {
  const text = (meaning: string): Zod.ZodOptional<Zod.ZodString> => z.string().min(1).optional().describe(meaning);
  const duration = z.string().regex(DURATION, { error: 'it must be a duration such as 90s, 5m or 1h30m' });
  const connection = {
    certPath: text('client certificate with its chain, PEM; relative to this file'),
    keyPath: text('its private key, PEM; without it the key is in the certificate file'),
    caPath: text("CA bundle for the server's certificate; without it the system's roots count"),
    address: text('host:port of the Temporal frontend'),
    namespaces: z
      .array(z.string().min(1))
      .optional()
      .describe('the certificate must be allowed to describe these; none: only GetSystemInfo is called'),
    serverName: text("name in the server's certificate, where the address is another"),
    passphraseFile: text('file with the passphrase of an encrypted key'),
    apiKeyFile: text('file with an API key that is sent as well; read for every proof'),
    proxy: text('host:port of an HTTP proxy on the way, by CONNECT'),
    proxyCredentialsFile: text('file with user:password for it'),
    proveEvery: z
      .union([z.literal(0), duration], { error: 'it must be a duration such as 90s, 5m or 1h30m, or 0 for never' })
      .optional()
      .describe('how often to prove again what the server has accepted; 0: never. Default: 5m'),
    pollEvery: duration
      .optional()
      .describe('how often to look at the files without an event of the file system. Default: 30s'),
  };
  const name = z
    .string()
    .regex(/^[^\p{Cc}]{1,100}$/u, { error: 'it must have 1 to 100 characters, none of them a control character' })
    .describe('the label `name` of its metrics; each has its own');
  return z.strictObject({
    defaults: z.strictObject(connection).optional().describe('for every watch that does not say otherwise'),
    watches: z
      .array(z.strictObject({ name, ...connection }))
      .min(1)
      .describe('one pair and one server each'),
  });
}

/** As published for editors: JSON Schema 2020-12. */
export async function watchJsonSchema(): Promise<object> {
  const { z } = await import('zod');
  return { ...z.toJSONSchema(watchSchema(z)), $id: 'urn:rotey:watch-config:1', title: 'Configuration of rotey watch' };
}
