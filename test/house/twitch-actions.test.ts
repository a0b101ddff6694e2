// Real: the built gateway as processes, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, at the wire.
import { eventually } from '../support/eventually.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeStruct, type ProtoStruct } from '../../src/doors/grpc/struct.js';
import type { GrpcOutcome } from '../support/grpc-client.js';
import {
  ALL_SCOPES,
  type ChannelState,
  type DoorName,
  DOORS,
  type HelixRequest,
  House,
  type TwitchState,
  type TwoDoors,
} from '../support/two-doors.js';

const BOT = '1002';
/** Its chat holds a message of 2004 that is seven hours old. */
const DEMO_CHANNEL = '1001';
const OLD_MESSAGE = '5a6d0000-0000-4000-8000-000000000000';
const NOWHERE = '00000000-0000-4000-8000-000000000000';

let house: House;
/** A gateway with some switches off and little time. */
let switched: TwoDoors;
/** A gateway with the whole platform switched off. */
let off: TwoDoors;
let described: ReadonlyMap<string, { input: object; output: object; scopes: readonly string[] }>;
const ajv = new Ajv2020({ strict: true });
let before = 0;

beforeAll(async () => {
  house = await House.open();
  [switched, off] = await Promise.all([
    house.openAnother({
      REQUEST_BUDGET: '2',
      ENABLE_POLLS_ACTIONS: 'false',
      ENABLE_TWITCH_PREDICTIONS_ACTIONS: 'false',
      ENABLE_MODERATION_ACTIONS: 'false',
      ENABLE_TWITCH_MODERATION_ACTIONS: 'true',
      ENABLE_TWITCH_UNBAN: 'false',
      ENABLE_TWITCH_RAID: 'false',
    }),
    house.openAnother({ ENABLE_TWITCH_ACTIONS: 'false', ENABLE_TWITCH_CHAT_ACTIONS: 'true' }),
  ]);
  const { actions } = (await house.doors.grpc.call('ListActions', { platform: 'twitch' })) as {
    actions: {
      action_type: string;
      input_schema: ProtoStruct;
      output_schema: ProtoStruct;
      scopes: string[];
    }[];
  };
  described = new Map(
    actions.map(({ action_type, input_schema, output_schema, scopes }) => [
      action_type,
      { input: decodeStruct(input_schema), output: decodeStruct(output_schema), scopes },
    ]),
  );
});

afterAll(() => house?.close());

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

/** The people of one test, and the ids its preparation found. */
interface Scene {
  readonly channel: string;
  /** The broadcaster's token, for setting the scene. */
  readonly token: string;
  /** Who acts; the channel itself or its bot. */
  readonly actor: string;
  readonly viewer: string;
  /** Id of the poll, prediction or message the action is about. */
  readonly id?: string;
  readonly outcomes?: readonly string[];
}

interface Scenario {
  readonly type: string;
  /** Whether others than the broadcaster may act; the bot does so as well then. */
  readonly actsAs: 'anybody' | 'broadcaster';
  readonly prepare?: (scene: Scene) => Promise<Partial<Scene>>;
  readonly parameters: (scene: Scene) => Record<string, unknown>;
  /** The same, as callers of the earlier services write it: all text. */
  readonly spelled?: (scene: Scene) => Record<string, unknown>;
  readonly reads?: (scene: Scene) => HelixRequest[];
  readonly write: (scene: Scene) => Partial<HelixRequest>;
  /** Requests that follow from the answer to the write. */
  readonly after?: (result: Record<string, unknown>) => HelixRequest[];
  readonly result: Record<string, unknown>;
  readonly effect: (channel: ChannelState, scene: Scene, world: TwitchState) => void;
}

const CHOICES = ['Speed run', 'Chill'];
const titles = (names: readonly string[]): object[] => names.map((title) => ({ title }));
/** The choices as a result tells them. */
const counted = (counts: object): object[] =>
  CHOICES.map((title) => ({ id: expect.any(String) as unknown, title, ...counts }));

/** The last of a list, as an object to match. */
function last(list: readonly Record<string, unknown>[]): Record<string, unknown> | undefined {
  return list.at(-1);
}

async function say(by: string, scene: Scene, message = 'first!'): Promise<string> {
  const { access_token } = await house.grant(by);
  const body = { broadcaster_id: scene.channel, sender_id: by, message };
  const { data } = await house.askTwitch<{ data: { message_id: string }[] }>(
    access_token,
    'POST',
    '/chat/messages',
    { body },
  );
  return data[0]?.message_id ?? '';
}

const asBroadcaster = (
  { token, channel }: Scene,
  method: string,
  path: string,
  user_id: string,
): Promise<unknown> =>
  house.askTwitch(token, method, path, { query: { broadcaster_id: channel, user_id } });

async function banViewer({ token, channel, viewer }: Scene, duration?: number): Promise<void> {
  await house.askTwitch(token, 'POST', '/moderation/bans', {
    query: { broadcaster_id: channel, moderator_id: channel },
    body: { data: { user_id: viewer, duration } },
  });
}

async function startPoll({ token, channel }: Scene): Promise<Partial<Scene>> {
  const { data } = await house.askTwitch<{ data: { id: string }[] }>(token, 'POST', '/polls', {
    body: { broadcaster_id: channel, title: 'Toss?', choices: titles(CHOICES), duration: 60 },
  });
  return { id: data[0]?.id };
}

async function startPrediction({ token, channel }: Scene): Promise<Partial<Scene>> {
  const { data } = await house.askTwitch<{ data: { id: string; outcomes: { id: string }[] }[] }>(
    token,
    'POST',
    '/predictions',
    {
      body: {
        broadcaster_id: channel,
        title: 'Toss?',
        outcomes: titles(CHOICES),
        prediction_window: 60,
      },
    },
  );
  return { id: data[0]?.id, outcomes: data[0]?.outcomes.map(({ id }) => id) };
}

