// Real: the actions on Twitch. Fake: Twitch itself, an upstream that notes requests and answers.
import { describe, expect, it } from 'vitest';
import type { Action, ActionContext, Upstream } from '../../src/actions/action.js';
import { ActionFailure } from '../../src/actions/failures.js';
import { buildUrl, type PlatformRequest } from '../../src/actions/wire.js';
import { twitchActions } from '../../src/platforms/twitch/actions/index.js';

const ACTOR: ActionContext = { actionId: 'a-1', account: { id: '1001' }, actor: { id: '1002' } };
const ACCOUNT: ActionContext = { actionId: 'a-1', account: { id: '1001' }, actor: { id: '1001' } };

function find(type: string): Action {
  const found = twitchActions.find((action) => action.type === type);
  if (!found) throw new Error(`There is no ${type}`);
  return found;
}

const contextOf = ({ actsAs }: Action): ActionContext => (actsAs === 'actor' ? ACTOR : ACCOUNT);

/** Answers requests one after the other; an answer that is a failure is thrown. */
class FakeTwitch implements Upstream {
  readonly requests: PlatformRequest[] = [];
  readonly waits: number[] = [];

  constructor(
    private readonly answers: readonly unknown[],
    private readonly mostWaits = Infinity,
  ) {}

  async send<Answer>(request: PlatformRequest): Promise<Answer> {
    const answer = this.answers[Math.min(this.requests.length, this.answers.length - 1)];
    this.requests.push(request);
    if (answer instanceof Error) throw answer;
    return answer as Answer;
  }

  look<Answer>(request: PlatformRequest): Promise<Answer> {
    return this.send(request);
  }

  async fetch(): Promise<never> {
    throw new Error('Nothing on Twitch is fetched');
  }

  async upload(): Promise<never> {
    throw new Error('Nothing is uploaded to Twitch');
  }

  async recall(): Promise<undefined> {
    return undefined;
  }

  async reserveFiles(): Promise<void> {}

  async remember(): Promise<void> {
    throw new Error('Nothing on Twitch is kept');
  }

  async renew(): Promise<never> {
    throw new Error('Nothing is renewed');
  }

  async forget(): Promise<void> {
    throw new Error('Nothing on Twitch is kept');
  }

  known: Readonly<Record<string, unknown>> | undefined;

  beginPart(): void {}

  async changeRecord(): Promise<never> {
    throw new Error('No record is kept');
  }

  goOnAfter(known: Readonly<Record<string, unknown>>): void {
    this.known = known;
  }

  async wait(ms: number): Promise<boolean> {
    if (this.waits.length >= this.mostWaits) return false;
    this.waits.push(ms);
    return true;
  }

  /** The requests as they would stand on the wire. */
  get lines(): string[] {
    return this.requests.map((request) => {
      const body = request.body === undefined ? '' : ` ${JSON.stringify(request.body)}`;
      return `${request.method} ${buildUrl('', request)}${body}`;
    });
  }
}

async function carryOut(type: string, parameters: object, twitch: FakeTwitch): Promise<object> {
  const action = find(type);
  const context = contextOf(action);
  return action.carryOut(action.parse(parameters, context), context, twitch);
}

/** What is wrong with parameters, in one line; fails when nothing is. */
function refuse(type: string, parameters: object, context = contextOf(find(type))): string {
  try {
    find(type).parse(parameters, context);
  } catch (error) {
    if (error instanceof ActionFailure && error.code === 'INVALID_INPUT') return error.message;
    throw error;
  }
  throw new Error('The parameters were taken');
}

const one = (item: object): object => ({ data: [item] });

interface Sent {
  readonly type: string;
  readonly parameters: object;
  readonly line: string;
  readonly answer?: object;
  readonly output: object;
}

