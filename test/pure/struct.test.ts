// Real: the codec of google.protobuf.Struct, and the gRPC loader with our options. Nothing is fake.
import { loadSync } from '@grpc/proto-loader';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LOADER_OPTIONS,
  PROTO_DIR,
  PROTO_FILE,
  type ProtoActionRequest,
} from '../../src/doors/grpc/contract.js';
import { decodeStruct, encodeStruct } from '../../src/doors/grpc/struct.js';

interface MessageCodec {
  serialize(value: object): Buffer;
  deserialize(bytes: Buffer): { parameters: ProtoActionRequest['parameters'] };
}

const service = loadSync(PROTO_FILE, {
  ...LOADER_OPTIONS,
  includeDirs: [PROTO_DIR],
})['action_gateway.v1.ActionGateway'] as unknown as {
  ExecuteAction: {
    requestSerialize: MessageCodec['serialize'];
    requestDeserialize: MessageCodec['deserialize'];
  };
};
const { requestSerialize, requestDeserialize } = service.ExecuteAction;

/** Over the wire and back. */
function send(values: Record<string, unknown>): Record<string, unknown> {
  const bytes = requestSerialize({ parameters: encodeStruct(values) });
  return decodeStruct(requestDeserialize(bytes).parameters);
}

// The protobuf library drops what it is to send as __proto__; how we read and write it is tested below.
const name = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__proto__');
const json = fc.dictionary(
  name,
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    ),
  })).value,
);

describe('a Struct', () => {
  it('gives back over the wire what went in', () => {
    fc.assert(
      fc.property(json, (values) => {
        expect(send(values)).toEqual(values);
      }),
    );
  });

  it('leaves out what is undefined, as JSON does', () => {
    expect(encodeStruct({ a: undefined, b: null })).toEqual({
      fields: { b: { nullValue: 'NULL_VALUE' } },
    });
  });

  it('takes a member called __proto__ for one like any other', () => {
    const values = JSON.parse('{"__proto__":{"admin":true},"a":1}') as Record<string, unknown>;
    const { fields } = encodeStruct(values);
    expect(Object.keys(fields ?? {})).toEqual(['__proto__', 'a']);
    const decoded = decodeStruct({
      fields: Object.fromEntries([
        ['__proto__', { kind: 'structValue', structValue: { fields: {} } }],
      ]),
    });
    expect(Object.keys(decoded)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });

  it('reads an absent one as empty', () => {
    expect(decodeStruct(null)).toEqual({});
    expect(decodeStruct(undefined)).toEqual({});
    expect(decodeStruct({})).toEqual({});
    expect(decodeStruct(requestDeserialize(Buffer.alloc(0)).parameters)).toEqual({});
  });

  it('reads values without a kind as null', () => {
    expect(decodeStruct({ fields: { a: {}, b: { kind: 'nullValue' } } })).toEqual({
      a: null,
      b: null,
    });
  });

  it('cuts off below what the recipe refuses anyway, instead of overflowing the stack', () => {
    let value: object = { kind: 'stringValue', stringValue: 'end' };
    for (let level = 0; level < 100_000; level += 1)
      value = { kind: 'listValue', listValue: { values: [value] } };
    let inner: unknown = decodeStruct({ fields: { a: value } });
    let depth = 0;
    while (typeof inner === 'object' && inner !== null) {
      inner = Object.values(inner)[0];
      depth += 1;
    }
    expect(inner).toBeNull();
    expect(depth).toBeGreaterThan(32);
    expect(depth).toBeLessThan(100);
  });
});