const scenarios: readonly Scenario[] = [
  {
    type: 'chat_message',
    actsAs: 'anybody',
    parameters: () => ({ message: 'Hello, chat! 👋' }),
    write: ({ channel, actor }) => ({
      method: 'POST',
      path: '/chat/messages',
      body: { broadcaster_id: channel, sender_id: actor, message: 'Hello, chat! 👋' },
    }),
    result: { message_id: expect.any(String), message_sent: true },
    effect: ({ chat }, { actor }) =>
      expect(last(chat)).toMatchObject({
        kind: 'message',
        sender_id: actor,
        text: 'Hello, chat! 👋',
      }),
  },
  {
    type: 'whisper',
    actsAs: 'anybody',
    parameters: ({ viewer }) => ({ to_user_id: viewer, message: 'You won!' }),
    write: ({ actor, viewer }) => ({
      method: 'POST',
      path: '/whispers',
      query: { from_user_id: actor, to_user_id: viewer },
      body: { message: 'You won!' },
    }),
    result: { whisper_sent: true },
    effect: (_channel, { actor, viewer }, { whispers }) =>
      expect(last(whispers)).toMatchObject({
        from_user_id: actor,
        to_user_id: viewer,
        text: 'You won!',
      }),
  },
  {
    type: 'announcement',
    actsAs: 'anybody',
    parameters: () => ({ message: 'We are live!', color: 'purple' }),
    spelled: () => ({ message: 'We are live!', color: 'PURPLE' }),
    write: ({ channel, actor }) => ({
      method: 'POST',
      path: '/chat/announcements',
      query: { broadcaster_id: channel, moderator_id: actor },
      body: { message: 'We are live!', color: 'purple' },
    }),
    result: { announcement_sent: true },
    effect: ({ chat }, { actor }) =>
      expect(last(chat)).toMatchObject({
        kind: 'announcement',
        sender_id: actor,
        text: 'We are live!',
        color: 'purple',
      }),
  },
  {
    type: 'ban',
    actsAs: 'anybody',
    parameters: ({ viewer }) => ({ user_id: viewer, reason: 'Spam' }),
    write: ({ channel, actor, viewer }) => ({
      method: 'POST',
      path: '/moderation/bans',
      query: { broadcaster_id: channel, moderator_id: actor },
      body: { data: { user_id: viewer, reason: 'Spam' } },
    }),
    result: { user_banned: true },
    effect: ({ bans }, { viewer, actor }) =>
      expect(bans).toMatchObject([
        { user_id: viewer, moderator_id: actor, reason: 'Spam', end: null },
      ]),
  },
  {
    type: 'timeout',
    actsAs: 'anybody',
    parameters: ({ viewer }) => ({ user_id: viewer, duration: 60, reason: 'Caps' }),
    spelled: ({ viewer }) => ({ user_id: viewer, duration: '60', reason: 'Caps' }),
    write: ({ channel, actor, viewer }) => ({
      method: 'POST',
      path: '/moderation/bans',
      query: { broadcaster_id: channel, moderator_id: actor },
      body: { data: { user_id: viewer, duration: 60, reason: 'Caps' } },
    }),
    result: { user_timed_out: true, duration: 60, end_time: expect.stringMatching(/Z$/) },
    effect: ({ bans }, { viewer }) =>
      expect(bans).toMatchObject([{ user_id: viewer, reason: 'Caps', end: expect.any(String) }]),
  },
  {
    type: 'unban',
    actsAs: 'anybody',
    prepare: (scene) => banViewer(scene).then(() => ({})),
    parameters: ({ viewer }) => ({ user_id: viewer }),
    write: ({ channel, actor, viewer }) => ({
      method: 'DELETE',
      path: '/moderation/bans',
      query: { broadcaster_id: channel, moderator_id: actor, user_id: viewer },
    }),
    result: { user_unbanned: true },
    effect: ({ bans }) => expect(bans).toEqual([]),
  },
  {
    type: 'delete_message',
    actsAs: 'anybody',
    prepare: async (scene) => {
      await say(scene.viewer, scene, 'stays');
      return { id: await say(scene.viewer, scene, 'goes') };
    },
    parameters: ({ id }) => ({ message_id: id }),
    write: ({ channel, actor, id = '' }) => ({
      method: 'DELETE',
      path: '/moderation/chat',
      query: { broadcaster_id: channel, moderator_id: actor, message_id: id },
    }),
    result: { message_deleted: true },
    effect: ({ chat }, { actor }) =>
      expect(chat.map(({ text, deleted_by }) => [text, deleted_by])).toEqual([
        ['stays', undefined],
        ['goes', actor],
      ]),
  },
  {
    type: 'mod_add',
    actsAs: 'broadcaster',
    parameters: ({ viewer }) => ({ user_id: viewer }),
    write: ({ channel, viewer }) => ({
      method: 'POST',
      path: '/moderation/moderators',
      query: { broadcaster_id: channel, user_id: viewer },
    }),
    result: { moderator_added: true },
    effect: ({ moderators }, { viewer }) => expect(moderators).toContain(viewer),
  },
  {
    type: 'mod_remove',
    actsAs: 'broadcaster',
    prepare: (scene) =>
      asBroadcaster(scene, 'POST', '/moderation/moderators', scene.viewer).then(() => ({})),
    parameters: ({ viewer }) => ({ user_id: viewer }),
    write: ({ channel, viewer }) => ({
      method: 'DELETE',
      path: '/moderation/moderators',
      query: { broadcaster_id: channel, user_id: viewer },
    }),
    result: { moderator_removed: true },
    effect: ({ moderators }) => expect(moderators).toEqual([]),
  },
  {
    type: 'vip_add',
    actsAs: 'broadcaster',
    parameters: ({ viewer }) => ({ user_id: viewer }),
    write: ({ channel, viewer }) => ({
      method: 'POST',
      path: '/channels/vips',
      query: { broadcaster_id: channel, user_id: viewer },
    }),
    result: { vip_added: true },
    effect: ({ vips }, { viewer }) => expect(vips).toEqual([viewer]),
  },
  {
    type: 'vip_remove',
    actsAs: 'broadcaster',
    prepare: (scene) =>
      asBroadcaster(scene, 'POST', '/channels/vips', scene.viewer).then(() => ({})),
    parameters: ({ viewer }) => ({ user_id: viewer }),
    write: ({ channel, viewer }) => ({
      method: 'DELETE',
      path: '/channels/vips',
      query: { broadcaster_id: channel, user_id: viewer },
    }),
    result: { vip_removed: true },
    effect: ({ vips }) => expect(vips).toEqual([]),
  },
  {
    type: 'update_title',
    actsAs: 'broadcaster',
    parameters: () => ({ title: 'Speedrun Sunday & friends' }),
    write: ({ channel }) => ({
      method: 'PATCH',
      path: '/channels',
      query: { broadcaster_id: channel },
      body: { title: 'Speedrun Sunday & friends' },
    }),
    result: { title_updated: true },
    effect: ({ title }) => expect(title).toBe('Speedrun Sunday & friends'),
  },
  {
    type: 'update_game',
    actsAs: 'broadcaster',
    parameters: () => ({ game_id: '27471' }),
    reads: () => [{ method: 'GET', path: '/games', query: { id: '27471' }, body: {} }],
    write: ({ channel }) => ({
      method: 'PATCH',
      path: '/channels',
      query: { broadcaster_id: channel },
      body: { game_id: '27471' },
    }),
    result: { game_updated: true, game_id: '27471' },
    effect: ({ game_id }) => expect(game_id).toBe('27471'),
  },
  {
    type: 'marker',
    // An editor may as well, but the sandbox has none: what the bot gets is among the refusals.
    actsAs: 'anybody',
    parameters: () => ({ description: 'The big jump' }),
    write: ({ channel }) => ({
      method: 'POST',
      path: '/streams/markers',
      body: { user_id: channel, description: 'The big jump' },
    }),
    result: {
      marker_id: expect.any(String),
      position_seconds: expect.any(Number),
      created_at: expect.stringMatching(/Z$/),
    },
    effect: ({ markers }) => expect(last(markers)).toMatchObject({ description: 'The big jump' }),
  },
  {
    type: 'clip',
    actsAs: 'anybody',
    parameters: () => ({ title: 'What a save', duration: 12.5 }),
    spelled: () => ({ title: 'What a save', duration: '12.5' }),
    write: ({ channel }) => ({
      method: 'POST',
      path: '/clips',
      query: { broadcaster_id: channel, title: 'What a save', duration: '12.5' },
    }),
    after: ({ clip_id }) => [
      { method: 'GET', path: '/clips', query: { id: String(clip_id) }, body: {} },
    ],
    result: {
      clip_id: expect.any(String),
      edit_url: expect.stringMatching(/^https:.*\/edit$/),
      url: expect.stringMatching(/^https:/),
    },
    effect: (_channel, { channel, actor }, { clips }) =>
      expect(last(clips)).toMatchObject({
        broadcaster_id: channel,
        creator_id: actor,
        title: 'What a save',
        duration: 12.5,
      }),
  },
  {
    type: 'raid',
    actsAs: 'broadcaster',
    parameters: ({ viewer }) => ({ to_broadcaster_id: viewer }),
    write: ({ channel, viewer }) => ({
      method: 'POST',
      path: '/raids',
      query: { from_broadcaster_id: channel, to_broadcaster_id: viewer },
    }),
    result: { raid_started: true, created_at: expect.stringMatching(/Z$/), is_mature: false },
    effect: ({ raids }, { viewer }) =>
      expect(raids).toMatchObject([{ to_broadcaster_id: viewer, status: 'pending' }]),
  },
  {
    type: 'poll_create',
    actsAs: 'broadcaster',
    parameters: () => ({
      title: 'What next?',
      choices: CHOICES,
      duration: 120,
      channel_points_voting_enabled: true,
      channel_points_per_vote: 50,
    }),
    spelled: () => ({
      title: 'What next?',
      choices: 'Speed run, Chill',
      duration: '120',
      channel_points_voting_enabled: 'true',
      channel_points_per_vote: '50',
    }),
    write: ({ channel }) => ({
      method: 'POST',
      path: '/polls',
      body: {
        broadcaster_id: channel,
        title: 'What next?',
        choices: titles(CHOICES),
        duration: 120,
        channel_points_voting_enabled: true,
        channel_points_per_vote: 50,
      },
    }),
    result: {
      poll_id: expect.any(String),
      choice_ids: [expect.any(String), expect.any(String)],
      title: 'What next?',
      choices: counted({ votes: 0 }),
      status: 'ACTIVE',
    },
    effect: ({ polls }) =>
      expect(polls).toMatchObject([
        {
          title: 'What next?',
          choices: titles(CHOICES),
          duration: 120,
          channel_points_per_vote: 50,
          status: 'ACTIVE',
        },
      ]),
  },
  {
    type: 'poll_end',
    actsAs: 'broadcaster',
    prepare: startPoll,
    parameters: ({ id }) => ({ poll_id: id, status: 'ARCHIVED' }),
    spelled: ({ id }) => ({ poll_id: id, status: 'archived' }),
    write: ({ channel, id }) => ({
      method: 'PATCH',
      path: '/polls',
      body: { broadcaster_id: channel, id, status: 'ARCHIVED' },
    }),
    result: {
      poll_id: expect.any(String),
      status: 'ARCHIVED',
      title: 'Toss?',
      choices: counted({ votes: 0 }),
    },
    effect: ({ polls }, { id }) => expect(polls).toMatchObject([{ id, status: 'ARCHIVED' }]),
  },
  {
    type: 'prediction_create',
    actsAs: 'broadcaster',
    parameters: () => ({ title: 'Will we win?', outcomes: CHOICES, duration: 60 }),
    spelled: () => ({ title: 'Will we win?', outcomes: 'Speed run,Chill', duration: '60' }),
    write: ({ channel }) => ({
      method: 'POST',
      path: '/predictions',
      body: {
        broadcaster_id: channel,
        title: 'Will we win?',
        outcomes: titles(CHOICES),
        prediction_window: 60,
      },
    }),
    result: {
      prediction_id: expect.any(String),
      outcome_ids: [expect.any(String), expect.any(String)],
      title: 'Will we win?',
      outcomes: counted({ users: 0, channel_points: 0 }),
      status: 'ACTIVE',
    },
    effect: ({ predictions }) =>
      expect(predictions).toMatchObject([
        { title: 'Will we win?', outcomes: titles(CHOICES), status: 'ACTIVE' },
      ]),
  },
  {
    type: 'prediction_resolve',
    actsAs: 'broadcaster',
    prepare: startPrediction,
    parameters: ({ id, outcomes }) => ({
      prediction_id: id,
      status: 'RESOLVED',
      winning_outcome_id: outcomes?.[1],
    }),
    // The earlier service knew no status.
    spelled: ({ id, outcomes }) => ({ prediction_id: id, winning_outcome_id: outcomes?.[1] }),
    write: ({ channel, id, outcomes }) => ({
      method: 'PATCH',
      path: '/predictions',
      body: {
        broadcaster_id: channel,
        id,
        status: 'RESOLVED',
        winning_outcome_id: outcomes?.[1],
      },
    }),
    result: {
      prediction_id: expect.any(String),
      status: 'RESOLVED',
      title: 'Toss?',
      outcomes: counted({ users: 0, channel_points: 0 }),
      winning_outcome_id: expect.any(String),
    },
    effect: ({ predictions }, { id, outcomes }) =>
      expect(predictions).toMatchObject([
        { id, status: 'RESOLVED', winning_outcome_id: outcomes?.[1] },
      ]),
  },
];

