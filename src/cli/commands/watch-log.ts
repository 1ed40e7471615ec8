import type { Logger } from 'pino';
import { escapeControls } from '../../identity/index.ts';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'silent'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;

export interface LogOptions {
  readonly level: (typeof LOG_LEVELS)[number];
  readonly format: (typeof LOG_FORMATS)[number];
  readonly note: (line: string) => void;
}

/** Nobody logs these on purpose; it is the net below. */
const SECRETS = ['apiKey', 'passphrase', 'privateKeyPem', 'basicAuth', 'metadata'];

/** One line an event: JSON for programs, or text for people. Written at once, so that no line is lost at the end. */
export async function openLog({ level, format, note }: LogOptions): Promise<Logger> {
  const { pino } = await import('pino');
  const write = (line: string): void => note(format === 'json' ? line.trimEnd() : asText(line));
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...SECRETS, ...SECRETS.map((name) => `*.${name}`)], censor: '[secret]' },
    },
    { write },
  );
}

/** `2026-01-01T12:00:00.000Z warn  orders: The server refuses … code=ROTEY_… */
function asText(line: string): string {
  const { level, time, message, watch, ...rest }: Record<string, unknown> = JSON.parse(line);
  const about = watch === undefined ? '' : `${String(watch)}: `;
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${quote(value)}`);
  // Names, paths and what a server says come from outside: they make no line of their own, and a terminal obeys none of it.
  return escapeControls(
    `${String(time)} ${String(level).padEnd(5)} ${about}${String(message).replaceAll('\n', '; ')}${fields.join('')}`,
  );
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[\s"]/.test(text) ? JSON.stringify(text) : text;
}
