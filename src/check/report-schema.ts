/**
 * The JSON Schema of {@link CheckReport}. docs/reference/check-report.schema.json is made from it; a test holds reports of
 * every cause against it.
 *
 * @module
 */
import { CAUSE_CODES } from './causes.ts';

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const time = { type: 'string', description: 'ISO 8601, UTC' } as const;

const object = (properties: Readonly<Record<string, object>>, optional: readonly string[] = []): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: true,
});

const STEPS = [
  'files',
  'pair',
  'findings',
  'address',
  'dns',
  'tcp',
  'proxy',
  'tls',
  'http2',
  'system-info',
  'namespace',
];
const stepName = { enum: STEPS } as const;

const certificateFacts = {
  subject: text,
  issuer: text,
  serial: text,
  sha256: text,
  sans: texts,
  notBefore: time,
  notAfter: time,
};

/** New fields may come at any time, so unknown ones are allowed. */
export const CHECK_REPORT_SCHEMA: object = Object.freeze({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'rotey check --json',
  ...object(
    {
      schema: { const: 1 },
      checkedAt: time,
      result: {
        enum: ['good', 'problem', 'unreachable'],
        description: 'unreachable: the server could not be asked, so nothing is known about the certificate',
      },
      target: object(
        {
          address: text,
          namespace: text,
          serverName: text,
          httpProxy: text,
          trust: { enum: ['system', 'bundle'] },
          credentials: { type: 'array', items: { enum: ['certificate', 'api-key'] } },
        },
        ['httpProxy'],
      ),
      identity: object({ ...certificateFacts, sha1: text, chain: texts }),
      steps: {
        type: 'array',
        description: 'in their order, up to the first that failed',
        items: object({
          name: stepName,
          result: { enum: ['ok', 'warning', 'failed'] },
          ms: { type: 'number' },
          detail: text,
        }),
      },
      settings: {
        type: 'array',
        description: 'every setting with its origin; secrets are replaced. Printed by the command line only',
        items: object({
          name: text,
          value: text,
          from: { enum: ['flag', 'environment', 'config-file', 'profile', 'default'] },
          origin: text,
        }),
      },
      findings: {
        type: 'array',
        description: 'see findings.md',
        items: object({ code: text, severity: { enum: ['error', 'warning', 'info'] }, message: text, remedy: text }),
      },
      cause: object({
        code: { enum: CAUSE_CODES, description: 'see check-causes.md; new ones may come in a minor release' },
        step: stepName,
        title: text,
        message: text,
        perhaps: { ...texts, description: 'two or more where it cannot be known; empty where the title is the cause' },
        remedy: text,
      }),
      server: object(
        {
          version: text,
          protocol: text,
          cipher: text,
          alpn: text,
          trustedBy: text,
          certificate: object(certificateFacts),
          chain: texts,
          asksForCertificate: { type: 'boolean' },
          acceptedAuthorities: texts,
        },
        [
          'version',
          'protocol',
          'cipher',
          'alpn',
          'trustedBy',
          'certificate',
          'chain',
          'asksForCertificate',
          'acceptedAuthorities',
        ],
      ),
      calls: {
        type: 'array',
        items: object(
          {
            method: { enum: ['GetSystemInfo', 'DescribeNamespace'] },
            namespace: text,
            code: { type: 'integer', minimum: 0, maximum: 16 },
            status: text,
            origin: { enum: ['grpc', 'http', 'transport'] },
            message: text,
            ms: { type: 'number' },
          },
          ['namespace'],
        ),
      },
    },
    ['identity', 'cause', 'settings'],
  ),
});
