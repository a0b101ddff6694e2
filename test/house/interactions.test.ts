// Real: a gateway process, PostgreSQL, both doors. Fake: Discord, at the wire.
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { type DoorName, House } from '../support/two-doors.js';

const MODAL = {
  custom_id: 'report',
  title: 'Report a member',
  components: [
    {
      type: 18,
      label: 'What happened?',
      component: { type: 4, custom_id: 'what', style: 2, max_length: 1_000 },
    },
  ],
};
const CHOICES = [
  { name: 'Chess', value: 'chess' },
  { name: 'Go', value: 'go' },
];
const TOKENS = ['demo-interaction-3', 'demo-interaction-4'];
const EPOCH = 1_420_070_400_000;
/** The id of an interaction that began then. */
const makeId = (at: number): string => String(BigInt(at - EPOCH) << 22n);

let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house?.close());

let before = 0;

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

const respond = (door: DoorName, parameters: object): Promise<GrpcOutcome> =>
  house.doors.execute(door, {
    platform: 'discord',
    action_type: 'respond_interaction',
    parameters,
  });

async function readRows(): Promise<string> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  try {
    return JSON.stringify((await client.query('SELECT * FROM actions')).rows);
  } finally {
    await client.end();
  }
}

describe('an answer to an interaction', () => {
  it.each([
    ['grpc', 3, { modal: MODAL }, { type: 9, data: MODAL }],
    ['rest', 4, { choices: CHOICES }, { type: 8, data: { choices: CHOICES } }],
  ] as const)(
    'may be a form or choices, over %s, and carries no token of the bot',
    async (door, last, answer, body) => {
      const token = `demo-interaction-${last}`;
      const id = `90000000000000003${String(last).padStart(2, '0')}`;
      expect(
        await respond(door, { interaction_id: id, interaction_token: token, ...answer }),
      ).toMatchObject({ status: 'SUCCEEDED', result_data: { interaction_answered: true } });
      const [request, ...others] = await house.sandbox.requestsSince(before);
      expect(others).toEqual([]);
      expect(request).toMatchObject({
        method: 'POST',
        path: `/discord/api/v10/interactions/${id}/${token}/callback`,
        body,
      });
      expect(request?.headers).not.toHaveProperty('authorization');
    },
  );

  it('leaves the token of the interaction neither in the audit log nor in the log', async () => {
    const rows = await readRows();
    expect(rows).toContain('respond_interaction');
    const log = house.doors.gateway.output();
    for (const token of TOKENS) {
      expect(rows).not.toContain(token);
      expect(log).not.toContain(token);
    }
  });

  it.each([
    [
      'that is too late',
      { content: 'Hi' },
      4_000,
      /^parameters.interaction_id: is of an interaction that is \d+ seconds old/,
    ],
    [
      'that is two things',
      { modal: MODAL, choices: CHOICES },
      0,
      /^parameters.choices: must be left out with modal/,
    ],
    [
      'that is a form with a text',
      { modal: MODAL, content: 'Hi' },
      0,
      /^parameters.content: must be left out with modal/,
    ],
    ['that is nothing', {}, 0, /^parameters.content: is missing/],
    [
      'with choices of two kinds',
      { choices: [CHOICES[0], { name: 'Two', value: 2 }] },
      0,
      /^parameters.choices: must have values that are all text or all numbers/,
    ],
  ])('%s is refused, and nothing is sent', async (_name, answer, age, message) => {
    const id = makeId(Date.now() + -age);
    const outcome = await respond('grpc', {
      interaction_id: id,
      interaction_token: 'no-token',
      ...answer,
    });
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { code: 'INVALID_INPUT' } });
    expect(outcome.error).toMatch(message);
    expect(await house.sandbox.requestsSince(before)).toEqual([]);
  });

  it('whose time ends while it waits for another attempt is not sent again', async () => {
    const id = makeId(Date.now());
    const path = `/discord/api/v10/interactions/${id}/late-token/callback`;
    await house.sandbox.control('POST', '/sandbox/faults', {
      match: { method: 'POST', path },
      times: 10,
      fault: {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '4', 'x-ratelimit-scope': 'user' },
        body: { message: 'You are being rate limited.', retry_after: 4, global: false },
      },
    });
    const outcome = await respond('grpc', {
      interaction_id: id,
      interaction_token: 'late-token',
      content: 'Hi',
    });
    expect(outcome).toMatchObject({ success: false, status: 'REFUSED' });
    expect(await house.sandbox.requestsSince(before)).toHaveLength(1);
  });
});
