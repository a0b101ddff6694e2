// Real: the harness of the contract tests. Fake: a platform with a contract of its own, and actions on it
// with faults on purpose, each of which must be found.
import { describe, expect, it } from 'vitest';
import {
  type ActionContext,
  type ActionDeclaration,
  defineAction,
  type Upstream,
} from '../../src/actions/action.js';
import { Choice, Flag, Id, Integer, List, Text } from '../../src/actions/fields.js';
import type { PlatformRequest } from '../../src/actions/wire.js';
import { findAnswerFaults, type GivenAnswer } from '../support/contract/answers.js';
import { Contract } from '../support/contract/contract.js';
import { AcceptedFaults, describeFaults } from '../support/contract/exceptions.js';
import { Trial } from '../support/contract/trial.js';

const TOY = new Contract('toy', {
  source: 'this test',
  date: '2026-11-30',
  operations: {
    'POST /rooms/{room_id}/notes': {
      id: 'write-note',
      path: { room_id: { type: 'string', pattern: '^[0-9]+$' } },
      query: { author_id: { type: 'string' }, loud: { type: 'boolean' } },
      requiredQuery: ['author_id'],
      types: ['application/json'],
      body: { $ref: '#/schemas/Note' },
      bodyRequired: true,
      answers: { '200': { $ref: '#/schemas/WrittenNote' } },
      tokens: ['user'],
      scopes: [['notes:write'], ['notes:manage', 'rooms:manage']],
    },
    'GET /rooms/{room_id}/notes': {
      id: 'list-notes',
      path: { room_id: { type: 'string' } },
      query: { first: { type: 'integer', minimum: 1, maximum: 100 } },
      answers: { '200': { type: 'array', items: { $ref: '#/schemas/WrittenNote' } } },
      tokens: ['user'],
      scopes: [],
    },
    'POST /pictures': {
      id: 'show-picture',
      media: { types: ['image/*'], maxBytes: 1_000 },
      answers: { '200': { $ref: '#/schemas/WrittenNote' } },
      tokens: ['user'],
      scopes: [],
    },
  },
  schemas: {
    Note: {
      type: 'object',
      required: ['text'],
      properties: {
        text: { type: 'string', minLength: 1, maxLength: 80 },
        seconds: { type: 'integer', minimum: 1, maximum: 600 },
        colour: { type: 'string', enum: ['red', 'blue'] },
        tags: { type: 'array', items: { type: 'string', maxLength: 10 }, maxItems: 3 },
      },
      additionalProperties: false,
    },
    WrittenNote: {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string' } },
      additionalProperties: false,
    },
  },
});

class Note {
  @Id('Id of the room', { example: '12' })
  room_id!: string;

  @Text('The note', { max: 80, example: 'Milk' })
  text!: string;

  @Integer('How long', { optional: true, min: 1, max: 600 })
  seconds?: number;

  @Choice('Its colour', ['red', 'blue'], { optional: true })
  colour?: string;

  @List('Its tags', { optional: true, maxItems: 3, maxLength: 10 })
  tags?: string[];
}

class NumberedNote extends Note {
  @Text('Id of the room', { max: 5, pattern: /^[0-9]+$/, example: '12' })
  declare room_id: string;
}

class LongNote extends NumberedNote {
  @Text('The note', { max: 81, example: 'Milk' })
  declare text: string;
}

class SlowNote extends NumberedNote {
  @Integer('How long', { optional: true, min: 1, max: 601 })
  declare seconds?: number;
}

class ColourfulNote extends NumberedNote {
  @Choice('Its colour', ['red', 'blue', 'green'], { optional: true })
  declare colour?: string;
}

class TaggedNote extends NumberedNote {
  @List('Its tags', { optional: true, maxItems: 4, maxLength: 10 })
  declare tags?: string[];
}

class WideTagNote extends NumberedNote {
  @List('Its tags', { optional: true, maxItems: 3, maxLength: 11 })
  declare tags?: string[];
}

class SilentNote extends NumberedNote {
  @Text('The note', { max: 80, optional: true })
  declare text: string;
}

class WrittenNote {
  @Flag('It is written')
  written!: boolean;
}

