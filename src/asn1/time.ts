/**
 * Times of RFC 5280 §4.1.2.5: `YYMMDDHHMMSSZ` (UTCTime, 1950 to 2049) and `YYYYMMDDHHMMSSZ` (GeneralizedTime), always
 * with seconds, always UTC, never fractions.
 *
 * A GeneralizedTime before 2050 is read although an issuer should not write it: it has one meaning only.
 *
 * @throws {RangeError} with the reason when the text has another form or names no real moment.
 */
export function decodeTime(type: 'utc' | 'generalized', content: Uint8Array): number {
  const text = Buffer.from(content).toString('latin1');
  const [, century, rest] = (type === 'utc' ? /^()(\d{12})Z$/ : /^(\d\d)(\d{12})Z$/).exec(text) ?? [];
  if (century === undefined || rest === undefined) {
    throw new RangeError(`not a ${type === 'utc' ? 'UTCTime' : 'GeneralizedTime'} with seconds and Z`);
  }
  const full = `${century || (rest < '50' ? '20' : '19')}${rest}`;
  const iso = full.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6.000Z');
  const ms = Date.parse(iso);
  // Date.parse moves 31 February into March; a moment that does not read back is not a real one.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw new RangeError('a time that does not exist');
  return ms;
}
