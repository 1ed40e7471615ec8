import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromBER } from 'asn1js';
import fc from 'fast-check';
import { RoteyError } from '../errors.ts';
import { contextTag, type DerReader, MAX_DER_BYTES, MAX_DER_DEPTH, nameOfOid, OIDS, readDer, TAG } from './index.ts';

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function read<T>(hex: string, take: (reader: DerReader) => T): T {
  const reader = readDer(bytes(hex));
  const value = take(reader);
  reader.end();
  return value;
}

function refuses(hex: string, take: (reader: DerReader) => unknown, reason: RegExp, offset?: number): void {
  assert.throws(
    () => read(hex, take),
    (error: unknown) => {
      assert.ok(error instanceof RoteyError);
      assert.equal(error.code, 'ROTEY_DER_MALFORMED');
      assert.match(error.message, reason);
      if (offset !== undefined) assert.equal(error.context['offset'], offset);
      return true;
    },
  );
}

const time = (tag: 'utc' | 'generalized', text: string): string =>
  `${tag === 'utc' ? '17' : '18'}${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`;

describe('structure', () => {
  it('walks nested elements and says where each one is', () => {
    const sequence = readDer(bytes('30 06 02 01 05 a0 01 00')).sequence();
    assert.equal(sequence.integer(), 5n);
    const tagged = sequence.element(contextTag(0));
    assert.deepEqual([tagged.offset, tagged.contentOffset, tagged.content.length], [5, 7, 1]);
    sequence.end();
  });

  it('takes optional elements only when they are there', () => {
    const reader = readDer(bytes('05 00'));
    assert.equal(reader.optional(TAG.integer), undefined);
    assert.equal(reader.enterOptional(TAG.sequence), undefined);
    reader.null();
    assert.equal(reader.nextTag, undefined);
  });

  const element = (reader: DerReader): unknown => reader.element();
  for (const [what, hex, reason, offset] of [
    ['nothing', '', /ends where another/, 0],
    ['a tag alone', '30', /length is missing/, 1],
    ['contents that are cut off', '30 05 02 01', /5 bytes where 2 are left/, 0],
    ['bytes behind', '05 00 00', /1 bytes follow/, 2],
    ['an indefinite length', '30 80 00 00', /indefinite/, 1],
    ['a long form that fits the short one', '04 81 01 00', /shortest/, 1],
    ['a length with a leading zero', '04 82 00 80', /shortest/, 1],
    ['a length of five octets', '04 85 01 00 00 00 00', /5 octets/, 1],
    ['a length that is cut off', '04 82 01', /cut off/, 1],
    ['a tag of two octets', '1f 81 00', /more than one octet/, 0],
    ['the end-of-contents tag', '00 00', /indefinite form/, 0],
  ] as const) {
    it(`refuses ${what}`, () => refuses(hex, element, reason, offset));
  }

  it('refuses another tag than expected', () =>
    refuses('04 00', (reader) => reader.sequence(), /0x04 stands where 0x30/));

  it('reads lengths of every size', () => {
    for (const length of [0, 127, 128, 255, 256, 65_535, 65_536]) {
      const size = length < 128 ? [length] : lengthOctets(length);
      const input = Buffer.concat([Buffer.from([0x04, ...size]), Buffer.alloc(length)]);
      assert.equal(readDer(input).octetString().length, length);
    }
  });

  it('refuses what is too large or too deep', () => {
    assert.throws(() => readDer(Buffer.alloc(MAX_DER_BYTES + 1)), { code: 'ROTEY_DER_MALFORMED' });
    let reader = readDer(nest(MAX_DER_DEPTH + 1));
    for (let depth = 0; depth < MAX_DER_DEPTH; depth++) reader = reader.sequence();
    assert.throws(() => reader.sequence(), /deeper than 32/);
  });
});