const right = ({ room_id, ...note }: Note): PlatformRequest => ({
  method: 'POST',
  path: `/rooms/${encodeURIComponent(room_id)}/notes`,
  query: { author_id: '7', loud: true },
  body: { ...note },
});

type NoteAction = ActionDeclaration<Note, WrittenNote>;

const RIGHT = {
  type: 'write_note',
  group: 'notes',
  summary: 'Write a note',
  docs: 'https://toy.example/notes',
  effect: 'create',
  scopes: ['notes:write'],
  actsAs: 'account',
  input: NumberedNote,
  output: WrittenNote,
  request: right,
  response: () => ({ written: true }),
  example: { input: { room_id: '12', text: 'Milk' }, output: { written: true } },
} as const satisfies NoteAction;

const changed = (change: (request: PlatformRequest) => object): Partial<NoteAction> => ({
  request: (note: Note) => ({ ...right(note), ...change(right(note)) }),
});

/** Tries an action in every way, and tells what is found. */
async function find(change: Partial<NoteAction>): Promise<string[]> {
  const action = defineAction({ ...RIGHT, ...change } as NoteAction);
  const trial = new Trial({ platform: 'toy', action }, TOY);
  const faults = await trial.holdCombinations();
  await trial.holdRandom((found) => {
    faults.push(...found);
    return [];
  });
  faults.push(...(await trial.findTaken()).faults, ...trial.findIdleScopes());
  return describeFaults(faults);
}

const DONE = 'write_note: POST /rooms/{room_id}/notes';

describe('a right action', () => {
  it('has no fault', async () => {
    expect(await find({})).toEqual([]);
  });

  it('is held to every bound of the contract that its fields reach', async () => {
    const trial = new Trial(
      { platform: 'toy', action: defineAction<Note, WrittenNote, string, unknown>(RIGHT) },
      TOY,
    );
    expect((await trial.findTaken()).bounds).toBeGreaterThan(15);
    expect(trial.combinations.length).toBeGreaterThanOrEqual(8);
    expect(TOY.find('POST', '/rooms/12/notes')?.path).toEqual({ room_id: '12' });
  });
});