/** One line per action and per way of asking for it. */
const SENT: readonly Sent[] = [
  {
    type: 'chat_message',
    parameters: { message: 'hi' },
    line: 'POST /chat/messages {"broadcaster_id":"1001","sender_id":"1002","message":"hi"}',
    answer: one({ message_id: 'm1', is_sent: true, drop_reason: null }),
    output: { message_id: 'm1', message_sent: true },
  },
  {
    type: 'chat_message',
    parameters: { message: 'hi', reply_parent_message_id: 'm0' },
    line: 'POST /chat/messages {"broadcaster_id":"1001","sender_id":"1002","message":"hi","reply_parent_message_id":"m0"}',
    answer: one({ message_id: 'm1', is_sent: true }),
    output: { message_id: 'm1', message_sent: true },
  },
  {
    type: 'announcement',
    parameters: { message: 'soon' },
    line: 'POST /chat/announcements?broadcaster_id=1001&moderator_id=1002 {"message":"soon","color":"primary"}',
    output: { announcement_sent: true },
  },
  {
    type: 'announcement',
    parameters: { message: 'soon', color: 'Purple' },
    line: 'POST /chat/announcements?broadcaster_id=1001&moderator_id=1002 {"message":"soon","color":"purple"}',
    output: { announcement_sent: true },
  },
  {
    type: 'whisper',
    parameters: { to_user_id: '2001', message: 'psst' },
    line: 'POST /whispers?from_user_id=1002&to_user_id=2001 {"message":"psst"}',
    output: { whisper_sent: true },
  },
  {
    type: 'ban',
    parameters: { user_id: '2002' },
    line: 'POST /moderation/bans?broadcaster_id=1001&moderator_id=1002 {"data":{"user_id":"2002","reason":"Banned by bot"}}',
    answer: one({ user_id: '2002', end_time: null }),
    output: { user_banned: true },
  },
  {
    type: 'timeout',
    parameters: { user_id: '2003', duration: '60', reason: 'Caps' },
    line: 'POST /moderation/bans?broadcaster_id=1001&moderator_id=1002 {"data":{"user_id":"2003","duration":60,"reason":"Caps"}}',
    answer: one({ user_id: '2003', end_time: '2026-11-20T10:10:00Z' }),
    output: { user_timed_out: true, duration: 60, end_time: '2026-11-20T10:10:00Z' },
  },
  {
    type: 'timeout',
    parameters: { user_id: '2003' },
    line: 'POST /moderation/bans?broadcaster_id=1001&moderator_id=1002 {"data":{"user_id":"2003","duration":600,"reason":"Timed out by bot"}}',
    answer: one({ user_id: '2003', end_time: '2026-11-20T10:10:00Z' }),
    output: { user_timed_out: true, duration: 600, end_time: '2026-11-20T10:10:00Z' },
  },
  {
    type: 'unban',
    parameters: { user_id: '2009' },
    line: 'DELETE /moderation/bans?broadcaster_id=1001&moderator_id=1002&user_id=2009',
    output: { user_unbanned: true },
  },
  {
    type: 'delete_message',
    parameters: { message_id: 'm1' },
    line: 'DELETE /moderation/chat?broadcaster_id=1001&moderator_id=1002&message_id=m1',
    output: { message_deleted: true },
  },
  {
    type: 'mod_add',
    parameters: { user_id: '2004' },
    line: 'POST /moderation/moderators?broadcaster_id=1001&user_id=2004',
    output: { moderator_added: true },
  },
  {
    type: 'mod_remove',
    parameters: { user_id: '1002' },
    line: 'DELETE /moderation/moderators?broadcaster_id=1001&user_id=1002',
    output: { moderator_removed: true },
  },
  {
    type: 'vip_add',
    parameters: { user_id: '2005' },
    line: 'POST /channels/vips?broadcaster_id=1001&user_id=2005',
    output: { vip_added: true },
  },
  {
    type: 'vip_remove',
    parameters: { user_id: '2008' },
    line: 'DELETE /channels/vips?broadcaster_id=1001&user_id=2008',
    output: { vip_removed: true },
  },
  {
    type: 'update_title',
    parameters: { title: 'Speedrun & chill' },
    line: 'PATCH /channels?broadcaster_id=1001 {"title":"Speedrun & chill"}',
    output: { title_updated: true },
  },
  {
    type: 'update_game',
    parameters: { game_id: '0' },
    line: 'PATCH /channels?broadcaster_id=1001 {"game_id":"0"}',
    output: { game_updated: true, game_id: '0' },
  },
  {
    type: 'marker',
    parameters: {},
    line: 'POST /streams/markers {"user_id":"1001"}',
    answer: one({ id: '123', position_seconds: 0, created_at: '2026-11-20T10:10:00Z' }),
    output: { marker_id: '123', position_seconds: 0, created_at: '2026-11-20T10:10:00Z' },
  },
  {
    type: 'marker',
    parameters: { description: 'jump' },
    line: 'POST /streams/markers {"user_id":"1001","description":"jump"}',
    answer: one({ id: '123', position_seconds: 9, created_at: '2026-11-20T10:10:00Z' }),
    output: { marker_id: '123', position_seconds: 9, created_at: '2026-11-20T10:10:00Z' },
  },
  {
    type: 'poll_create',
    parameters: { title: 'What?', choices: 'Speedrun, Chill' },
    line: 'POST /polls {"broadcaster_id":"1001","title":"What?","choices":[{"title":"Speedrun"},{"title":"Chill"}],"duration":60}',
    answer: one({ id: 'p1', status: 'ACTIVE', choices: [{ id: 'c1' }, { id: 'c2' }] }),
    output: { poll_id: 'p1', choice_ids: ['c1', 'c2'], status: 'ACTIVE' },
  },
  {
    type: 'poll_create',
    parameters: {
      title: 'What?',
      choices: ['A', 'B, or C'],
      duration: 15,
      channel_points_voting_enabled: 'true',
      channel_points_per_vote: '100',
    },
    line: 'POST /polls {"broadcaster_id":"1001","title":"What?","choices":[{"title":"A"},{"title":"B, or C"}],"duration":15,"channel_points_voting_enabled":true,"channel_points_per_vote":100}',
    answer: one({ id: 'p1', status: 'ACTIVE', choices: [{ id: 'c1' }, { id: 'c2' }] }),
    output: { poll_id: 'p1', choice_ids: ['c1', 'c2'], status: 'ACTIVE' },
  },
  {
    type: 'poll_end',
    parameters: { poll_id: 'p1' },
    line: 'PATCH /polls {"broadcaster_id":"1001","id":"p1","status":"TERMINATED"}',
    answer: one({ id: 'p1', status: 'TERMINATED' }),
    output: { poll_id: 'p1', status: 'TERMINATED' },
  },
  {
    type: 'prediction_create',
    parameters: { title: 'Win?', outcomes: ['Yes', 'No'], duration: 30 },
    line: 'POST /predictions {"broadcaster_id":"1001","title":"Win?","outcomes":[{"title":"Yes"},{"title":"No"}],"prediction_window":30}',
    answer: one({ id: 'q1', status: 'ACTIVE', outcomes: [{ id: 'o1' }, { id: 'o2' }] }),
    output: { prediction_id: 'q1', outcome_ids: ['o1', 'o2'], status: 'ACTIVE' },
  },
  {
    type: 'prediction_resolve',
    parameters: { prediction_id: 'q1', winning_outcome_id: 'o1' },
    line: 'PATCH /predictions {"broadcaster_id":"1001","id":"q1","status":"RESOLVED","winning_outcome_id":"o1"}',
    answer: one({ id: 'q1', status: 'RESOLVED', winning_outcome_id: 'o1' }),
    output: { prediction_id: 'q1', status: 'RESOLVED', winning_outcome_id: 'o1' },
  },
  {
    type: 'prediction_resolve',
    parameters: { prediction_id: 'q1', status: 'canceled' },
    line: 'PATCH /predictions {"broadcaster_id":"1001","id":"q1","status":"CANCELED"}',
    answer: one({ id: 'q1', status: 'CANCELED', winning_outcome_id: null }),
    output: { prediction_id: 'q1', status: 'CANCELED' },
  },
  {
    type: 'raid',
    parameters: { to_broadcaster_id: '1003' },
    line: 'POST /raids?from_broadcaster_id=1001&to_broadcaster_id=1003',
    answer: one({ created_at: '2026-11-20T10:10:00Z', is_mature: false }),
    output: { raid_started: true, created_at: '2026-11-20T10:10:00Z', is_mature: false },
  },
];