const scenarioOf = new Map(scenarios.map((scenario) => [scenario.type, scenario]));

/** A fresh channel with a viewer, and the bot as its moderator where the bot acts. */
async function setScene(who: 'broadcaster' | 'bot' = 'broadcaster'): Promise<Scene> {
  const [{ id: channel, token }, viewer] = await Promise.all([house.addChannel(), house.addUser()]);
  const scene = { channel, token, viewer, actor: who === 'bot' ? BOT : channel };
  if (who === 'bot') await asBroadcaster(scene, 'POST', '/moderation/moderators', BOT);
  return scene;
}

const envelopeOf = (type: string, { channel, actor }: Scene, parameters: object): object => ({
  platform: 'twitch',
  action_type: type,
  account_id: channel,
  ...(actor !== channel && { actor_id: actor }),
  parameters,
});

/** A request as a dry run shows it, in the form in which the sandbox logs it. */
function readPrepared({
  method,
  url,
  body,
}: {
  method: string;
  url: string;
  body?: object;
}): HelixRequest {
  const base = house.sandbox.env['TWITCH_API_URL'] ?? '';
  expect(url.startsWith(`${base}/`)).toBe(true);
  const { pathname, searchParams } = new URL(url);
  return {
    method,
    path: pathname.slice(new URL(base).pathname.length),
    query: Object.fromEntries(searchParams),
    body: body ?? {},
  };
}

