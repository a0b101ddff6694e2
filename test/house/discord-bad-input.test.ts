// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: Discord, at the wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { DOORS, type DoorName, House } from '../support/two-doors.js';

const GUILD = '800000000000000001';
const MEMBER = '200000000000000001';
const TWINS = ['730000000000000001', '730000000000000002'] as const;
const LONELY = '730000000000000003';

let house: House;

const carryOut = (
  type: string,
  parameters: object,
  door: DoorName = 'rest',
): Promise<GrpcOutcome> =>
  house.doors.execute(door, { platform: 'discord', action_type: type, parameters });
const addChannel = (id: string, name: string): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/discord/channels', { id, name });
const addMember = (id: string, username: string): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/discord/members', { id, username });
const addEmoji = (image: string): Promise<GrpcOutcome> =>
  carryOut('create_emoji', { guild_id: GUILD, name: 'hooray', image });
const countWrites = async (since: number): Promise<number> =>
  (await house.sandbox.requestsSince(since)).filter(({ method }) => method !== 'GET').length;

/** A refusal of one field, which says what is wrong with it. */
const about = (field: string, ...says: readonly string[]): object => ({
  status: 'REFUSED',
  failure: {
    code: 'INVALID_INPUT',
    violations: [
      {
        field: `parameters.${field}`,
        message: expect.stringMatching(new RegExp(says.join('.*'), 's')) as string,
      },
    ],
  },
});

beforeAll(async () => {
  house = await House.open();
  await house.sandbox.control('POST', '/sandbox/discord/world', { limits: false });
  await Promise.all([
    ...TWINS.map((id) => addChannel(id, 'twins')),
    addChannel(LONELY, 'lonely'),
    addMember('230000000000000001', 'first_same'),
    addMember('230000000000000002', 'second_same'),
  ]);
  for (const user_id of ['230000000000000001', '230000000000000002'])
    await carryOut('update_member', { guild_id: GUILD, user_id, nick: 'Same' });
  for (const color of [1, 2])
    await carryOut('create_role', { guild_id: GUILD, name: 'Twin', color });
});

afterAll(() => house?.close());

describe('a name in place of an id', () => {
  it.each(DOORS)('is found, whatever its case, over %s', async (door) => {
    const outcome = await carryOut(
      'send_message',
      { guild_id: GUILD, channel_id: '#Lonely', content: 'hi' },
      door,
    );
    expect(outcome).toMatchObject({ status: 'SUCCEEDED' });
    const sent = (await house.sandbox.requestsSince(0)).find(
      ({ method, path }) => path.endsWith(`/channels/${LONELY}/messages`) && method === 'POST',
    );
    expect(sent).toMatchObject({ status: 200 });
  });

  it('is found where its channel was made a moment ago', async () => {
    const parameters = { guild_id: GUILD, channel_id: '#newest', content: 'hi' };
    expect(await carryOut('send_message', parameters)).toMatchObject(
      about('channel_id', 'names no channel', '"#newest" was not found'),
    );
    await addChannel('730000000000000004', 'newest');
    expect(await carryOut('send_message', parameters)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('needs the server where the bot is in several', async () => {
    expect(await carryOut('send_message', { channel_id: '#lonely', content: 'hi' })).toMatchObject(
      about('guild_id', 'is needed to find channel_id "#lonely"', '2 servers', GUILD),
    );
  });

  it.each([
    ['send_message', { guild_id: GUILD, channel_id: '#twins', content: 'hi' }, 'channel_id', TWINS],
    ['add_role', { guild_id: GUILD, user_id: MEMBER, role_id: '@Twin' }, 'role_id', ['Twin']],
    [
      'timeout_user',
      { guild_id: GUILD, user_id: '@Same', duration_seconds: 60 },
      'user_id',
      ['230000000000000001 \\(first_same', '230000000000000002 \\(second_same'],
    ],
  ] as const)('that is ambiguous is refused with the candidates: %s', async (...row) => {
    const [type, parameters, field, candidates] = row;
    const since = await house.sandbox.lastSeq();
    expect(await carryOut(type, parameters)).toMatchObject(
      about(field, 'is ambiguous: 2 of them', 'send the id of one: ', ...candidates),
    );
    expect(await countWrites(since)).toBe(0);
  });

  it.each([
    ['add_role', { guild_id: GUILD, user_id: MEMBER, role_id: '@Nowhere' }, 'role_id'],
    ['kick_user', { guild_id: GUILD, user_id: '@nowhere_at_all' }, 'user_id'],
  ] as const)('of nothing is refused: %s', async (type, parameters, field) => {
    const since = await house.sandbox.lastSeq();
    expect(await carryOut(type, parameters)).toMatchObject(about(field, 'was not found'));
    expect(await countWrites(since)).toBe(0);
  });
});

describe('a file of a wrong kind', () => {
  it('is refused by its field', async () => {
    expect(await addEmoji('data:text/plain;base64,aGk=')).toMatchObject(
      about('image', 'a picture as data:image/png'),
    );
    expect(await addEmoji('data:image/svg+xml;base64,aGk=')).toMatchObject(
      about('image', 'picture'),
    );
  });
});

describe('what the bot may not do', () => {
  it('names the permission that is missing, and where to grant it', async () => {
    await house.sandbox.control('POST', '/sandbox/faults', {
      match: { method: 'POST', path: `/discord/api/v10/guilds/${GUILD}/emojis` },
      times: 1,
      fault: {
        kind: 'status',
        status: 403,
        body: { code: 50_013, message: 'Missing Permissions' },
      },
    });
    const outcome = await addEmoji('data:image/png;base64,iVBORw0KGgo=');
    expect(outcome.error).toMatch(
      /create_emoji needs CREATE_GUILD_EXPRESSIONS: grant what is missing to the role of the bot, in the settings of the server/,
    );
  });
});
