// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, at the wire.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GrpcOutcome, GrpcRefusal } from '../support/grpc-client.js';
import { encodeField, encodeNestedStruct, encodeTextStruct, RawGrpc } from '../support/raw-grpc.js';
import { type DoorName, DOORS, House, tokenOf } from '../support/two-doors.js';

const NOBODYS_ACTION = '0190a000-0000-7000-8000-000000000000';

let house: House;
let raw: RawGrpc;
let before = 0;

beforeAll(async () => {
  house = await House.open();
  raw = new RawGrpc(house.doors.gateway.grpcAddress);
});

afterAll(async () => {
  raw?.close();
  await house?.close();
});

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

/** Whatever was sent here: no platform heard of it, and the gateway goes on serving on both doors. */
afterEach(async () => {
  const sent = await house.helixSince(before);
  if (sent.length > 0) throw new Error(`Twitch heard of it: ${JSON.stringify(sent)}`);
  for (const door of DOORS) {
    const { status } = await house.doors.execute(door, { ...hello, dry_run: true });
    if (status !== 'PREPARED') throw new Error(`The ${door} door no longer serves: ${status}`);
  }
});

const hello = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'Hello, chat!' },
};

const say = (parameters: object): object => ({ ...hello, parameters });
const of = (changes: object): object => ({ ...hello, ...changes });

/** Lists in lists, that many levels deep. */
function nest(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

/** An outcome that refuses the input because of this field. */
function inputRefusal(field: string, says: RegExp): object {
  return {
    success: false,
    status: 'REFUSED',
    failure: {
      code: 'INVALID_INPUT',
      retryable: false,
      violations: expect.arrayContaining([{ field, message: expect.stringMatching(says) }]),
    },
    result_data: {},
    error: expect.stringContaining(field),
  };
}

/** A refusal of a door, before any action was begun. */
async function refusalOf(call: Promise<unknown>): Promise<GrpcRefusal> {
  return call.then(
    (answer) => {
      throw new Error(`was answered: ${JSON.stringify(answer)}`);
    },
    (error: GrpcRefusal) => error,
  );
}

const post = (body: unknown, headers?: Record<string, string>, path = 'execute') =>
  house.doors.rest('POST', `/api/v1/actions/${path}`, body, headers && { headers });

describe('unknown names', () => {
  const unknown: readonly [object, RegExp][] = [
    [of({ platform: 'twich' }), /Unknown platform: twich\. Did you mean "twitch"\?/],
    [of({ platform: 'TWITCH' }), /Did you mean "twitch"\?/],
    [of({ platform: 'myspace' }), /Unknown platform: myspace\. Known: twitch/],
    [of({ action_type: 'chat_mesage' }), /Did you mean "chat_message"\?/],
    [of({ action_type: 'ban_user' }), /Unknown action type: ban_user/],
    [of({ action_type: 'zzzzzzzzzzzz' }), /Twitch has: chat_message, announcement, whisper/],
    [of({ action_type: 'constructor' }), /Unknown action type: constructor/],
    [of({ platform: '__proto__' }), /Unknown platform: __proto__/],
  ];

  it.each(unknown)('%j', async (envelope, says) => {
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, envelope);
      expect(outcome).toMatchObject({
        status: 'REFUSED',
        failure: { code: 'UNKNOWN_ACTION', retryable: false },
      });
      expect(outcome.error).toMatch(says);
    }
  });
});