/** What the catalogue's own schema finds wrong. */
function findSchemaFaults(schema: object, value: unknown): unknown[] {
  const validate = ajv.compile(schema);
  validate(value);
  return validate.errors ?? [];
}

const asRequest = (request: Partial<HelixRequest>): HelixRequest =>
  ({ query: {}, body: {}, ...request }) as HelixRequest;

async function requestsSeen(since: number): Promise<HelixRequest[]> {
  const seen = await house.helixSince(since);
  return seen.map(({ method, path, query, body }) => ({ method, path, query, body }));
}

function expectRefusal(outcome: GrpcOutcome, code: string, more: Record<string, unknown> = {}) {
  expect(outcome).toMatchObject({
    success: false,
    status: 'REFUSED',
    failure: { code, ...more },
    result_data: {},
    error: expect.stringMatching(/./),
    sandbox: true,
  });
}

describe('an action on Twitch', () => {
  const runs = scenarios.flatMap((scenario) =>
    DOORS.flatMap((door) =>
      (scenario.actsAs === 'anybody' && scenario.type !== 'marker'
        ? (['broadcaster', 'bot'] as const)
        : (['broadcaster'] as const)
      ).map((who) => Object.assign({ door, who }, scenario)),
    ),
  );

  it.each(runs)('$type over $door as the $who: rehearsed, then done', async (scenario) => {
    const bare = await setScene(scenario.who);
    const scene = { ...bare, ...(await scenario.prepare?.(bare)) };
    const schemas = described.get(scenario.type)!;
    const parameters = scenario.parameters(scene);
    expect(findSchemaFaults(schemas.input, parameters)).toEqual([]);
    const envelope = envelopeOf(scenario.type, scene, parameters);
    const reads = scenario.reads?.(scene) ?? [];
    const write = asRequest(scenario.write(scene));
    before = await house.sandbox.lastSeq();

    const rehearsed = await house.doors.execute(scenario.door, { ...envelope, dry_run: true });
    expect(rehearsed).toMatchObject({
      success: true,
      status: 'PREPARED',
      result_data: {},
      prepared: { missing_scopes: [], cost: reads.length + 1, predicted_wait_ms: 0 },
    });
    expect(await house.sandbox.lastSeq()).toBe(before);
    const { prepared } = rehearsed;
    expect([...(prepared?.reads ?? []), prepared!].map(readPrepared)).toEqual([...reads, write]);

    const done = await house.doors.execute(scenario.door, envelope);
    expect(done).toMatchObject({
      success: true,
      status: 'SUCCEEDED',
      message: `Action ${scenario.type} executed successfully`,
      error: '',
      failure: null,
      replayed: false,
      sandbox: true,
    });
    expect(done.result_data).toEqual(scenario.result);
    expect(findSchemaFaults(schemas.output, done.result_data)).toEqual([]);
    const after = scenario.after?.(done.result_data) ?? [];
    expect(await requestsSeen(before)).toEqual([...reads, write, ...after]);
    const login = scene.actor === BOT ? 'demo_bot' : `user_${scene.channel}`;
    for (const { who } of await house.helixSince(before)) expect(who).toBe(login);
    const world = await house.state();
    scenario.effect(world.channels[scene.channel]!, scene, world);

    const recorded = await house.doors.readStatus(scenario.door, done.action_id);
    expect(recorded).toMatchObject({ status: 'SUCCEEDED', result_data: done.result_data });
  });

  const spelled = scenarios.flatMap((scenario) =>
    scenario.spelled ? DOORS.map((door) => ({ ...scenario, door })) : [],
  );

  it.each(spelled)("$type over $door takes the predecessors' spelling", async (scenario) => {
    const bare = await setScene();
    const scene = { ...bare, ...(await scenario.prepare?.(bare)) };
    before = await house.sandbox.lastSeq();
    const envelope = envelopeOf(scenario.type, scene, scenario.spelled!(scene));
    const outcome = await house.doors.execute(scenario.door, envelope);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: scenario.result });
    const after = scenario.after?.(outcome.result_data) ?? [];
    expect(await requestsSeen(before)).toEqual([asRequest(scenario.write(scene)), ...after]);
    const world = await house.state();
    scenario.effect(world.channels[scene.channel]!, scene, world);
  });

  /** What stands in a request when a parameter is left out. */
  const defaults: readonly [string, Record<string, unknown>, unknown][] = [
    ['announcement', { message: 'm' }, { message: 'm', color: 'primary' }],
    ['ban', { user_id: '2001' }, { data: { user_id: '2001', reason: 'Banned by bot' } }],
    [
      'timeout',
      { user_id: '2001' },
      { data: { user_id: '2001', duration: 600, reason: 'Timed out by bot' } },
    ],
    ['marker', {}, { user_id: DEMO_CHANNEL }],
    [
      'poll_create',
      { title: 't', choices: ['a', 'b'] },
      {
        broadcaster_id: DEMO_CHANNEL,
        title: 't',
        choices: titles(['a', 'b']),
        duration: 60,
      },
    ],
    ['poll_end', { poll_id: 'p' }, { broadcaster_id: DEMO_CHANNEL, id: 'p', status: 'TERMINATED' }],
    [
      'prediction_create',
      { title: 't', outcomes: ['a', 'b'] },
      {
        broadcaster_id: DEMO_CHANNEL,
        title: 't',
        outcomes: titles(['a', 'b']),
        prediction_window: 60,
      },
    ],
    [
      'chat_message',
      { message: 'm', reply_parent_message_id: 'x-1' },
      {
        broadcaster_id: DEMO_CHANNEL,
        sender_id: DEMO_CHANNEL,
        message: 'm',
        reply_parent_message_id: 'x-1',
      },
    ],
  ];

  it.each(defaults)('%s fills in its defaults', async (type, parameters, body) => {
    for (const door of DOORS) {
      const envelope = { platform: 'twitch', action_type: type, account_id: DEMO_CHANNEL };
      const outcome = await house.doors.execute(door, { ...envelope, parameters, dry_run: true });
      expect(outcome.prepared?.body).toEqual(body);
    }
  });
});

