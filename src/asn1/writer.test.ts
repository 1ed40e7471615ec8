import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import * as asn1js from 'asn1js';
import fc from 'fast-check';
import { OIDS } from './oids.ts';
import { readDer } from './reader.ts';
import { contextPrimitiveTag, contextTag } from './tags.ts';
import * as der from './writer.ts';

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

/** What an independent implementation reads; it must have read everything. */
function oracle(octets: Uint8Array): asn1js.AsnType {
  const copy = Uint8Array.from(octets);
  const { offset, result } = asn1js.fromBER(copy.buffer);
  assert.equal(offset, copy.length, 'asn1js reads the element to its end');
  return result;
}

describe('DER writer: numbers', () => {
  it('writes signed integers in the fewest octets', () => {
    const known: readonly [bigint, string][] = [
      [0n, '020100'],
      [127n, '02017f'],
      [128n, '02020080'],
      [256n, '02020100'],
      [-1n, '0201ff'],
      [-128n, '020180'],
      [-129n, '0202ff7f'],
      [-256n, '0202ff00'],
    ];
    for (const [value, encoded] of known) assert.equal(hex(der.integer(value)), encoded);
  });

  it('writes every integer so that it reads back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }), (value) => {
        const encoded = der.integer(value);
        assert.equal(readDer(encoded).integer(), value);
        const read = oracle(encoded);
        assert.ok(read instanceof asn1js.Integer);
        assert.equal(read.toBigInt(), value);
      }),
    );
  });

  it('writes a magnitude as a positive integer, whatever its first octets are', () => {
    assert.equal(hex(der.unsignedInteger(Uint8Array.of(0x80))), '02020080');
    assert.equal(hex(der.unsignedInteger(Uint8Array.of(0, 0, 1))), '020101');
    assert.equal(hex(der.unsignedInteger(Uint8Array.of(0, 0))), '020100');
    assert.throws(() => der.unsignedInteger(new Uint8Array(0)), RangeError);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (magnitude) => {
        assert.equal(readDer(der.unsignedInteger(magnitude)).integer(), BigInt(`0x${hex(magnitude)}`));
      }),
    );
  });

  it('writes booleans as DER wants them', () => {
    assert.equal(hex(der.boolean(true)), '0101ff');
    assert.equal(hex(der.boolean(false)), '010100');
  });
});

describe('DER writer: object identifiers', () => {
  it('writes every identifier of the table so that both readers agree', () => {
    for (const oid of Object.values(OIDS)) {
      const encoded = der.objectIdentifier(oid);
      assert.equal(readDer(encoded).oid(), oid);
      assert.equal(oracle(encoded).valueBlock.toString(), oid);
    }
  });

  it('writes arcs of any size', () => {
    const arc = fc.bigInt({ min: 0n, max: 1n << 70n });
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2), fc.nat(39), fc.array(arc, { maxLength: 5 }), (first, second, rest) => {
        const dotted = [first, second, ...rest].join('.');
        assert.equal(readDer(der.objectIdentifier(dotted)).oid(), dotted);
      }),
    );
    assert.equal(hex(der.objectIdentifier('2.999.3')), '0603883703'); // X.690 §8.19.5
  });

  it('refuses what is no identifier', () => {
    for (const dotted of ['', '1', '3.1', '1.40', '1.2.', '1.02', '1.-2', 'a.b', '1.2 ']) {
      assert.throws(() => der.objectIdentifier(dotted), RangeError, dotted);
    }
  });
});

describe('DER writer: strings', () => {
  it('writes named bits without trailing zero bits', () => {
    assert.equal(hex(der.namedBits([0])), '03020780');
    assert.equal(hex(der.namedBits([6, 5])), '03020106');
    assert.equal(hex(der.namedBits([0, 8])), '0303078080');
    assert.equal(hex(der.namedBits([7])), '03020001');
    assert.equal(hex(der.namedBits([])), '030100');
    for (const position of [-1, 0.5, 1024, Number.NaN]) assert.throws(() => der.namedBits([position]), RangeError);
  });

  it('writes octets and bits as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
        assert.equal(hex(readDer(der.octetString(octets)).octetString()), hex(octets));
        assert.deepEqual(readDer(der.bitString(octets)).bitString().unusedBits, 0);
        assert.equal(hex(readDer(der.bitString(octets)).bitString().bytes), hex(octets));
      }),
    );
  });

  it('writes any text as UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.equal(readDer(der.utf8String(text)).string(), text);
        const read = oracle(der.utf8String(text));
        assert.ok(read instanceof asn1js.Utf8String);
        assert.equal(read.getValue(), text);
      }),
    );
    assert.throws(() => der.utf8String('\ud800'), RangeError);
  });

  it('refuses letters outside the alphabet instead of replacing them', () => {
    assert.equal(
      hex(der.printableString("Az09 '()+,-./:=?")),
      `1310${Buffer.from("Az09 '()+,-./:=?").toString('hex')}`,
    );
    for (const text of ['*', '@', '&', '_', 'é', 'a\n', '"'])
      assert.throws(() => der.printableString(text), RangeError);
    assert.equal(hex(der.ia5String('a@b')), '1603614062');
    for (const text of ['é', '\u0080', '✓']) assert.throws(() => der.ia5String(text), RangeError);
  });
});