describe('fields that are wrong', () => {
  const wrong: readonly [string, object, string, RegExp][] = [
    ['no platform', of({ platform: '' }), 'platform', /is missing/],
    ['no action type', of({ action_type: '' }), 'action_type', /is missing/],
    ['no account', of({ account_id: '' }), 'account_id', /is missing/],
    ['an overlong platform', of({ platform: 'x'.repeat(33) }), 'platform', /at most 32/],
    ['an account that is no id', of({ account_id: '10 01' }), 'account_id', /an id made of/],
    ['a path as an id', of({ actor_id: '../1002' }), 'actor_id', /an id made of/],
    ['a query as an id', of({ account_id: '1001&x=1' }), 'account_id', /an id made of/],
    ['no parameters', { ...hello, parameters: {} }, 'parameters.message', /is missing/],
    [
      'an unknown parameter, with the nearest name',
      say({ mesage: 'hi', message: 'hi' }),
      'parameters.mesage',
      /is not known here\. Did you mean "message"\?/,
    ],
    [
      'an unknown parameter like nothing known',
      say({ message: 'hi', zzzzzzzzzz: 1 }),
      'parameters.zzzzzzzzzz',
      /Known: message, reply_parent_message_id/,
    ],
    [
      'a number for text',
      say({ message: 5 }),
      'parameters.message',
      /must be text: write it in quotes$/,
    ],
    ['a flag for text', say({ message: true }), 'parameters.message', /must be text, not true/],
    ['a list for text', say({ message: ['hi'] }), 'parameters.message', /not a list/],
    ['an object for text', say({ message: { a: 1 } }), 'parameters.message', /not an object/],
    ['null for text', say({ message: null }), 'parameters.message', /is missing/],
    [
      'text that is too long',
      say({ message: 'x'.repeat(501) }),
      'parameters.message',
      /at most 500 characters, and has 501/,
    ],
    [
      'an emoji too many',
      say({ message: '😀'.repeat(501) }),
      'parameters.message',
      /at most 500 characters, and has 501/,
    ],
    [
      'an id as a number',
      { ...hello, action_type: 'ban', parameters: { user_id: 2001 } },
      'parameters.user_id',
      /in quotes, such as "2001"/,
    ],
    [
      'an id as a number with lost digits',
      { ...hello, action_type: 'ban', parameters: { user_id: Number('12345678901234567890') } },
      'parameters.user_id',
      /in quotes/,
    ],
    ['U+0000 in text', say({ message: 'a\u0000b' }), 'parameters.message', /U\+0000/],
    [
      'U+0000 in a name',
      say({ 'a\u0000b': 'x', message: 'm' }),
      'parameters.a\uFFFDb',
      /null character/,
    ],
    ['U+0000 in an id', of({ account_id: '10\u000001' }), 'account_id', /U\+0000/],
    ['U+0000 in a key', of({ idempotency_key: 'a\u0000' }), 'idempotency_key', /U\+0000/],
    ['U+0000 in a request id', of({ request_id: 'a\u0000' }), 'request_id', /U\+0000/],
    ['U+0000 deep inside', say({ message: [['\u0000']] }), 'parameters.message.0.0', /U\+0000/],
    [
      'nested too deep',
      say({ message: nest(40) }),
      'parameters.message',
      /nested more than 32 levels deep/,
    ],
    [
      'an overlong key, counted in bytes',
      of({ idempotency_key: 'é'.repeat(128) }),
      'idempotency_key',
      /at most 255 bytes, and has 256/,
    ],
    ['an overlong request id', of({ request_id: 'x'.repeat(256) }), 'request_id', /at most 255/],
  ];

  it.each(wrong)('%s', async (_name, envelope, field, says) => {
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, envelope);
      // A field of the envelope lies outside of the parameters, whatever its place in the row.
      expect(outcome).toMatchObject(inputRefusal(field, says));
      expect(await house.doors.readStatus(door, outcome.action_id)).toMatchObject({
        status: 'REFUSED',
        failure: { code: 'INVALID_INPUT' },
      });
    }
  });

  it.each(DOORS)('an empty envelope: all that is missing is named (%s)', async (door) => {
    const outcome = await house.doors.execute(door, {});
    expect(outcome).toMatchObject(inputRefusal('platform', /is missing/));
    expect(outcome).toMatchObject(inputRefusal('action_type', /is missing/));
  });

  it.each(DOORS)('several wrong fields are all named (%s)', async (door) => {
    const outcome = await house.doors.execute(
      door,
      of({
        action_type: 'poll_create',
        parameters: { title: '', choices: 'a', duration: 5, colour: 1 },
      }),
    );
    expect(outcome.failure?.violations.map(({ field }) => field).toSorted()).toEqual([
      'parameters.choices',
      'parameters.colour',
      'parameters.duration',
      'parameters.title',
    ]);
  });

  const restOnly: readonly [string, object, string, RegExp][] = [
    ['parameters as text', of({ parameters: 'message=hi' }), 'parameters', /named values/],
    ['parameters as a list', of({ parameters: ['hi'] }), 'parameters', /named values/],
    ['an account as a number', of({ account_id: 1001 }), 'account_id', /in quotes/],
    ['a flag as a word', of({ dry_run: 'perhaps' }), 'dry_run', /true or false/],
    ['an unknown priority', of({ priority: 'URGENT' }), 'priority', /one of NORMAL, HIGH, LOW/],
    ['an unknown member', of({ plattform: 'x' }), 'plattform', /Did you mean "platform"\?/],
    ['half a surrogate pair', say({ message: 'a\uD83D' }), 'parameters.message', /valid Unicode/],
  ];

  it.each(restOnly)('in JSON alone: %s', async (_name, envelope, field, says) => {
    expect(await house.doors.execute('rest', envelope)).toMatchObject(inputRefusal(field, says));
  });

  const later: readonly [string, object][] = [['credential_ref', { credential_ref: 'vault/1' }]];

  it.each(later)('%s is not offered without what it needs', async (field, wish) => {
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, of(wish));
      expect(outcome).toMatchObject({
        status: 'REFUSED',
        failure: { code: 'UNSUPPORTED', violations: [{ field }] },
      });
      expect(outcome.error).toContain(field);
    }
  });

  const times: readonly [string, number, RegExp][] = [
    ['in the past', Date.now() - 60_000, /^lies in the past/],
    ['years ahead', Date.now() + 400 * 86_400_000, /^lies more than a year ahead/],
  ];

  it.each(times)('a time %s is refused', async (_name, at, says) => {
    const run_at = {
      grpc: { seconds: Math.floor(at / 1_000), nanos: 0 },
      rest: new Date(at).toISOString(),
    };
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, of({ run_at: run_at[door] }));
      expect(outcome).toMatchObject(inputRefusal('run_at', says));
    }
  });

  it.each(['tomorrow', '2027-13-45T99:00:00Z', '2027-01-15', '1800000000'])(
    'a time that is none is refused: %s',
    async (run_at) => {
      const outcome = await house.doors.execute('rest', of({ run_at }));
      expect(outcome).toMatchObject(inputRefusal('run_at', /2027-01-31T18:30:00Z/));
    },
  );

  it('a time outside of the calendar is refused as well', async () => {
    const run_at = { seconds: Number.MAX_SAFE_INTEGER, nanos: 0 };
    const outcome = await house.doors.execute('grpc', of({ run_at }));
    expect(outcome).toMatchObject({ success: false, failure: { code: 'INVALID_INPUT' } });
  });
});