describe('refusals of the gateway: nothing is sent', () => {
  const wrong: readonly [string, Record<string, unknown>, string, RegExp][] = [
    ['chat_message', {}, 'message', /is missing/],
    ['chat_message', { message: '' }, 'message', /must not be empty/],
    [
      'chat_message',
      { message: 'x'.repeat(501) },
      'message',
      /at most 500 characters, and has 501/,
    ],
    ['whisper', { to_user_id: DEMO_CHANNEL, message: 'm' }, 'to_user_id', /somebody else/],
    ['whisper', { to_user_id: '2001', message: 'x'.repeat(10_001) }, 'message', /at most 10000/],
    ['whisper', { message: 'm' }, 'to_user_id', /is missing/],
    ['announcement', { message: 'x'.repeat(501) }, 'message', /at most 500/],
    ['announcement', { message: 'm', color: 'red' }, 'color', /one of primary, blue/],
    ['ban', {}, 'user_id', /is missing/],
    ['ban', { user_id: '2001', reason: 'x'.repeat(501) }, 'reason', /at most 500/],
    ['ban', { user_id: '2001', duration: 60 }, 'duration', /is not known here/],
    ['timeout', { user_id: '2001', duration: 0 }, 'duration', /at least 1, and is 0/],
    ['timeout', { user_id: '2001', duration: '0' }, 'duration', /at least 1/],
    ['timeout', { user_id: '2001', duration: 1_209_601 }, 'duration', /at most 1209600/],
    ['timeout', { user_id: '2001', duration: 'abc' }, 'duration', /a whole number/],
    ['timeout', { user_id: '2001', duration: 1.5 }, 'duration', /a whole number/],
    ['unban', { user_id: '20 01' }, 'user_id', /an id of digits, or a login/],
    ['delete_message', {}, 'message_id', /is missing/],
    ['delete_message', { message_id: '' }, 'message_id', /must not be empty/],
    ['delete_message', { message_id: null }, 'message_id', /is missing/],
    ['mod_add', { user_id: 2001 }, 'user_id', /in quotes, such as "2001"/],
    ['mod_remove', { user_id: '2001', user: '2001' }, 'user', /the same as user_id/],
    ['vip_add', { user_id: [] }, 'user_id', /not a list/],
    ['vip_remove', {}, 'user_id', /is missing/],
    ['update_title', { title: '' }, 'title', /must not be empty/],
    ['update_title', { title: 'x'.repeat(141) }, 'title', /at most 140/],
    ['update_game', {}, 'game_id', /either game_id or game_name/],
    ['update_game', { game_id: '1', game_name: 'x' }, 'game_id', /either game_id or game_name/],
    ['marker', { description: 'x'.repeat(141) }, 'description', /at most 140/],
    ['clip', { duration: 4.9 }, 'duration', /at least 5/],
    ['clip', { duration: 60.1 }, 'duration', /at most 60/],
    ['clip', { duration: 5.05 }, 'duration', /steps of 0.1/],
    ['raid', { to_broadcaster_id: DEMO_CHANNEL }, 'to_broadcaster_id', /cannot raid oneself/],
    ['poll_create', { title: 'x'.repeat(61), choices: 'a,b' }, 'title', /at most 60/],
    ['poll_create', { title: 't', choices: ['a'] }, 'choices', /at least 2 items, and has 1/],
    ['poll_create', { title: 't', choices: 'a,b,c,d,e,f' }, 'choices', /at most 5 items/],
    ['poll_create', { title: 't', choices: ['a', 'x'.repeat(26)] }, 'choices', /item 2 .* 25/],
    ['poll_create', { title: 't', choices: ['a', 5] }, 'choices', /item 2 must be text/],
    ['poll_create', { title: 't', choices: 'a,b', duration: 14 }, 'duration', /at least 15/],
    ['poll_create', { title: 't', choices: 'a,b', duration: 1_801 }, 'duration', /at most 1800/],
    [
      'poll_create',
      { title: 't', choices: 'a,b', channel_points_voting_enabled: true },
      'channel_points_per_vote',
      /is missing/,
    ],
    ['poll_end', { poll_id: 'p', status: 'COMPLETED' }, 'status', /one of TERMINATED, ARCHIVED/],
    ['prediction_create', { title: 'x'.repeat(46), outcomes: 'a,b' }, 'title', /at most 45/],
    ['prediction_create', { title: 't', outcomes: 'a' }, 'outcomes', /at least 2/],
    ['prediction_create', { title: 't', outcomes: 'a,b', duration: 29 }, 'duration', /at least 30/],
    ['prediction_resolve', { prediction_id: 'p' }, 'winning_outcome_id', /is missing: RESOLVED/],
    [
      'prediction_resolve',
      { prediction_id: 'p', status: 'CANCELED', winning_outcome_id: 'o' },
      'winning_outcome_id',
      /goes with RESOLVED alone/,
    ],
  ];

  it.each(wrong)('a bad field: %s %j', async (type, parameters, field, says) => {
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, {
        platform: 'twitch',
        action_type: type,
        account_id: DEMO_CHANNEL,
        parameters,
      });
      expectRefusal(outcome, 'INVALID_INPUT', {
        retryable: false,
        violations: [
          { field: `parameters.${field}`, message: expect.stringMatching(says) as string },
        ],
      });
      expect(outcome.error).toContain(`parameters.${field}: `);
    }
    expect(await house.helixSince(before)).toEqual([]);
  });

  /** Parameters that would do, with people who exist. */
  function goodParameters(type: string): Record<string, unknown> {
    const scenario = scenarioOf.get(type);
    return scenario!.parameters({
      channel: DEMO_CHANNEL,
      token: '',
      actor: DEMO_CHANNEL,
      viewer: '2001',
      id: NOWHERE,
      outcomes: [NOWHERE, NOWHERE],
    });
  }

  it.each(scenarios)('$type without its scope', async ({ type, actsAs }) => {
    const scopes = described.get(type)!.scopes;
    const holder = await house.addUser();
    await house.connect(
      holder,
      ALL_SCOPES.filter((scope) => !scopes.includes(scope)),
    );
    const envelope = {
      platform: 'twitch',
      action_type: type,
      // Where an actor may act, it is the actor's grant that counts.
      ...(actsAs === 'anybody'
        ? { account_id: DEMO_CHANNEL, actor_id: holder }
        : { account_id: holder }),
      parameters: goodParameters(type),
    };
    before = await house.sandbox.lastSeq();
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, envelope);
      expectRefusal(outcome, 'MISSING_SCOPE', { retryable: false });
      expect(outcome.error).toContain(scopes.join(', '));
      expect(outcome.error).toContain(holder);
      const rehearsed = await house.doors.execute(door, { ...envelope, dry_run: true });
      expect(rehearsed).toMatchObject({
        status: 'PREPARED',
        prepared: { missing_scopes: scopes },
      });
    }
    expect(await house.sandbox.lastSeq()).toBe(before);
  });

  it.each(scenarios)('$type of an account that is not connected', async ({ type, actsAs }) => {
    const envelope = { platform: 'twitch', action_type: type, parameters: goodParameters(type) };
    for (const door of DOORS) {
      const unknown = await house.doors.execute(door, { ...envelope, account_id: '4242' });
      expectRefusal(unknown, 'ACCOUNT_NOT_CONNECTED');
      expect(unknown.error).toContain('4242');
      const actor = await house.doors.execute(door, {
        ...envelope,
        account_id: DEMO_CHANNEL,
        actor_id: '4243',
      });
      expectRefusal(actor, actsAs === 'anybody' ? 'ACCOUNT_NOT_CONNECTED' : 'INVALID_INPUT');
      expect(actor.error).toMatch(actsAs === 'anybody' ? /4243/ : /^actor_id: /);
    }
    expect(await house.helixSince(before)).toEqual([]);
  });

  it.each(scenarios.filter(({ actsAs }) => actsAs === 'broadcaster'))(
    '$type by the bot: only the broadcaster may',
    async ({ type }) => {
      for (const door of DOORS) {
        for (const dry_run of [false, true]) {
          const outcome = await house.doors.execute(door, {
            platform: 'twitch',
            action_type: type,
            account_id: DEMO_CHANNEL,
            actor_id: BOT,
            parameters: goodParameters(type),
            dry_run,
          });
          expectRefusal(outcome, 'INVALID_INPUT', {
            violations: [{ field: 'actor_id', message: expect.stringMatching(/account itself/) }],
          });
        }
      }
      expect(await house.helixSince(before)).toEqual([]);
    },
  );

  it.each(scenarios)('$type while the platform is switched off', async ({ type }) => {
    for (const door of DOORS) {
      const outcome = await off.execute(door, {
        platform: 'twitch',
        action_type: type,
        account_id: DEMO_CHANNEL,
        parameters: goodParameters(type),
      });
      expectRefusal(outcome, 'ACTION_DISABLED', { retryable: false });
      expect(outcome.error).toContain('ENABLE_TWITCH_ACTIONS');
    }
    expect(await house.helixSince(before)).toEqual([]);
  });

  const switches: readonly [string, string][] = [
    ['poll_create', 'ENABLE_POLLS_ACTIONS'],
    ['poll_end', 'ENABLE_POLLS_ACTIONS'],
    ['prediction_create', 'ENABLE_TWITCH_PREDICTIONS_ACTIONS'],
    ['prediction_resolve', 'ENABLE_TWITCH_PREDICTIONS_ACTIONS'],
    ['unban', 'ENABLE_TWITCH_UNBAN'],
    ['raid', 'ENABLE_TWITCH_RAID'],
  ];

  it.each(switches)('%s is switched off by %s', async (type, name) => {
    for (const door of DOORS) {
      for (const dry_run of [false, true]) {
        const outcome = await switched.execute(door, {
          platform: 'twitch',
          action_type: type,
          account_id: DEMO_CHANNEL,
          parameters: goodParameters(type),
          dry_run,
        });
        expectRefusal(outcome, 'ACTION_DISABLED');
        expect(outcome.error).toContain(`${name}=false`);
      }
    }
    expect(await house.helixSince(before)).toEqual([]);
  });

  it('leaves on what a narrower switch turned on again, and says so in the catalogue', async () => {
    const { channel, viewer } = await setScene();
    const ban = { platform: 'twitch', account_id: channel, parameters: { user_id: viewer } };
    const outcome = await switched.execute('grpc', { ...ban, action_type: 'ban' });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED' });

    const { body } = await switched.rest('GET', '/api/v1/catalog/twitch');
    const { actions } = body as unknown as {
      actions: { action_type: string; enabled: boolean; effect: string }[];
    };
    const disabled = actions.filter(({ enabled, effect }) => !enabled && effect !== 'read');
    expect(disabled.map(({ action_type }) => action_type).toSorted()).toEqual(
      switches.map(([type]) => type).toSorted(),
    );
  });
});