function lengthOctets(length: number): number[] {
  const hex = length.toString(16);
  const octets = [...Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')];
  return [0x80 | octets.length, ...octets];
}

function nest(depth: number): Uint8Array {
  let inner = Buffer.alloc(0);
  for (let level = 0; level < depth; level++) {
    const size = inner.length < 128 ? [inner.length] : lengthOctets(inner.length);
    inner = Buffer.concat([Buffer.from([0x30, ...size]), inner]);
  }
  return inner;
}

describe('values', () => {
  it('reads integers of either sign', () => {
    for (const [hex, value] of [
      ['02 01 00', 0n],
      ['02 01 7f', 127n],
      ['02 02 00 80', 128n],
      ['02 01 80', -128n],
      ['02 02 ff 7f', -129n],
      ['02 09 00 ff ff ff ff ff ff ff ff', 0xffff_ffff_ffff_ffffn],
    ] as const) {
      assert.equal(
        read(hex, (reader) => reader.integer()),
        value,
      );
    }
  });

  it('reads object identifiers with large and joined arcs', () => {
    assert.equal(
      read('06 03 55 04 03', (reader) => reader.oid()),
      '2.5.4.3',
    );
    assert.equal(
      read('06 03 88 37 03', (reader) => reader.oid()),
      '2.999.3',
    );
    assert.equal(
      read('06 01 00', (reader) => reader.oid()),
      '0.0',
    );
    assert.equal(
      read('06 06 2b 8f ff ff ff 7f', (reader) => reader.oid()),
      '1.3.4294967295',
    );
  });

  it('reads every kind of text', () => {
    for (const [hex, text] of [
      ['0c 03 e2 82 ac', '€'],
      ['13 02 2a 40', '*@'],
      ['16 01 61', 'a'],
      ['14 01 e9', 'é'],
      ['1e 02 20 ac', '€'],
      ['1c 04 00 01 f6 00', '😀'],
    ] as const) {
      assert.equal(
        read(hex, (reader) => reader.string()),
        text,
      );
    }
  });

  it('reads both kinds of time', () => {
    const at = (hex: string): string => new Date(read(hex, (reader) => reader.time())).toISOString();
    assert.equal(at(time('utc', '491231235959Z')), '2049-12-31T23:59:59.000Z');
    assert.equal(at(time('utc', '500101000000Z')), '1950-01-01T00:00:00.000Z');
    assert.equal(at(time('generalized', '20500101000000Z')), '2050-01-01T00:00:00.000Z');
    assert.equal(at(time('generalized', '99991231235959Z')), '9999-12-31T23:59:59.000Z');
  });

  for (const [what, hex, take, reason] of [
    ['an INTEGER without contents', '02 00', 'integer', /without contents/],
    ['an INTEGER with a spare zero', '02 02 00 01', 'integer', /shortest/],
    ['an INTEGER with a spare sign', '02 02 ff 80', 'integer', /shortest/],
    ['a BOOLEAN of 1', '01 01 01', 'boolean', /BOOLEAN/],
    ['a BOOLEAN of two octets', '01 02 ff ff', 'boolean', /BOOLEAN/],
    ['a NULL with contents', '05 01 00', 'null', /NULL/],
    ['a BIT STRING without contents', '03 00', 'bitString', /unused bits/],
    ['a BIT STRING with 8 unused bits', '03 02 08 00', 'bitString', /unused bits/],
    ['a BIT STRING with unused bits of nothing', '03 01 01', 'bitString', /unused bits/],
    ['a BIT STRING whose unused bits are set', '03 02 01 01', 'bitString', /not zero/],
    ['an empty OBJECT IDENTIFIER', '06 00', 'oid', /without contents/],
    ['an OBJECT IDENTIFIER that is cut off', '06 02 55 84', 'oid', /cut off/],
    ['an OBJECT IDENTIFIER with a spare octet', '06 03 55 80 03', 'oid', /shortest/],
    ['an OBJECT IDENTIFIER of 65 bytes', `06 41 ${'01'.repeat(65)}`, 'oid', /limit is 64/],
    ['text that is not UTF-8', '0c 01 ff', 'string', /UTF-8/],
    ['text that is not ASCII', '16 01 ff', 'string', /ASCII/],
    ['half a character', '1e 01 00', 'string', /half/],
    ['a character beyond Unicode', '1c 04 00 11 00 00', 'string', /code point/],
    ['a number as text', '02 01 00', 'string', /not a string/],
    ['a number as time', '02 01 00', 'time', /not a time/],
    ['a time without seconds', time('utc', '4912312359Z'), 'time', /UTCTime/],
    ['a time with a zone', time('utc', '491231235959+0100'), 'time', /UTCTime/],
    ['a time with fractions', time('generalized', '20500101000000.5Z'), 'time', /GeneralizedTime/],
    ['31 February', time('utc', '260231000000Z'), 'time', /does not exist/],
    ['a leap second', time('utc', '161231235960Z'), 'time', /does not exist/],
    ['24:00', time('utc', '260101240000Z'), 'time', /does not exist/],
  ] as const) {
    it(`refuses ${what}`, () => refuses(hex, (reader) => reader[take](), reason));
  }
});

/** Every element, into every structure: the most that can be asked of a reader. Answers with the tags it met. */
function walk(reader: DerReader): readonly number[] {
  const tags: number[] = [];
  while (reader.nextTag !== undefined) {
    const element = reader.element();
    tags.push(element.tag);
    if ((element.tag & 0x20) !== 0) tags.push(...walk(reader.into(element)));
  }
  return tags;
}

describe('any bytes', () => {
  it('are read or refused with a RoteyError', () => {
    const takes = ['element', 'sequence', 'integer', 'boolean', 'bitString', 'oid', 'string', 'time', 'null'] as const;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...takes), (input, take) => {
        try {
          readDer(input)[take]();
          walk(readDer(input));
        } catch (error) {
          if (!(error instanceof RoteyError)) throw error;
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('that are read here are read by asn1js as well', () => {
    // Bytes that begin like a structure, so that a good part of them is one.
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.uint8Array({ maxLength: 4 }).map((content) => Buffer.from([0x04, content.length, ...content])),
        fc.array(tie('node'), { maxLength: 3 }).map((parts) => {
          const content = Buffer.concat(parts.filter((part) => part instanceof Uint8Array));
          return Buffer.from([
            0x30,
            ...(content.length < 128 ? [content.length] : lengthOctets(content.length)),
            ...content,
          ]);
        }),
      ),
    })).node;
    const damage = fc.option(fc.tuple(fc.nat(30), fc.nat(255)), { freq: 2 });
    fc.assert(
      fc.property(tree, damage, (node, change) => {
        const input = Buffer.from(node as Uint8Array);
        if (change !== null && change[0] < input.length) input[change[0]] = change[1];
        let tags: readonly number[];
        try {
          tags = walk(readDer(input));
        } catch (error) {
          assert.ok(error instanceof RoteyError);
          return;
        }
        // asn1js decodes the values of other types right away (an empty time is an error to it); a walk does not.
        fc.pre(tags.every((tag) => tag === TAG.octetString || tag === TAG.sequence));
        assert.ok(fromBER(input).offset > 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the table of identifiers', () => {
  it('gives every identifier one name', () => {
    const oids = Object.values(OIDS);
    assert.equal(new Set(oids).size, oids.length);
    for (const [name, oid] of Object.entries(OIDS)) assert.equal(nameOfOid(oid), name);
    assert.equal(nameOfOid('1.2.3.4'), '1.2.3.4');
  });
});
