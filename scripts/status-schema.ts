/**
 * The schema of the status document. It stands here and not in src/, because nothing that runs needs it: what writes the
 * document is typed, and the tests compare. docs/reference/status.md and status.schema.json are made from it.
 *
 * @module
 */
import { z } from 'zod';
import { PROBLEMS, type ProblemName, type StatusDocument } from '../src/observe/index.ts';

const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const hex = (digits: number): z.ZodString => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const count = z.int().min(0);
const consumer = z.enum(['worker', 'client', 'watch', 'proxy', 'agent']);

const certificate = z
  .strictObject({
    subject: z.string().describe('as in RFC 4514: `O=Example, CN=worker`'),
    issuer: z.string(),
    serial: z
      .string()
      .regex(/^[0-9A-F]+$/)
      .describe('upper-case hex'),
    fingerprint: hex(40).describe('SHA-1, what Temporal Cloud calls the fingerprint'),
    sha256: hex(64),
    notBefore: time,
    notAfter: time,
  })
  .meta({ id: 'certificate', description: 'A certificate: what tells it from others' });

const errorKeys = {
  code: z
    .string()
    .regex(/^(?:ROTEY_[A-Z0-9_]+|INTERNAL)$/)
    .describe('one of errors.md'),
  message: z.string(),
  hint: z.string().nullable().describe('what a person should do'),
};
const error = z.strictObject(errorKeys).meta({ id: 'error', description: 'A failure' });

const source = z.strictObject({
  name: z.string().describe('what the user calls it; the label `name` of its metrics'),
  description: z.string().describe('what is watched, for people'),
  noticedBy: z
    .enum(['events', 'polling', 'caller'])
    .describe(
      'how changes are noticed: by events of the file system with polling behind them, by polling alone, handed in',
    ),
  onDisk: certificate.nullable().describe('the last good pair that was read'),
  lastReadAt: time.nullable().describe('when the last look ended, whatever it found'),
  lastGoodAt: time.nullable().describe('when a usable pair was last seen'),
  lastChangeAt: time.nullable().describe('when the pair last changed'),
  problem: z
    .strictObject({ ...errorKeys, since: time })
    .nullable()
    .describe('why what is there now cannot be used; the last good pair stays'),
});

const rotation = z.strictObject({
  name: z.string().describe('the name of its source'),
  address: z.string().describe('`host:port` of the server'),
  consumer: consumer.describe('what uses it: a process may have Workers and Clients'),
  mode: z.enum(['rotate', 'observe']).describe('`observe`: new pairs are proven, none is used'),
  frozen: z.boolean().describe('the kill switch is on'),
  state: z
    .enum(['starting', 'serving', 'proving', 'holding', 'closing', 'closed'])
    .describe('`holding`: one identity serves, and a candidate waits'),
  stateSince: time.describe('when it came into this state'),
  stateAgeSeconds: z.number().min(0).describe('how long ago that was, without the time that the machine slept'),
  heartbeatAgeSeconds: z
    .number()
    .min(0)
    .nullable()
    .describe('how long ago its loop ran; it does every 10 s or more often'),
  inUse: z
    .strictObject({
      generation: count.describe('counts the sessions from 1'),
      certificate,
      since: time,
      expiry: z
        .enum(['ok', 'warning', 'critical', 'expired'])
        .describe('a third, a tenth, nothing of the lifetime is left'),
    })
    .nullable()
    .describe('the identity that the server has accepted and that serves'),
  inUseFailure: z
    .strictObject({ verdict: z.enum(['refused', 'unobtainable']), ...errorKeys, since: time })
    .nullable()
    .describe('why no further session could be opened with the certificate in use, when that was last tried'),
  candidate: z
    .strictObject({
      certificate,
      seenAt: time,
      failures: count.describe('failed attempts in a row'),
      held: z
        .enum(['refused', 'unobtainable', 'not-yet-valid', 'expired', 'frozen', 'rehearsed'])
        .nullable()
        .describe(
          'why it is not in use; null while it is tried for the first time; `rehearsed`: proven in observe mode',
        ),
      lastError: error.nullable(),
    })
    .nullable()
    .describe('a pair that was read and is not in use'),
  attempt: z
    .strictObject({
      certificate,
      cause: z
        .enum(['new-pair', 'expiry-near', 'requested', 'worker-started', 'proof-due'])
        .describe('why it was begun'),
      since: time,
      aborted: z.boolean().describe('it was given up, and has not ended yet'),
    })
    .nullable()
    .describe('the attempt that is under way'),
  lastAttemptAt: time.nullable().describe('when the last attempt to open a session began'),
  lastSuccessAt: time.nullable().describe('when an attempt last succeeded'),
  lastError: z
    .strictObject({ ...errorKeys, at: time })
    .nullable()
    .describe('the last failure, kept until an attempt succeeds'),
  consecutiveFailures: count.describe('failed attempts since the last one that succeeded'),
  nextAction: z
    .strictObject({ what: z.enum(['attempt', 'look']), at: time })
    .nullable()
    .describe('what happens next by itself'),
  draining: z
    .array(z.strictObject({ generation: count, certificate, since: time, deadline: time }))
    .describe('old sessions that finish their calls; at the deadline those that still run are cut'),
});

const problem = z.strictObject({
  severity: z.enum(['error', 'warning']).describe('with an `error`, `rotey status` ends with exit code 3'),
  what: z.enum(Object.keys(PROBLEMS) as [ProblemName, ...ProblemName[]]).describe('see below'),
  name: z.string().describe('of the source or rotation that it is about'),
  address: z.string().nullable().describe('of the rotation; null for a source'),
  message: z.string().describe('what is wrong, with names and values'),
  hint: z.string().nullable().describe('what a person should do'),
});

export const statusSchema = z.strictObject({
  schema: z.literal(1).describe('goes up when a key changes its meaning or goes away'),
  version: z.string().describe('of rotey'),
  consumer: consumer.describe('what the process is'),
  pid: count.describe('of the process'),
  at: time.describe('when this document was made'),
  healthy: z.boolean().describe('the loops of all rotations run; what `/healthz` answers'),
  ready: z
    .boolean()
    .describe('every rotation has an identity that a server has accepted, and there is one; what `/readyz` answers'),
  problems: z.array(problem).describe('what somebody should look at; errors first'),
  sources: z.array(source).describe('where pairs come from'),
  rotations: z.array(rotation).describe('each source with each of its servers'),
});

/** As published: JSON Schema 2020-12, which refuses keys that it does not know. */
export function statusJsonSchema(): object {
  return {
    ...z.toJSONSchema(statusSchema),
    $id: 'urn:rotey:status:1',
    title: 'Status document of rotey',
  };
}

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;
type IsSame<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** The compiler refuses this when schema and type differ; codes are open in the schema, so that new ones can come. */
type Coded<T> = T extends { code: string; message: string }
  ? { [Key in keyof T]: Key extends 'code' ? string : T[Key] }
  : T extends object
    ? { [Key in keyof T]: Coded<T[Key]> }
    : T;
const same: IsSame<Coded<Mutable<StatusDocument>>, z.infer<typeof statusSchema>> = true;
void same;