describe('text at its limits', () => {
  it.each(DOORS)('500 emoji are 500 characters (%s)', async (door) => {
    const outcome = await house.doors.execute(door, {
      ...say({ message: '😀'.repeat(500) }),
      dry_run: true,
    });
    expect(outcome.prepared?.body).toMatchObject({ message: '😀'.repeat(500) });
  });

  it.each(DOORS)('a key of 255 bytes will do (%s)', async (door) => {
    const outcome = await house.doors.execute(door, {
      ...hello,
      dry_run: true,
      idempotency_key: `${'é'.repeat(127)}x`,
      request_id: 'x'.repeat(255),
    });
    expect(outcome).toMatchObject({ status: 'PREPARED', request_id: 'x'.repeat(255) });
  });

  it('U+FFFD written on purpose is text like any other', async () => {
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, {
        ...say({ message: 'a\uFFFDb' }),
        dry_run: true,
      });
      expect(outcome.prepared?.body).toMatchObject({ message: 'a\uFFFDb' });
    }
  });
});

describe('batches', () => {
  it('an empty one', async () => {
    const refusal = await refusalOf(house.doors.grpc.batch([]));
    expect(refusal).toEqual({
      code: 'INVALID_ARGUMENT',
      details: 'No actions provided',
      nothingSent: true,
    });
    for (const body of [{ actions: [] }, {}, undefined, []]) {
      const { status, headers, body: answer } = await post(body, undefined, 'batch');
      expect([status, answer['error'], headers.get('nothing-sent')]).toEqual([
        400,
        'No actions provided',
        '1',
      ]);
    }
  });

  it('one of 101', async () => {
    const envelopes = Array.from({ length: 101 }, () => hello);
    const refusal = await refusalOf(house.doors.grpc.batch(envelopes));
    expect(refusal).toEqual({
      code: 'INVALID_ARGUMENT',
      details: 'Batch size exceeds maximum of 100',
      nothingSent: true,
    });
    const { status, headers, body } = await post({ actions: envelopes }, undefined, 'batch');
    expect([status, body['error'], headers.get('nothing-sent')]).toEqual([
      400,
      'Batch size exceeds maximum of 100',
      '1',
    ]);
  });

  it('something else than a list', async () => {
    const { status, body } = await post({ actions: { 0: hello } }, undefined, 'batch');
    expect([status, body['error']]).toEqual([400, 'actions must be a list of envelopes']);
  });

  it('things in it that are no envelopes are answered one by one', async () => {
    const actions = [null, 5, 'hello', [], {}, { broadcaster_id: 1001 }];
    const { status, body } = await post({ actions }, undefined, 'batch');
    expect(status).toBe(200);
    expect(body).toMatchObject({ total_count: 6, success_count: 0, failure_count: 6 });
    const answers = body['responses'] as unknown as Record<string, unknown>[];
    for (const answer of answers.slice(0, 5)) {
      expect(answer).toMatchObject({ failure: { code: 'INVALID_INPUT' } });
    }
    expect(answers[5]).toMatchObject({ success: false, message: 'Action execution failed' });
  });
});