const ONCE = /^(ban|timeout|unban|update_redemption|snooze_ad|update_guest_star_slot)$/;

describe('the actions on Twitch', () => {
  it.each(SENT)('$type sends $line', async ({ type, parameters, line, answer, output }) => {
    const twitch = new FakeTwitch([answer ?? {}]);
    const result = await carryOut(type, parameters, twitch);
    expect(twitch.lines).toEqual([line]);
    expect(result).toEqual(output);
    expect(find(type).findOutputFaults(result)).toEqual([]);
  });

  it('name the scope that the reference asks for', () => {
    const scopes = Object.fromEntries(twitchActions.map((action) => [action.type, action.scopes]));
    expect(scopes).toMatchObject({
      announcement: ['moderator:manage:announcements'],
      ban: ['moderator:manage:banned_users'],
      chat_message: ['user:write:chat'],
      clip: ['clips:edit'],
      delete_message: ['moderator:manage:chat_messages'],
      marker: ['channel:manage:broadcast'],
      mod_add: ['channel:manage:moderators'],
      mod_remove: ['channel:manage:moderators'],
      poll_create: ['channel:manage:polls'],
      poll_end: ['channel:manage:polls'],
      prediction_create: ['channel:manage:predictions'],
      prediction_resolve: ['channel:manage:predictions'],
      raid: ['channel:manage:raids'],
      shoutout: ['moderator:manage:shoutouts'],
      timeout: ['moderator:manage:banned_users'],
      unban: ['moderator:manage:banned_users'],
      update_game: ['channel:manage:broadcast'],
      update_title: ['channel:manage:broadcast'],
      vip_add: ['channel:manage:vips'],
      vip_remove: ['channel:manage:vips'],
      whisper: ['user:manage:whispers'],
    });
  });

  it('are done as the account alone where Twitch takes the token of no other', () => {
    const asAccount = twitchActions.filter(({ actsAs }) => actsAs === 'account');
    expect(asAccount.map(({ type }) => type).sort()).toEqual(
      expect.arrayContaining([
        'mod_add',
        'mod_remove',
        'poll_create',
        'poll_end',
        'prediction_create',
        'prediction_resolve',
        'raid',
        'update_game',
        'update_title',
        'vip_add',
        'vip_remove',
      ]),
    );
  });

  it('are repeated only where sending twice is the same as once', () => {
    const repeated = twitchActions.filter(({ repeatable }) => repeatable);
    // What is made anew, or counts, is never repeated.
    expect(repeated.filter(({ effect }) => effect === 'create')).toEqual([]);
    expect(repeated.map(({ type }) => type)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(ONCE)]),
    );
  });
});