interface No {
  readonly name: string;
  readonly type: string;
  readonly who?: 'bot';
  readonly prepare?: (scene: Scene) => Promise<unknown>;
  readonly parameters: (scene: Scene) => Record<string, unknown>;
  readonly status: number;
  readonly code?: 'REFUSED' | 'NOT_FOUND';
  /** A 401 is met once with a fresh token before it is believed. */
  readonly requests?: number;
  /** The same for the second door, where the same account acts. */
  readonly requestsAgain?: number;
}

const user = ({ viewer }: Scene): Record<string, unknown> => ({ user_id: viewer });
const setChannel = ({ channel }: Scene, changes: object): Promise<void> =>
  house.setWorld({ user_id: channel, ...changes });

describe("the platform's no", () => {
  const noes: readonly No[] = [
    {
      name: 'the sender is banned',
      type: 'chat_message',
      who: 'bot',
      prepare: (scene) => banViewer({ ...scene, viewer: BOT }),
      parameters: () => ({ message: 'm' }),
      status: 403,
    },
    {
      name: 'a reply to an unknown message',
      type: 'chat_message',
      parameters: () => ({ message: 'm', reply_parent_message_id: NOWHERE }),
      status: 400,
    },
    {
      name: 'strangers may not whisper',
      type: 'whisper',
      parameters: () => ({ to_user_id: '2009', message: 'm' }),
      status: 403,
    },
    {
      name: 'nobody of that id',
      type: 'whisper',
      parameters: () => ({ to_user_id: '4244', message: 'm' }),
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'a sender without a verified phone',
      type: 'whisper',
      prepare: (scene) => setChannel(scene, { phone_verified: false }),
      parameters: ({ viewer }) => ({ to_user_id: viewer, message: 'm' }),
      status: 401,
      requests: 2,
    },
    {
      name: 'the actor does not moderate there',
      type: 'announcement',
      who: 'bot',
      prepare: (scene) => asBroadcaster(scene, 'DELETE', '/moderation/moderators', BOT),
      parameters: () => ({ message: 'm' }),
      status: 401,
      requests: 2,
      // The bot's token is fresh by then, and the same call has shown that it is about something else.
      requestsAgain: 1,
    },
    { name: 'banned already', type: 'ban', prepare: banViewer, parameters: user, status: 400 },
    {
      name: 'the actor does not moderate there',
      type: 'ban',
      who: 'bot',
      prepare: (scene) => asBroadcaster(scene, 'DELETE', '/moderation/moderators', BOT),
      parameters: user,
      status: 403,
    },
    {
      name: 'a ban is no timeout',
      type: 'timeout',
      prepare: banViewer,
      parameters: (scene) => ({ ...user(scene), duration: 60 }),
      status: 400,
    },
    { name: 'not banned', type: 'unban', parameters: user, status: 400 },
    {
      name: 'an unknown message',
      type: 'delete_message',
      parameters: () => ({ message_id: NOWHERE }),
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: "the broadcaster's own message",
      type: 'delete_message',
      who: 'bot',
      prepare: async (scene) => ({ id: await say(scene.channel, scene) }),
      parameters: ({ id }) => ({ message_id: id }),
      status: 400,
    },
    {
      name: 'a VIP',
      type: 'mod_add',
      prepare: (scene) => asBroadcaster(scene, 'POST', '/channels/vips', scene.viewer),
      parameters: user,
      status: 422,
    },
    {
      name: 'a moderator already',
      type: 'mod_add',
      prepare: (scene) => asBroadcaster(scene, 'POST', '/moderation/moderators', scene.viewer),
      parameters: user,
      status: 400,
    },
    { name: 'no moderator', type: 'mod_remove', parameters: user, status: 400 },
    {
      name: 'no slot is free',
      type: 'vip_add',
      prepare: (scene) => setChannel(scene, { vip_slots: 0 }),
      parameters: user,
      status: 409,
    },
    {
      name: 'a moderator',
      type: 'vip_add',
      prepare: (scene) => asBroadcaster(scene, 'POST', '/moderation/moderators', scene.viewer),
      parameters: user,
      status: 422,
    },
    {
      name: 'the community is not built',
      type: 'vip_add',
      prepare: (scene) => setChannel(scene, { community_built: false }),
      parameters: user,
      status: 425,
    },
    {
      name: 'nobody of that id',
      type: 'vip_add',
      parameters: () => ({ user_id: '4244' }),
      status: 404,
      code: 'NOT_FOUND',
    },
    { name: 'no VIP', type: 'vip_remove', parameters: user, status: 422 },
    {
      name: 'a title it does not like',
      type: 'update_title',
      prepare: () => house.addFault({ kind: 'status', status: 400 }, { path: '/channels' }),
      parameters: () => ({ title: 'm' }),
      status: 400,
    },
    {
      name: 'an editor is needed, and the bot is none',
      type: 'marker',
      who: 'bot',
      parameters: () => ({}),
      status: 403,
    },
    {
      name: 'not live',
      type: 'marker',
      prepare: (scene) => setChannel(scene, { live: false }),
      parameters: () => ({}),
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'no video on demand',
      type: 'marker',
      prepare: (scene) => setChannel(scene, { vod: false }),
      parameters: () => ({}),
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'not live',
      type: 'clip',
      prepare: (scene) => setChannel(scene, { live: false }),
      parameters: () => ({}),
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'clips are restricted',
      type: 'clip',
      prepare: (scene) => setChannel(scene, { clips: false }),
      parameters: () => ({}),
      status: 403,
    },
    {
      name: 'raiding already',
      type: 'raid',
      prepare: ({ token, channel }) =>
        house.askTwitch(token, 'POST', '/raids', {
          query: { from_broadcaster_id: channel, to_broadcaster_id: '1003' },
        }),
      parameters: ({ viewer }) => ({ to_broadcaster_id: viewer }),
      status: 409,
    },
    {
      name: 'raids are not wanted there',
      type: 'raid',
      prepare: ({ viewer }) => house.setWorld({ user_id: viewer, accepts_raids: false }),
      parameters: ({ viewer }) => ({ to_broadcaster_id: viewer }),
      status: 400,
    },
    {
      name: 'nobody of that id',
      type: 'raid',
      parameters: () => ({ to_broadcaster_id: '4244' }),
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'a poll runs',
      type: 'poll_create',
      prepare: startPoll,
      parameters: () => ({ title: 't', choices: CHOICES }),
      status: 400,
    },
    {
      name: 'no such poll runs',
      type: 'poll_end',
      parameters: () => ({ poll_id: NOWHERE }),
      status: 400,
    },
    {
      name: 'a prediction runs',
      type: 'prediction_create',
      prepare: startPrediction,
      parameters: () => ({ title: 't', outcomes: CHOICES }),
      status: 400,
    },
    {
      name: 'no such prediction',
      type: 'prediction_resolve',
      parameters: () => ({ prediction_id: NOWHERE, status: 'CANCELED' }),
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'no such outcome',
      type: 'prediction_resolve',
      prepare: startPrediction,
      parameters: ({ id }) => ({ prediction_id: id, winning_outcome_id: NOWHERE }),
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'locked twice',
      type: 'prediction_resolve',
      prepare: async (scene) => {
        const { id } = await startPrediction(scene);
        const body = { broadcaster_id: scene.channel, id, status: 'LOCKED' };
        await house.askTwitch(scene.token, 'PATCH', '/predictions', { body });
        return { id };
      },
      parameters: ({ id }) => ({ prediction_id: id, status: 'LOCKED' }),
      status: 400,
    },
  ];

  it.each(noes)('$type, $name: $status', async (no) => {
    for (const [nth, door] of DOORS.entries()) {
      const bare = await setScene(no.who);
      const scene: Scene = { ...bare, ...((await no.prepare?.(bare)) as Partial<Scene>) };
      before = await house.sandbox.lastSeq();
      const envelope = envelopeOf(no.type, scene, no.parameters(scene));
      const outcome = await house.doors.execute(door, envelope);
      expectRefusal(outcome, no.code ?? 'REFUSED', {
        retryable: false,
        platform_status: no.status,
        platform_code: expect.stringMatching(/./),
      });
      expect(outcome.error).toContain(`Twitch answered ${no.status}: `);
      const seen = await house.helixSince(before);
      expect(seen.map(({ status }) => status)).toEqual(
        Array.from(
          { length: (nth > 0 ? no.requestsAgain : undefined) ?? no.requests ?? 1 },
          () => no.status,
        ),
      );
    }
  });

  it.each(DOORS)('a message older than six hours is not deleted (%s)', async (door) => {
    const outcome = await house.doors.execute(door, {
      platform: 'twitch',
      action_type: 'delete_message',
      account_id: DEMO_CHANNEL,
      actor_id: BOT,
      parameters: { message_id: OLD_MESSAGE },
    });
    expectRefusal(outcome, 'NOT_FOUND', { platform_status: 404 });
    expect(outcome.error).toMatch(/6 hours/);
  });

  it.each(DOORS)('a message that moderators check may still appear (%s)', async (door) => {
    const scene = await setScene('bot');
    await house.setWorld({ user_id: scene.channel, hold_next_message: true });
    const envelope = envelopeOf('chat_message', scene, { message: 'hmm' });
    const outcome = await house.doors.execute(door, { ...envelope, idempotency_key: door });
    expect(outcome).toMatchObject({
      success: false,
      status: 'UNKNOWN',
      failure: { code: 'OUTCOME_UNKNOWN', platform_status: 200, platform_code: 'msg_rejected' },
    });
    expect(outcome.error).toMatch(/being checked by mods/);
    expect((await house.channel(scene.channel)).chat).toEqual([]);
    // For this key a repeat must not try the message again.
    const repeat = await house.doors.execute(door, { ...envelope, idempotency_key: door });
    expect(repeat).toMatchObject({ replayed: true, error: outcome.error });
    expect((await house.channel(scene.channel)).chat).toEqual([]);
  });
});