describe('too much', () => {
  it('5 MB of parameters', async () => {
    const envelope = say({ message: 'x'.repeat(5_000_000) });
    const refusal = await refusalOf(house.doors.grpc.execute(envelope));
    expect(refusal).toMatchObject({ code: 'RESOURCE_EXHAUSTED', nothingSent: true });
    expect(refusal.details).toMatch(/larger than max/i);
    const { status, headers, body } = await post(envelope);
    expect([status, headers.get('nothing-sent')]).toEqual([413, '1']);
    expect(body).toMatchObject({ status: 413, detail: expect.stringMatching(/too large/) });
  });

  it.each(DOORS)('3 MB of parameters are read, and refused by their field (%s)', async (door) => {
    const outcome = await house.doors.execute(door, say({ message: 'x'.repeat(3_000_000) }));
    expect(outcome).toMatchObject(inputRefusal('parameters.message', /has 3000000/));
    expect(JSON.stringify(outcome).length).toBeLessThan(2_000);
  });

  it.each(DOORS)('ten thousand unknown parameters (%s)', async (door) => {
    const parameters = Object.fromEntries(
      Array.from({ length: 10_000 }, (_empty, index) => [`p${index}`, index]),
    );
    const outcome = await house.doors.execute(door, say({ ...parameters, message: 'm' }));
    expect(outcome).toMatchObject(inputRefusal('parameters.p0', /is not known here/));
    expect(outcome).toMatchObject(inputRefusal('parameters', /has 9980 more names/));
    expect(JSON.stringify(outcome).length).toBeLessThan(10_000);
  });

  it.each([100, 5_000, 100_000])('lists in lists, %d levels deep, in JSON', async (levels) => {
    const lists = '['.repeat(levels) + ']'.repeat(levels);
    for (const [type, name] of [
      ['chat_message', 'message'],
      // Not private: the log keeps what it can of the value.
      ['update_title', 'title'],
      ['poll_create', 'choices'],
      ['chat_message', 'unknown_name'],
    ]) {
      const body = `{"platform":"twitch","action_type":"${type}","account_id":"1001","parameters":{"${name}":${lists}}}`;
      const { status, body: answer } = await post(body);
      expect([type, name, status]).toEqual([type, name, 400]);
      expect(answer).toMatchObject(inputRefusal(`parameters.${name}`, /./));
    }
    const { status, body } = await post(lists);
    expect([status, body['failure']]).toMatchObject([400, { code: 'INVALID_INPUT' }]);
  });

  it.each([40, 5_000, 50_000])('lists in lists, %d levels deep, in a Struct', async (levels) => {
    for (const [type, name] of [
      ['chat_message', 'message'],
      ['update_title', 'title'],
    ] as const) {
      const bytes = Buffer.concat([
        encodeField(1, 'twitch'),
        encodeField(2, type),
        encodeField(3, '1001'),
        encodeField(4, encodeNestedStruct(name, levels)),
      ]);
      const answer = await raw.call('ExecuteAction', bytes).catch((error: GrpcRefusal) => error);
      // A library may give up on its own before the recipe sees it; both are a clear no.
      expect(answer).toSatisfy(
        (given: Record<string, unknown>) =>
          (given['failure'] as { code?: string } | undefined)?.code === 'INVALID_INPUT' ||
          given['nothingSent'] === true,
      );
    }
  });
});

