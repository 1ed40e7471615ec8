import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeStringField, readStringField } from './protobuf.ts';

describe('protobuf string fields', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.integer({ min: 1, max: 2000 }), (text, field) => {
        assert.equal(readStringField(encodeStringField(field, text), field), text);
      }),
    );
  });

  it('finds a field behind others of every wire type', () => {
    const others = Buffer.from([0x08, 0xff, 0x01, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1a, 2, 9, 9, 0x25, 1, 2, 3, 4]);
    assert.equal(readStringField(Buffer.concat([others, encodeStringField(9, 'x')]), 9), 'x');
  });

  it('takes the last of several, and says undefined where there is none', () => {
    const twice = Buffer.concat([encodeStringField(1, 'a'), encodeStringField(1, 'b')]);
    assert.equal(readStringField(twice, 1), 'b');
    assert.equal(readStringField(twice, 2), undefined);
    assert.equal(readStringField(Buffer.alloc(0), 1), undefined);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void readStringField(bytes, 1)));
  });
});