describe('what people write to each other', () => {
  it.each([
    ['chat_message', { message: 'secret' }],
    ['whisper', { to_user_id: '2001', message: 'secret' }],
    ['announcement', { message: 'secret' }],
  ])('%s is kept out of the audit log', (type, parameters) => {
    const kept = find(type).redactInput(parameters);
    expect(kept['message']).toBe('[redacted, 6 characters]');
  });
});

describe('their own refusals', () => {
  const refusals: readonly [type: string, parameters: object, line: string][] = [
    ['chat_message', {}, 'parameters.message: is missing: what to say in the channel'],
    ['chat_message', { message: '' }, 'parameters.message: must not be empty'],
    [
      'chat_message',
      { message: '𝄞'.repeat(501) },
      'parameters.message: must have at most 500 characters, and has 501',
    ],
    [
      'announcement',
      { message: 'a', color: 'pink' },
      'parameters.color: must be one of primary, blue, green, orange, purple, not "pink"',
    ],
    [
      'whisper',
      { to_user_id: '1002', message: 'a' },
      'parameters.to_user_id: must be somebody else: Twitch has no whisper to oneself',
    ],
    [
      'ban',
      { user_id: 2002 },
      'parameters.user_id: must be text: write it in quotes, such as "2002"',
    ],
    [
      'ban',
      { user_id: '1', duration: 5 },
      'parameters.duration: is not known here. Known: user_id, reason',
    ],
    ['timeout', { user_id: '1', duration: 0 }, 'parameters.duration: must be at least 1, and is 0'],
    [
      'timeout',
      { user_id: '1', duration: -1 },
      'parameters.duration: must be at least 1, and is -1',
    ],
    [
      'timeout',
      { user_id: '1', duration: 1_209_601 },
      'parameters.duration: must be at most 1209600, and is 1209601',
    ],
    [
      'timeout',
      { user_id: '1', reason: 'x'.repeat(501) },
      'parameters.reason: must have at most 500 characters, and has 501',
    ],
    [
      'delete_message',
      {},
      'parameters.message_id: is missing: id of the message to delete, at most six hours old',
    ],
    ['delete_message', { message_id: '' }, 'parameters.message_id: must not be empty'],
    [
      'delete_message',
      { message_id: null },
      'parameters.message_id: is missing: id of the message to delete, at most six hours old',
    ],
    [
      'unban',
      { user_id: 'a&b=c' },
      'parameters.user_id: must be an id of digits, or a login such as "@name"',
    ],
    ['update_title', { title: '' }, 'parameters.title: must not be empty'],
    [
      'update_title',
      { title: 'x'.repeat(141) },
      'parameters.title: must have at most 140 characters, and has 141',
    ],
    ['update_game', {}, 'parameters.game_id: give either game_id or game_name'],
    [
      'update_game',
      { game_id: '1', game_name: 'Art' },
      'parameters.game_id: give either game_id or game_name',
    ],
    [
      'marker',
      { description: 'x'.repeat(141) },
      'parameters.description: must have at most 140 characters, and has 141',
    ],
    ['clip', { duration: 4.9 }, 'parameters.duration: must be at least 5, and is 4.9'],
    ['clip', { duration: 60.1 }, 'parameters.duration: must be at most 60, and is 60.1'],
    ['clip', { duration: 5.55 }, 'parameters.duration: must go in steps of 0.1, and is 5.55'],
    [
      'raid',
      { to_broadcaster_id: '1001' },
      'parameters.to_broadcaster_id: must be another channel: one cannot raid oneself',
    ],
    [
      'poll_create',
      { title: 'a', choices: 'one' },
      'parameters.choices: must have at least 2 items, and has 1',
    ],
    [
      'poll_create',
      { title: 'a', choices: 'a,b,c,d,e,f' },
      'parameters.choices: must have at most 5 items, and has 6',
    ],
    [
      'poll_create',
      { title: 'a', choices: ['ok', 'x'.repeat(26)] },
      'parameters.choices: item 2 must have at most 25 characters, and has 26',
    ],
    [
      'poll_create',
      { title: 'x'.repeat(61), choices: 'a,b', duration: 14 },
      'parameters.title: must have at most 60 characters, and has 61; parameters.duration: must be at least 15, and is 14',
    ],
    [
      'poll_create',
      { title: 'a', choices: 'a,b', channel_points_voting_enabled: true },
      'parameters.channel_points_per_vote: is missing: voting with channel points needs a price',
    ],
    [
      'poll_end',
      { poll_id: 'p', status: 'COMPLETED' },
      'parameters.status: must be one of TERMINATED, ARCHIVED, not "COMPLETED"',
    ],
    [
      'prediction_create',
      { title: 'x'.repeat(46), outcomes: 'a', duration: 1_801 },
      'parameters.title: must have at most 45 characters, and has 46; ' +
        'parameters.outcomes: must have at least 2 items, and has 1; ' +
        'parameters.duration: must be at most 1800, and is 1801',
    ],
    [
      'prediction_create',
      { title: 'a', outcomes: 'a,b,c,d,e,f,g,h,i,j,k' },
      'parameters.outcomes: must have at most 10 items, and has 11',
    ],
    [
      'prediction_resolve',
      { prediction_id: 'q' },
      'parameters.winning_outcome_id: is missing: RESOLVED needs the outcome that came true',
    ],
    [
      'prediction_resolve',
      { prediction_id: 'q', status: 'LOCKED', winning_outcome_id: 'o' },
      'parameters.winning_outcome_id: goes with RESOLVED alone, not with LOCKED',
    ],
  ];

  it.each(refusals)('%s refuses %j', (type, parameters, line) => {
    expect(refuse(type, parameters)).toBe(line);
  });

  it.each(['whisper', 'ban'])('%s names everything that is missing', (type) => {
    expect(refuse(type, {})).toContain('is missing');
  });

  it('speak of the parameters themselves when they are no object', () => {
    expect(refuse('ban', [])).toBe('parameters: must be an object of named values');
  });
});