describe('bytes that are no text', () => {
  const damaged = Buffer.from([0x68, 0x69, 0xff, 0xfe]);
  const places: readonly [string, Buffer, string][] = [
    [
      'a parameter',
      Buffer.concat([encodeField(3, '1001'), encodeField(4, encodeTextStruct('message', damaged))]),
      'parameters.message',
    ],
    [
      'the name of a parameter',
      Buffer.concat([encodeField(3, '1001'), encodeField(4, encodeTextStruct(damaged, 'hi'))]),
      'parameters.hi',
    ],
    ['the account', encodeField(3, damaged), 'account_id'],
    [
      'the key',
      Buffer.concat([encodeField(3, '1001'), encodeField(5, damaged)]),
      'idempotency_key',
    ],
    [
      'the end of a cut character',
      Buffer.concat([
        encodeField(3, '1001'),
        encodeField(4, encodeTextStruct('message', Buffer.from('😀').subarray(0, 3))),
      ]),
      'parameters.message',
    ],
    [
      'a surrogate spelled in bytes',
      Buffer.concat([
        encodeField(3, '1001'),
        encodeField(4, encodeTextStruct('message', Buffer.from([0xed, 0xa0, 0x80]))),
      ]),
      'parameters.message',
    ],
  ];

  it.each(places)('gRPC: in %s', async (_name, rest, field) => {
    const bytes = Buffer.concat([encodeField(1, 'twitch'), encodeField(2, 'chat_message'), rest]);
    const answer = (await raw.call('ExecuteAction', bytes)) as unknown as GrpcOutcome;
    expect(answer).toMatchObject({ success: false, failure: { code: 'INVALID_INPUT' } });
    expect(answer.failure?.violations.map((violation) => violation.field)).toContainEqual(
      expect.stringMatching(new RegExp(`^${field}`)),
    );
  });

  it('gRPC: in one envelope of a batch, the others are carried out', async () => {
    const head = [encodeField(1, 'twitch'), encodeField(2, 'chat_message'), encodeField(3, '1001')];
    // dry_run is field 7, a varint.
    const dry = Buffer.from([(7 << 3) | 0, 1]);
    const envelope = (text: string | Buffer): Buffer =>
      Buffer.concat([...head, encodeField(4, encodeTextStruct('message', text)), dry]);
    const bytes = Buffer.concat(
      [envelope('one'), envelope(damaged), envelope('three')].map((one) => encodeField(1, one)),
    );
    const answer = await raw.call('BatchExecute', bytes);
    const statuses = (answer['responses'] as { status: string }[]).map(({ status }) => status);
    expect(statuses).toEqual(['PREPARED', 'REFUSED', 'PREPARED']);
  });

  it('gRPC: noise', async () => {
    const noise = Buffer.from('ffffffffffffffffffffffff', 'hex');
    const refusal = await refusalOf(raw.call('ExecuteAction', noise));
    expect(refusal).toMatchObject({ code: 'INVALID_ARGUMENT', nothingSent: true });
    expect(refusal.details).toMatch(/deserializing/);
  });

  it('gRPC: an unknown method', async () => {
    const refusal = await refusalOf(raw.call('DoAnything', Buffer.alloc(0)));
    expect(refusal.code).toBe('UNIMPLEMENTED');
  });

  it('REST: the whole body is refused', async () => {
    const bytes = Buffer.from(JSON.stringify(say({ message: 'hi??' })));
    bytes.set([0xff, 0xfe], bytes.indexOf('??'));
    const { status, headers, body } = await post(bytes);
    expect([status, body['detail']]).toEqual([400, 'The body is not valid UTF-8']);
    expect(headers.get('nothing-sent')).toBe('1');
  });
});