describe('a planted fault is found', () => {
  it.each<[string, Partial<NoteAction>, string]>([
    [
      'a wrong path',
      changed(({ path }) => ({ path: `${path}/all` })),
      'write_note: POST /rooms/12/notes/all path [unknown] the contract has no such endpoint',
    ],
    [
      'a wrong method',
      changed(() => ({ method: 'PUT' })),
      'write_note: PUT /rooms/12/notes path [unknown] the contract has no such endpoint',
    ],
    [
      'a misspelled name in the query',
      changed(() => ({ query: { author_id: '7', luod: true } })),
      `${DONE} query.luod [unknown] is not in the contract`,
    ],
    [
      'a missing name in the query',
      changed(() => ({ query: {} })),
      `${DONE} query.author_id [required] is not sent`,
    ],
    [
      'a wrong type in the query',
      changed(() => ({ query: { author_id: '7', loud: 'very' } })),
      `${DONE} query.loud [type] must be boolean`,
    ],
    ['a missing body', changed(() => ({ body: undefined })), `${DONE} body [required] is not sent`],
    [
      'a missing member',
      changed(() => ({ body: { seconds: 1 } })),
      `${DONE} body.text [required] must have required property 'text'`,
    ],
    [
      'an unknown member',
      changed(({ body }) => ({ body: { ...body, txet: 'Milk' } })),
      `${DONE} body.txet [unknown] is not in the contract`,
    ],
    [
      'a wrong type in the body',
      changed(({ body }) => ({ body: { ...body, seconds: '1' } })),
      `${DONE} body.seconds [type] must be integer`,
    ],
    [
      'a form where JSON is taken',
      changed(() => ({ form: { bodyPart: 'payload_json', files: [] } })),
      `${DONE} body [type] must not be multipart/form-data`,
    ],
    [
      'a reason where none is taken',
      changed(() => ({ headers: { 'x-audit-log-reason': 'Spam' } })),
      `${DONE} headers.x-audit-log-reason [unknown] is not taken here`,
    ],
    [
      'no credentials where some are needed',
      changed(() => ({ withoutCredentials: true })),
      `${DONE} tokens [enum] must be one of: user`,
    ],
    [
      'no body expected where one comes',
      { yes: 'no body' },
      `${DONE} answer [type] comes with a body, and none is expected`,
    ],
    [
      'a missing scope',
      { scopes: ['notes:manage'] },
      `${DONE} scopes [required] must have notes:write, or notes:manage and rooms:manage`,
    ],
    [
      'a scope that is not needed',
      { scopes: ['notes:write', 'rooms:read'] },
      'write_note: all scopes.rooms:read [unknown] none of its requests needs this scope',
    ],
    [
      'a field that may be left out, and the contract requires it',
      { input: SilentNote },
      `${DONE} body.text [required] must have required property 'text'`,
    ],
    [
      'an id that the path does not take',
      { input: Note },
      `${DONE} path.room_id [pattern] must match pattern "^[0-9]+$"`,
    ],
    [
      'a text that may be longer than the contract says',
      { input: LongNote },
      `${DONE} body.text [maxLength] text is taken against the bound maxLength: must NOT have more than 80 characters`,
    ],
    [
      'a number that may be larger than the contract says',
      { input: SlowNote },
      `${DONE} body.seconds [maximum] seconds is taken against the bound maximum: must be <= 600`,
    ],
    [
      'a choice that the contract does not have',
      { input: ColourfulNote },
      `${DONE} body.colour [enum] must be equal to one of the allowed values: ["red","blue"]`,
    ],
    [
      'a list that may be longer than the contract says',
      { input: TaggedNote },
      `${DONE} body.tags [maxItems] tags is taken against the bound maxItems: must NOT have more than 3 items`,
    ],
    [
      'an item that may be longer than the contract says',
      { input: WideTagNote },
      `${DONE} body.tags[] [maxLength] tags.[] is taken against the bound maxLength: must NOT have more than 10 characters`,
    ],
  ])('%s', async (_title, change, fault) => {
    expect(await find(change)).toContain(fault);
  });

  it('in what a rehearsal reads', async () => {
    const faults = await find({
      request: undefined,
      response: undefined,
      run: async ({ room_id, ...note }: Note, _context: ActionContext, upstream: Upstream) => {
        const path = `/rooms/${room_id}/notes`;
        await upstream.send({ method: 'GET', path, placeholder: [{ id: '<id>', di: 1 }] as never });
        await upstream.send(right({ room_id, ...note }));
        return { written: true };
      },
    } as Partial<NoteAction>);
    expect(faults).toEqual([
      'write_note: GET /rooms/{room_id}/notes placeholder[].di [unknown] is not in the contract',
    ]);
  });

  it('in the query of a read', async () => {
    const faults = await find({
      effect: 'read',
      request: ({ room_id }: Note) => ({
        method: 'GET',
        path: `/rooms/${encodeURIComponent(room_id)}/notes`,
        query: { first: 101, after: 'x' },
      }),
    });
    const read = 'write_note: GET /rooms/{room_id}/notes';
    expect(faults).toEqual(
      expect.arrayContaining([
        `${read} query.first [maximum] must be <= 100`,
        `${read} query.after [unknown] is not in the contract`,
      ]),
    );
  });
});

/** An addition that a text has at most so many characters. */
const addLength = (maxLength: number) => ({
  operations: {},
  says: [{ source: 'https://toy.example', schema: 'A', member: 'b', says: { maxLength } }],
});