describe('chat_message', () => {
  it.each([
    ['channel_settings', 'REFUSED'],
    ['msg_rejected_mandatory', 'REFUSED'],
    ['automod_held', 'OUTCOME_UNKNOWN'],
    ['msg_rejected', 'OUTCOME_UNKNOWN'],
    ['msg_ratelimit', 'RATE_LIMITED'],
    ['rate_limited', 'RATE_LIMITED'],
    ['msg_slowmode', 'RATE_LIMITED'],
  ])('that Twitch dropped for %s is %s', async (code, failure) => {
    const drop_reason = { code, message: 'Words of Twitch.' };
    const twitch = new FakeTwitch([one({ message_id: '', is_sent: false, drop_reason })]);
    await expect(carryOut('chat_message', { message: 'hi' }, twitch)).rejects.toMatchObject({
      code: failure,
      message: expect.stringContaining('Words of Twitch.'),
      details: { platformStatus: 200, platformCode: code },
    });
  });

  it('keeps the id of a message that moderators check', async () => {
    const drop_reason = { code: 'automod_held', message: 'Held.' };
    const twitch = new FakeTwitch([one({ message_id: 'm1', is_sent: false, drop_reason })]);
    await expect(carryOut('chat_message', { message: 'hi' }, twitch)).rejects.toMatchObject({
      details: { partialResult: { message_id: 'm1' } },
    });
  });

  it('is refused when the message was held back without a reason', async () => {
    const twitch = new FakeTwitch([one({ message_id: '', is_sent: false, drop_reason: null })]);
    await expect(carryOut('chat_message', { message: 'hi' }, twitch)).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'Twitch did not send the message, without a reason',
    });
  });
});