describe('bodies that are no envelope (REST)', () => {
  const bodies: readonly [string, string, number, RegExp][] = [
    ['cut JSON', '{"platform":"twitch"', 400, /not valid JSON/],
    ['no JSON at all', 'platform=twitch', 400, /not valid JSON/],
    ['a byte order mark', '\uFEFF{}', 400, /not valid JSON/],
  ];

  it.each(bodies)('%s', async (_name, text, expected, says) => {
    const { status, headers, body } = await post(text);
    expect([status, headers.get('nothing-sent')]).toEqual([expected, '1']);
    expect(body).toMatchObject({ detail: expect.stringMatching(says), status: expected });
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it.each(['[]', 'null', '"hello"', '5', 'true', ''])('%j as the body', async (text) => {
    const { status, body } = await post(text);
    expect([status, body['failure']]).toMatchObject([400, { code: 'INVALID_INPUT' }]);
    expect(body['action_id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
    'sent as %s',
    async (type) => {
      const { status, headers, body } = await post(JSON.stringify(hello), { 'content-type': type });
      expect([status, headers.get('nothing-sent')]).toEqual([415, '1']);
      expect(body).toMatchObject({ detail: expect.stringMatching(/application\/json/) });
    },
  );

  it('JSON of a narrower type is read', async () => {
    const { status } = await post(JSON.stringify({ ...hello, dry_run: true }), {
      'content-type': 'application/vnd.action+json; charset=utf-8',
    });
    expect(status).toBe(200);
  });

  it.each([
    ['__proto__', '{"__proto__":{"platform":"twitch"},"action_type":"ban"}'],
    ['constructor', '{"constructor":{"prototype":{"platform":"twitch"}},"action_type":"ban"}'],
  ])('a member called %s is a field nobody knows', async (name, text) => {
    const { status, body } = await post(text);
    expect(status).toBe(400);
    expect(body).toMatchObject(inputRefusal(name, /is not known here/));
    expect(body).toMatchObject(inputRefusal('platform', /is missing/));
  });

  it('a parameter called __proto__ is unknown', async () => {
    const text = JSON.stringify(hello).replace('"message"', '"__proto__"');
    const { status, body } = await post(text);
    expect(status).toBe(400);
    expect(body).toMatchObject(inputRefusal('parameters.__proto__', /is not known here/));
    expect(body).toMatchObject(inputRefusal('parameters.message', /is missing/));
  });
});

it('a parameter called __proto__ is unknown on gRPC as well', async () => {
  const bytes = Buffer.concat([
    encodeField(1, 'twitch'),
    encodeField(2, 'chat_message'),
    encodeField(3, '1001'),
    encodeField(4, encodeTextStruct('__proto__', 'hi')),
  ]);
  const answer = (await raw.call('ExecuteAction', bytes)) as unknown as GrpcOutcome;
  expect(answer).toMatchObject(inputRefusal('parameters.message', /is missing/));
});

describe('the Idempotency-Key header', () => {
  it('that is too long is refused like the field', async () => {
    const { status, body } = await post(hello, { 'idempotency-key': 'x'.repeat(256) });
    expect(status).toBe(400);
    expect(body).toMatchObject(inputRefusal('idempotency_key', /at most 255 bytes/));
  });

  it('that differs from the field is refused', async () => {
    const { status, headers, body } = await post(of({ idempotency_key: 'a' }), {
      'idempotency-key': 'b',
    });
    expect([status, headers.get('nothing-sent')]).toEqual([400, '1']);
    expect(body['detail']).toMatch(/idempotency_key and the Idempotency-Key header differ/);
  });

  it('that says the same will do', async () => {
    const { status } = await post(of({ idempotency_key: 'a', dry_run: true }), {
      'idempotency-key': 'a',
    });
    expect(status).toBe(200);
  });
});

describe('actions of the past', () => {
  it.each(['nonsense', '1', `${NOBODYS_ACTION}0`, "' OR 1=1 --"])('%j is no id', async (id) => {
    const refusal = await refusalOf(house.doors.grpc.readStatus(id));
    expect(refusal).toMatchObject({ code: 'INVALID_ARGUMENT', nothingSent: true });
    expect(refusal.details).toMatch(/action_id must be/);
    for (const method of ['GET', 'DELETE']) {
      const path = `/api/v1/actions/${encodeURIComponent(id)}`;
      const { status, headers, body } = await house.doors.rest(method, path);
      expect([status, headers.get('nothing-sent')]).toEqual([400, '1']);
      expect(body['detail']).toMatch(/action_id must be/);
    }
  });

  it('an unknown one', async () => {
    const refusal = await refusalOf(house.doors.grpc.readStatus(NOBODYS_ACTION));
    expect(refusal).toMatchObject({ code: 'NOT_FOUND', nothingSent: true });
    const cancel = house.doors.grpc.call('CancelAction', { action_id: NOBODYS_ACTION });
    expect(await refusalOf(cancel)).toMatchObject({ code: 'NOT_FOUND', nothingSent: true });
    const { status, headers } = await house.doors.rest('GET', `/api/v1/actions/${NOBODYS_ACTION}`);
    expect([status, headers.get('nothing-sent')]).toEqual([404, '1']);
  });

  it("another caller's is not found, unless one has read_audit", async () => {
    const mine = { token: tokenOf('mine', { permissions: ['execute_actions'] }) };
    const foreign = { token: tokenOf('foreign', { permissions: ['execute_actions'] }) };
    const auditor = { token: tokenOf('auditor', { permissions: ['read_audit'] }) };
    const elsewhere = {
      token: tokenOf('auditor', { permissions: ['read_audit'], accounts: ['9999'] }),
    };
    const { action_id } = await house.doors.execute('grpc', { ...hello, dry_run: true }, mine);
    const path = `/api/v1/actions/${action_id}`;
    for (const allowed of [mine, auditor]) {
      for (const door of DOORS) {
        const found = await house.doors.readStatus(door, action_id, allowed);
        expect(found).toMatchObject({ action_id, status: 'PREPARED' });
      }
    }
    for (const refused of [foreign, elsewhere]) {
      const refusal = await refusalOf(house.doors.grpc.readStatus(action_id, refused));
      expect(refusal).toMatchObject({ code: 'NOT_FOUND', nothingSent: true });
      const { status } = await house.doors.rest('GET', path, undefined, refused);
      expect(status).toBe(404);
    }
  });
});

describe('tokens that permit less', () => {
  const tokens: readonly [string, Record<string, unknown>, RegExp][] = [
    ['nothing', { permissions: [] }, /lacks the permission execute_actions/],
    ['no claim', { permissions: undefined }, /lacks the permission execute_actions/],
    ['other things', { permissions: ['manage_accounts', 'read_audit'] }, /execute_actions/],
    ['other platforms', { platforms: ['discord'] }, /may not act on twitch/],
    ['no platform', { platforms: [] }, /may not act on twitch/],
    ['other accounts', { accounts: ['1003'] }, /may not act for account 1001/],
    ['no account', { accounts: [] }, /may not act for account 1001/],
  ];

  it.each(tokens)('a token for %s', async (_name, claims, says) => {
    const token = tokenOf('narrow', claims);
    for (const door of DOORS) {
      for (const dry_run of [false, true]) {
        const outcome = await house.doors.execute(door, { ...hello, dry_run }, { token });
        expect(outcome).toMatchObject({
          status: 'REFUSED',
          failure: { code: 'NOT_ALLOWED', retryable: false },
        });
        expect(outcome.error).toMatch(says);
      }
      const { responses } = await house.doors.batch(door, [hello, hello], { token });
      expect(responses.map(({ failure }) => failure?.code)).toEqual(['NOT_ALLOWED', 'NOT_ALLOWED']);
    }
  });

  it.each(DOORS)('an actor outside of the token (%s)', async (door: DoorName) => {
    const token = tokenOf('narrow', { accounts: ['1001'] });
    const outcome = await house.doors.execute(door, of({ actor_id: '1002' }), { token });
    expect(outcome).toMatchObject({ failure: { code: 'NOT_ALLOWED' } });
    expect(outcome.error).toMatch(/may not act for account 1002/);
    const own = await house.doors.execute(door, of({ dry_run: true }), { token });
    expect(own.status).toBe('PREPARED');
  });

  const admin: readonly [string, string, unknown][] = [
    ['GET', '/api/v1/accounts', undefined],
    ['GET', '/api/v1/accounts/twitch/1001', undefined],
    ['PUT', '/api/v1/accounts/twitch/1001', { access_token: 'x' }],
    ['DELETE', '/api/v1/accounts/twitch/1001', undefined],
    ['POST', '/api/v1/tokens/store', { broadcaster_id: '1001' }],
    ['POST', '/api/v1/tokens/revoke', { broadcaster_id: '1001' }],
  ];

  it.each(admin)('%s %s needs manage_accounts', async (method, path, body) => {
    const token = tokenOf('worker', { permissions: ['execute_actions', 'read_audit'] });
    const answer = await house.doors.rest(method, path, body, { token });
    expect([answer.status, answer.headers.get('nothing-sent')]).toEqual([403, '1']);
    expect(answer.body['detail']).toMatch(/"worker" lacks the permission manage_accounts/);
  });

  it.each(admin.slice(1))('%s %s of an account outside of the token', async (method, path) => {
    const token = tokenOf('admin', { accounts: ['1003'] });
    const body =
      method === 'PUT'
        ? { access_token: 'x' }
        : { broadcaster_id: '1001', access_token: 'x', refresh_token: 'y' };
    const sent = method === 'GET' || method === 'DELETE' ? undefined : body;
    const revoking = path.endsWith('revoke') ? { broadcaster_id: '1001' } : sent;
    const answer = await house.doors.rest(method, path, revoking, { token });
    expect(answer.status).toBe(403);
    expect(answer.body['detail']).toMatch(/may not touch twitch account 1001/);
  });
});