describe('what the predecessors got wrong', () => {
  it.each(DOORS)('delete_message without an id never clears a chat (%s)', async (door) => {
    const scene = await setScene();
    await say(scene.viewer, scene);
    for (const parameters of [{}, { message_id: '' }, { message_id: ' ' }, { message_id: null }]) {
      const outcome = await house.doors.execute(
        door,
        envelopeOf('delete_message', scene, parameters),
      );
      expectRefusal(outcome, 'INVALID_INPUT');
    }
    const { chat } = await house.channel(scene.channel);
    expect(chat).toHaveLength(1);
    expect(chat[0]?.['deleted_by']).toBeUndefined();
  });

  it.each(DOORS)('a timeout of nothing never bans (%s)', async (door) => {
    const scene = await setScene();
    for (const duration of [0, '0', -1, '', 0.4, false]) {
      const parameters = { user_id: scene.viewer, duration };
      const outcome = await house.doors.execute(door, envelopeOf('timeout', scene, parameters));
      expectRefusal(outcome, 'INVALID_INPUT');
    }
    expect((await house.channel(scene.channel)).bans).toEqual([]);
  });
});

describe('clip', () => {
  it.each(DOORS)('waits until Twitch confirms it (%s)', async (door) => {
    const scene = await setScene('bot');
    await house.setWorld({ clip_delay_ms: 700 });
    before = await house.sandbox.lastSeq();
    const outcome = await house.doors.execute(door, envelopeOf('clip', scene, {}));
    await house.setWorld({ clip_delay_ms: 0 });
    expect(outcome).toMatchObject({
      status: 'SUCCEEDED',
      result_data: { url: expect.stringMatching(/./) },
    });
    const paths = (await house.helixSince(before)).map(({ method }) => method);
    expect(paths).toEqual(['POST', 'GET', 'GET']);
  });

  it.each(DOORS)(
    'without time for the confirmation its id is told all the same (%s)',
    async (door) => {
      const scene = await setScene('bot');
      await house.setWorld({ clip_delay_ms: 5_000 });
      before = await house.sandbox.lastSeq();
      const envelope = { ...envelopeOf('clip', scene, {}), idempotency_key: `clip-${door}` };
      // The second gateway gives REST as little time as this deadline gives gRPC.
      const outcome = await switched.execute(door, envelope, { deadlineMs: 2_000 });
      const [made] = (await house.state()).clips.slice(-1);
      expect(outcome).toMatchObject({
        success: false,
        status: 'UNKNOWN',
        message: 'Outcome unknown',
        failure: { code: 'OUTCOME_UNKNOWN', retryable: false },
        result_data: { clip_id: made?.['id'], edit_url: expect.stringMatching(/edit$/) },
      });
      // The action goes on looking for the clip, and settles what became of it.
      await house.setWorld({ clip_delay_ms: 0 });
      const settled = { status: 'SUCCEEDED', result_data: { clip_id: made?.['id'] } };
      const status = await eventually(
        () => house.doors.readStatus(door, outcome.action_id),
        ({ status: found }) => found === 'SUCCEEDED',
      );
      expect(status).toMatchObject(settled);
      const repeat = await switched.execute(door, envelope, { deadlineMs: 2_000 });
      expect(repeat).toMatchObject({ ...settled, replayed: true });
      const writes = (await house.helixSince(before)).filter(({ method }) => method === 'POST');
      expect(writes).toHaveLength(1);
    },
  );
});