describe('update_game', () => {
  it('looks a name up before it sets the game', async () => {
    const twitch = new FakeTwitch([one({ id: '509658' }), {}]);
    expect(await carryOut('update_game', { game_name: 'Just Chatting' }, twitch)).toEqual({
      game_updated: true,
      game_id: '509658',
    });
    expect(twitch.lines).toEqual([
      'GET /games?name=Just+Chatting',
      'PATCH /channels?broadcaster_id=1001 {"game_id":"509658"}',
    ]);
  });

  it.each([
    [{ game_id: '77' }, 'Twitch knows no game of the id "77"', 'GET /games?id=77'],
    [{ game_name: 'Xyz' }, 'Twitch knows no game of the exact name "Xyz"', 'GET /games?name=Xyz'],
  ])('changes nothing for a game nobody knows: %j', async (parameters, message, line) => {
    const twitch = new FakeTwitch([{ data: [] }]);
    await expect(carryOut('update_game', parameters, twitch)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message,
    });
    expect(twitch.lines).toEqual([line]);
  });
});

describe('clip', () => {
  const made = one({ id: 'Clip1', edit_url: 'https://clips.example/Clip1/edit' });
  const seen = one({ id: 'Clip1', url: 'https://clips.example/Clip1' });
  const notYet = { data: [] };
  const output = { clip_id: 'Clip1', edit_url: 'https://clips.example/Clip1/edit' };

  it('asks for the clip and looks until it is there', async () => {
    const twitch = new FakeTwitch([made, notYet, notYet, seen]);
    expect(await carryOut('clip', { title: 'A save', duration: '29.5' }, twitch)).toEqual({
      ...output,
      url: 'https://clips.example/Clip1',
    });
    expect(twitch.lines).toEqual([
      'POST /clips?broadcaster_id=1001&title=A+save&duration=29.5',
      'GET /clips?id=Clip1',
      'GET /clips?id=Clip1',
      'GET /clips?id=Clip1',
    ]);
    expect(twitch.waits).toEqual([1_000, 1_000]);
  });

  it('takes a look that fails for no answer', async () => {
    const twitch = new FakeTwitch([made, new ActionFailure('PLATFORM_DOWN', 'away'), seen]);
    expect(await carryOut('clip', {}, twitch)).toMatchObject({ clip_id: 'Clip1' });
    expect(twitch.lines[0]).toBe('POST /clips?broadcaster_id=1001');
  });

  it('is looked for after the usual 15 seconds, and then its outcome is unknown', async () => {
    const twitch = new FakeTwitch([made, notYet]);
    await expect(carryOut('clip', {}, twitch)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      details: { partialResult: output },
    });
    expect(twitch.waits.reduce((sum, ms) => sum + ms, 0)).toBe(90_000);
    expect(twitch.known).toEqual(output);
  });

  it('that appears after 17 seconds has succeeded', async () => {
    const looks = Array.from({ length: 16 }, () => notYet);
    const twitch = new FakeTwitch([made, ...looks, seen]);
    expect(await carryOut('clip', {}, twitch)).toMatchObject({ clip_id: 'Clip1' });
    expect(twitch.waits.reduce((sum, ms) => sum + ms, 0)).toBe(20_000);
  });

  it("is unknown when the caller's time is over before the outcome is known", async () => {
    const twitch = new FakeTwitch([made, notYet], 2);
    await expect(carryOut('clip', {}, twitch)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      details: { partialResult: output },
    });
  });

  it('hands on what a look throws that is no failure', async () => {
    const twitch = new FakeTwitch([made, new TypeError('a bug')]);
    await expect(carryOut('clip', {}, twitch)).rejects.toThrow(TypeError);
  });
});