const SHOWN = 'write_note: POST /pictures';
/** Tries an action that sends a file, in a request or in an upload. */
const findInUpload = (change: Partial<PlatformRequest>, maxBytes?: number): Promise<string[]> => {
  const session = { method: 'POST' as const, path: '/upload/pictures', ...change };
  const files = { url: undefined, types: /^image\//, typesMean: 'an image' };
  return find({
    scopes: [],
    request: undefined,
    response: undefined,
    run: async (_note: Note, _context: ActionContext, upstream: Upstream) => {
      if (maxBytes === undefined) await upstream.send(session);
      else await upstream.upload({ session, maxBytes, ...files });
      return { written: true };
    },
  } as Partial<NoteAction>);
};
describe('a planted fault of an upload is found', () => {
  const png = { 'content-type': 'image/png' };

  it.each<[string, Partial<PlatformRequest>, number | undefined, string[]]>([
    ['none', { query: { uploadType: 'resumable' } }, 1_000, []],
    ['none in bytes', { bytes: new Uint8Array(9), headers: png }, undefined, []],
    [
      'a longer file than the contract takes',
      {},
      1_001,
      [`${SHOWN} media [maxBytes] 1001 bytes are taken, and the contract takes 1000`],
    ],
    [
      'more bytes than the contract takes',
      { bytes: new Uint8Array(1_001), headers: png },
      undefined,
      [`${SHOWN} media [maxBytes] must have at most 1000`],
    ],
    [
      'a wrong type',
      { bytes: new Uint8Array(9), headers: { 'content-type': 'text/plain' } },
      undefined,
      [`${SHOWN} body [type] must not be text/plain`],
    ],
    ['no file', { path: '/pictures' }, undefined, [`${SHOWN} media [required] is not uploaded`]],
    [
      'an unknown way of uploading',
      { query: { uploadType: 'slow' } },
      1_000,
      [`${SHOWN} query.uploadType [enum] is no type of uploads`],
    ],
  ])('%s', async (_title, change, maxBytes, faults) => {
    expect(await findInUpload(change, maxBytes)).toEqual(faults);
  });
});

describe('a planted fault of an answer is found', () => {
  const path = '/rooms/12/notes';
  it.each<[string, GivenAnswer, string[]]>([
    ['none', { method: 'POST', path, status: 200, body: { id: '1' } }, []],
    ['none in a refusal', { method: 'POST', path, status: 400, body: { no: 1 } }, []],
    [
      'an unknown member',
      { method: 'POST', path, status: 200, body: { id: '1', di: '1' } },
      ['answer.di [unknown] is not in the contract'],
    ],
    [
      'a missing member',
      { method: 'GET', path, status: 200, body: [{}] },
      ["answer[].id [required] must have required property 'id'"],
    ],
    [
      'a wrong type',
      { method: 'GET', path, status: 200, body: [{ id: 1 }] },
      ['answer[].id [type] must be string'],
    ],
    [
      'no body',
      { method: 'POST', path, status: 200, body: undefined },
      ['answer [required] has no body'],
    ],
    [
      'a wrong status',
      { method: 'POST', path, status: 201, body: { id: '1' } },
      ['status [enum] 201 is none of 200'],
    ],
    [
      'an endpoint that is not there',
      { method: 'PUT', path, status: 200, body: {} },
      ['path [unknown] the contract has no such endpoint'],
    ],
  ])('%s', (_title, answer, faults) => {
    const found = findAnswerFaults(TOY, answer).map(
      ({ place, rule, says }) => `${place} [${rule}] ${says}`,
    );
    expect(found).toEqual(faults);
  });
});

describe('exceptions', () => {
  const fault = {
    action: 'write_note',
    operation: 'POST /rooms/{room_id}/notes',
    place: 'query.luod',
    rule: 'unknown',
    says: '',
  };

  it('accept the fault that they name, and no other', () => {
    const accepted = new AcceptedFaults([{ place: 'query.luod', why: 'a test' }]);
    expect(accepted.reject([fault])).toEqual([]);
    expect(accepted.reject([{ ...fault, place: 'query.first' }])).toHaveLength(1);
    expect(accepted.listUnused()).toEqual([]);
  });

  it('that are not used are listed', () => {
    const entry = { action: 'read_note', place: 'query.luod', why: 'a test' };
    const accepted = new AcceptedFaults([entry]);
    expect(accepted.reject([fault])).toEqual([fault]);
    expect(accepted.listUnused()).toEqual([entry]);
  });

  it('and additions that the contract has already are listed', () => {
    const data = { source: '', date: '', operations: {} };
    const schemas = { A: { type: 'object', properties: { b: { type: 'string', maxLength: 5 } } } };
    expect(new Contract('toy', { ...data, schemas }, addLength(5)).staleAdditions).toHaveLength(1);
    expect(new Contract('toy', { ...data, schemas }, addLength(4)).staleAdditions).toEqual([]);
  });
});