const askGames = (query: Record<string, string>): HelixRequest =>
  asRequest({ method: 'GET', path: '/games', query });

describe('update_game', () => {
  it.each(DOORS)('by name: looked up, then set (%s)', async (door) => {
    const scene = await setScene();
    const envelope = envelopeOf('update_game', scene, { game_name: 'minecraft' });
    before = await house.sandbox.lastSeq();
    const { prepared } = await house.doors.execute(door, { ...envelope, dry_run: true });
    expect(prepared?.reads.map(readPrepared)).toEqual([askGames({ name: 'minecraft' })]);
    expect(prepared).toMatchObject({
      method: 'PATCH',
      body: { game_id: '<id of the game "minecraft">' },
      cost: 2,
    });
    expect(await house.sandbox.lastSeq()).toBe(before);

    const outcome = await house.doors.execute(door, envelope);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: { game_id: '27471' } });
    expect(await requestsSeen(before)).toEqual([
      askGames({ name: 'minecraft' }),
      asRequest({
        method: 'PATCH',
        path: '/channels',
        query: { broadcaster_id: scene.channel },
        body: { game_id: '27471' },
      }),
    ]);
    expect((await house.channel(scene.channel)).game_id).toBe('27471');
  });

  it.each(DOORS)('"0" takes the game away, without a lookup (%s)', async (door) => {
    const scene = await setScene();
    await house.askTwitch(scene.token, 'PATCH', '/channels', {
      query: { broadcaster_id: scene.channel },
      body: { game_id: '27471' },
    });
    before = await house.sandbox.lastSeq();
    const outcome = await house.doors.execute(
      door,
      envelopeOf('update_game', scene, { game_id: '0' }),
    );
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: { game_id: '0' } });
    expect((await requestsSeen(before)).map(({ method }) => method)).toEqual(['PATCH']);
    expect((await house.channel(scene.channel)).game_id).toBe('');
  });

  const unknown = DOORS.flatMap((door): [DoorName, Record<string, string>][] => [
    [door, { game_id: '31337' }],
    [door, { game_name: 'Half a Life 3' }],
  ]);

  it.each(unknown)('an unknown one changes nothing (%s %j)', async (door, parameters) => {
    const scene = await setScene();
    before = await house.sandbox.lastSeq();
    const outcome = await house.doors.execute(door, envelopeOf('update_game', scene, parameters));
    expectRefusal(outcome, 'NOT_FOUND', { retryable: false });
    expect(outcome.error).toContain(Object.values(parameters)[0]);
    expect((await requestsSeen(before)).map(({ method }) => method)).toEqual(['GET']);
  });
});