function limitsOf(type: string, parameters: object, context: ActionContext) {
  const action = find(type);
  return action.limits(context, action.parse(parameters, context));
}

function keyOf(type: string, parameters: object): string | undefined {
  const action = find(type);
  const context = contextOf(action);
  return action.orderKey(context, action.parse(parameters, context));
}

/** What the windows of an account have in common. */
const slide = (account: string) => ({ kind: 'window', account });

describe('their limits and lines', () => {
  it('let the broadcaster speak more often than other people', () => {
    const say = { message: 'hi' };
    expect(limitsOf('chat_message', say, ACTOR)).toEqual([
      { ...slide('1002'), bucket: 'twitch:chat:1002:1001', tokens: 20, windowMs: 30_000 },
    ]);
    expect(limitsOf('chat_message', say, ACCOUNT)).toEqual([
      { ...slide('1001'), bucket: 'twitch:chat:1001:1001', tokens: 100, windowMs: 30_000 },
    ]);
  });

  it('count the people one whispers to in a day', () => {
    expect(limitsOf('whisper', { to_user_id: '2001', message: 'a' }, ACTOR)).toEqual([
      { ...slide('1002'), bucket: 'twitch:whisper:1002:second', tokens: 3, windowMs: 1_000 },
      { ...slide('1002'), bucket: 'twitch:whisper:1002:minute', tokens: 100, windowMs: 60_000 },
      {
        ...slide('1002'),
        bucket: 'twitch:whisper:1002:day',
        tokens: 40,
        windowMs: 86_400_000,
        member: '2001',
      },
    ]);
  });

  it.each([
    ['announcement', { message: 'a' }, 1, 2_000],
    ['raid', { to_broadcaster_id: '1003' }, 10, 600_000],
    ['mod_add', { user_id: '1' }, 10, 10_000],
    ['mod_remove', { user_id: '1' }, 10, 10_000],
    ['vip_add', { user_id: '1' }, 10, 10_000],
    ['vip_remove', { user_id: '1' }, 10, 10_000],
  ])('%s counts in a bucket of its own', (type, parameters, tokens, windowMs) => {
    expect(limitsOf(type, parameters, ACCOUNT)).toEqual([
      { ...slide('1001'), bucket: `twitch:${type}:1001`, tokens, windowMs },
    ]);
  });

  it('keep what is said in one chat in order, and what is done to one user', () => {
    expect(keyOf('chat_message', { message: 'a' })).toBe(keyOf('announcement', { message: 'b' }));
    expect(keyOf('ban', { user_id: '1' })).toBe(keyOf('unban', { user_id: '1' }));
    expect(keyOf('timeout', { user_id: '1' })).toBe(keyOf('mod_add', { user_id: '1' }));
    expect(keyOf('ban', { user_id: '1' })).not.toBe(keyOf('ban', { user_id: '2' }));
  });
});
