// Real: the gRPC loader with our options, and the marking of damaged text. Nothing is fake.
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import { parseEnvelope } from '../../src/actions/envelope.js';
import {
  decodeRequest,
  LOADER_OPTIONS,
  markDamagedText,
  PROTO_DIR,
  PROTO_FILE,
  type ProtoActionRequest,
} from '../../src/doors/grpc/contract.js';
import { encodeStruct } from '../../src/doors/grpc/struct.js';

const service = loadSync(PROTO_FILE, {
  ...LOADER_OPTIONS,
  includeDirs: [PROTO_DIR],
})['action_gateway.v1.ActionGateway'] as unknown as {
  ExecuteAction: {
    requestSerialize(value: object): Buffer;
    requestDeserialize(bytes: Buffer): ProtoActionRequest;
  };
};
const { requestSerialize, requestDeserialize } = service.ExecuteAction;

const PLACEHOLDER = 'ZZZZ';

/** A request whose placeholder text became these bytes on its way. */
function receive(request: object, bytes: readonly number[]): ProtoActionRequest {
  const sent = requestSerialize(request);
  const at = sent.indexOf(PLACEHOLDER);
  Buffer.from(bytes).copy(sent, at);
  return markDamagedText(sent, requestDeserialize(sent));
}

const request = (more: object) => ({ platform: 'twitch', action_type: 'ban', ...more });
const say = (message: string) => request({ parameters: encodeStruct({ message }) });

describe('markDamagedText', () => {
  it.each([
    ['a byte that never occurs', [0xff, 0x41, 0x41, 0x41]],
    ['half a character', [0x41, 0x41, 0x41, 0xc3]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80, 0x41]],
    ['a character spelled too long', [0xc0, 0xaf, 0x41, 0x41]],
  ])('marks %s, so that its field is refused by name', (_damage, bytes) => {
    const received = receive(say(`hi ${PLACEHOLDER}`), bytes);
    expect(() => parseEnvelope(decodeRequest(received))).toThrow(
      'parameters.message: is not valid Unicode text',
    );
  });

  it('marks damage in the fields of the envelope too', () => {
    const received = receive(request({ request_id: PLACEHOLDER }), [0xff, 0xff, 0xff, 0xff]);
    expect(() => parseEnvelope(decodeRequest(received))).toThrow(
      'request_id: is not valid Unicode text',
    );
  });

  it('marks damage in the names of parameters', () => {
    const parameters = encodeStruct({ [PLACEHOLDER]: 'hi' });
    const received = receive(request({ parameters }), [0xff, 0x41, 0x41, 0x41]);
    expect(() => parseEnvelope(decodeRequest(received))).toThrow(/parameters\..*not valid Unicode/);
  });

  it.each(['plain', 'äöü 𝄞 👩‍👩‍👧', 'a real \uFFFD and another \uFFFD', ''])(
    'leaves "%s" as it is',
    (text) => {
      const bytes = requestSerialize(say(text));
      const message = requestDeserialize(bytes);
      expect(markDamagedText(bytes, message)).toBe(message);
      expect(decodeRequest(message)['parameters']).toEqual({ message: text });
    },
  );

  it('marks a message that holds both a real U+FFFD and damage', () => {
    const received = receive(say(`\uFFFD ${PLACEHOLDER}`), [0x41, 0xff, 0x41, 0x41]);
    expect(() => parseEnvelope(decodeRequest(received))).toThrow('not valid Unicode text');
  });
});