describe('DER writer: times', () => {
  it('changes from UTCTime to GeneralizedTime at the beginning of 2050', () => {
    assert.equal(ascii(der.time(Date.UTC(2049, 11, 31, 23, 59, 59, 999))), '491231235959Z');
    assert.equal(ascii(der.time(Date.UTC(2050, 0, 1))), '20500101000000Z');
    assert.equal(ascii(der.time(Date.UTC(1950, 0, 1))), '500101000000Z');
    assert.equal(ascii(der.time(Date.UTC(1949, 11, 31))), '19491231000000Z');
    assert.equal(der.time(Date.UTC(2049, 0))[0], 0x17);
    assert.equal(der.time(Date.UTC(2050, 0))[0], 0x18);
  });

  it('writes every second from 1950 to 9999 so that it reads back, and drops what is left of a second', () => {
    const limits = { min: Date.UTC(1950, 0), max: Date.UTC(9999, 11, 31, 23, 59, 59) };
    fc.assert(
      fc.property(fc.integer(limits), (ms) => {
        const seconds = Math.floor(ms / 1000) * 1000;
        assert.equal(readDer(der.time(ms)).time(), seconds);
        const read = oracle(der.time(ms));
        assert.ok(read instanceof asn1js.UTCTime); // GeneralizedTime extends it
        assert.equal(read.toDate().getTime(), seconds);
      }),
    );
  });

  it('refuses times that DER cannot hold', () => {
    for (const ms of [Number.NaN, Date.UTC(10_000, 0), Number.POSITIVE_INFINITY]) {
      assert.throws(() => der.time(ms), RangeError);
    }
    assert.throws(() => der.utcTime(Date.UTC(2050, 0)), RangeError);
  });

  function ascii(octets: Uint8Array): string {
    return Buffer.from(octets.subarray(2)).toString('latin1');
  }
});

describe('DER writer: structures', () => {
  it('writes lengths in the shortest form', () => {
    for (const [size, header] of [
      [0, '0400'],
      [127, '047f'],
      [128, '048180'],
      [255, '0481ff'],
      [256, '04820100'],
      [65_536, '0483010000'],
    ] as const) {
      const encoded = der.octetString(new Uint8Array(size));
      assert.equal(hex(encoded.subarray(0, header.length / 2)), header);
      assert.equal(encoded.length, header.length / 2 + size);
    }
  });

  it('sorts the elements of a SET OF by their encodings', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 8 }), (contents) => {
        const elements = contents.map(der.octetString);
        const encoded = der.setOf(...elements);
        assert.equal(hex(encoded), hex(der.setOf(...elements.toReversed())));
        const written: string[] = [];
        for (const set = readDer(encoded).set(); set.nextTag !== undefined; ) written.push(hex(set.element().raw));
        assert.deepEqual(written, elements.map(hex).sort());
      }),
    );
  });

  it('tags explicitly around an element and implicitly in place of its tag', () => {
    const one = der.integer(1n);
    assert.equal(hex(der.explicit(0, one)), 'a003020101');
    assert.equal(hex(der.implicit(2, der.ia5String('a'))), '820161');
    assert.equal(hex(der.implicit(1, der.sequence(one))), 'a103020101');
    assert.equal(hex(one), '020101', 'the tagged element is a copy');
    assert.equal(der.explicit(30, one)[0], contextTag(30));
    assert.equal(der.implicit(30, one)[0], contextPrimitiveTag(30));
    for (const tag of [-1, 31, 1.5]) {
      assert.throws(() => der.explicit(tag, one), RangeError);
      assert.throws(() => der.implicit(tag, one), RangeError);
    }
    assert.throws(() => der.implicit(0, new Uint8Array(0)), RangeError);
  });

  it('nests as it is called', () => {
    const encoded = der.sequence(der.objectIdentifier('1.2.3'), der.nullValue(), der.sequence(), der.utf8String('é'));
    assert.equal(hex(encoded), '300c' + '06022a03' + '0500' + '3000' + '0c02c3a9');
    assert.ok(oracle(encoded) instanceof asn1js.Sequence);
  });
});
