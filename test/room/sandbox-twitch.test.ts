import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { no, SandboxCaller, type HelixRequest, type Json } from '../support/sandbox-caller.js';
import {
  CHOICES,
  SAID,
  SAID_BY_BOT,
  SAID_BY_BROADCASTER,
  SAID_LONG_AGO,
  announce,
  ban,
  clip,
  end,
  erase,
  mark,
  modify,
  poll,
  predict,
  raid,
  role,
  say,
  unban,
  whisper,
} from '../support/twitch-requests.js';

let caller: SandboxCaller;

beforeEach(async () => {
  caller = await SandboxCaller.open();
});

afterEach(() => caller.close());

/** Sends a request that has to work and answers its first datum. */
async function succeed(request: HelixRequest, status = 200): Promise<Json> {
  const answer = await caller.helix(request);
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
  return answer.json?.['data']?.[0] as Json;
}

const ask = (request: HelixRequest) => caller.askHelix(request);

describe('chat', () => {
  it('says a message and lets the channel see it', async () => {
    const sent = await succeed(say({ reply_parent_message_id: SAID }));
    expect(sent).toEqual({ message_id: expect.any(String), is_sent: true });
    const { chat } = await caller.channel();
    expect(chat!.at(-1)).toMatchObject({ id: sent['message_id'], sender_id: '1002', text: 'hi' });
  });

  it('answers 200 for a message that AutoMod holds, once', async () => {
    await caller.change({ user_id: '1001', hold_next_message: true });
    expect(await succeed(say())).toMatchObject({
      is_sent: false,
      drop_reason: { code: expect.any(String), message: expect.any(String) },
    });
    expect(await succeed(say())).toMatchObject({ is_sent: true });
  });

  it('pins a message of a moderator', async () => {
    const sent = await succeed(say({ pin: true }));
    expect(await caller.channel()).toMatchObject({ pinned_message_id: sent['message_id'] });
  });

  it('announces, cutting what is too long', async () => {
    await succeed(announce({ message: '🎉'.repeat(501), color: 'green' }), 204);
    const { chat } = await caller.channel();
    expect(chat!.at(-1)).toMatchObject({ kind: 'announcement', color: 'green' });
    expect([...String(chat!.at(-1)!['text'])]).toHaveLength(500);
  });

  it('whispers, and to strangers only if they take it', async () => {
    await succeed(whisper('2001', '1002', 'x'.repeat(600)), 204);
    expect(await ask(whisper('2009'))).toEqual(no(403, /settings prevent/));
    await succeed(whisper('1002', '2009'), 204);
    await succeed(whisper('2009', '1002', 'x'.repeat(600)), 204);
    const { json } = await caller.control('GET', '/state');
    const lengths = json['twitch']!['whispers']!.map(({ text }) => String(text).length);
    expect(lengths).toEqual([500, 4, 600]);
  });

  it.each<[string, HelixRequest, number, RegExp?]>([
    ['an empty message', say({ message: '' }), 400, /message field is required/],
    ['a message of 501 characters', say({ message: 'x'.repeat(501) }), 422],
    ['a number for an id', say({ broadcaster_id: 1001 }), 400, /must be a string/],
    ['an unknown channel', say({ broadcaster_id: '9999' }), 400, /not found/],
    ['another sender', say({ sender_id: '2001' }), 401, /must match/],
    ['a reply to nothing', say({ reply_parent_message_id: 'none' }), 400, /reply_parent/],
    ['for_source_only of a user token', say({ for_source_only: true }), 400],
    ['a pin that is a reply', say({ pin: true, reply_parent_message_id: SAID }), 400],
    ['a pin without the scope', { ...say({ pin: true }), scopes: ['user:write:chat'] }, 401],
    ['a banned sender', say({}, '2006'), 403, /not permitted/],
    ['an announcement without a message', announce({ message: '' }), 400],
    ['an announcement in no colour', announce({ color: 'Blue' }), 400, /invalid color/],
    [
      'an announcement by a stranger',
      { ...announce(), as: '2001', query: { broadcaster_id: '1001', moderator_id: '2001' } },
      401,
    ],
    ['a whisper to oneself', whisper('1002'), 400, /themself/],
    ['an empty whisper', whisper('2001', '1002', ''), 400],
    ['a whisper to nobody', whisper('9999'), 404],
    ['a whisper for somebody else', { ...whisper('2001', '2002'), as: '1002' }, 401, /match/],
    ['a whisper without a phone', whisper('2001', '2010'), 401, /verified phone/],
  ])('refuses %s', async (_, request, status, says) => {
    expect(await ask(request)).toEqual(no(status, says));
  });

  it('lets an app token speak once everybody consented', async () => {
    const { json } = await caller.oauth('/token', { grant_type: 'client_credentials' });
    const headers = { authorization: `Bearer ${String(json['access_token'])}` };
    const speak = { ...say(), as: '2001', headers };
    expect(await ask(speak)).toEqual(no(401, /Missing scope/));
    await caller.token('1002', ['user:write:chat', 'user:bot']);
    await succeed(speak);
    expect(await ask({ ...ban(), headers })).toEqual(no(401));
  });
});

describe('moderation', () => {
  it('bans until unbanned', async () => {
    expect(await succeed(ban({ reason: 'rude' }))).toMatchObject({
      user_id: '2001',
      moderator_id: '1002',
      end_time: null,
    });
    expect(await ask(say({}, '2001'))).toEqual(no(403));
    expect(await ask(ban())).toEqual(no(400, /already banned/));
    expect(await ask(ban({ duration: 60 }))).toEqual(no(400, /already banned/));
    await succeed(unban('2001'), 204);
    expect(await ask(unban('2001'))).toEqual(no(400, /not banned/));
    await succeed(say({}, '2001'));
  });

  it('ends a timeout by the clock', async () => {
    const { end_time } = await succeed(ban({ duration: 600 }));
    expect(String(end_time)).toBe('2026-11-20T12:10:00Z');
    expect(await ask(say({}, '2001'))).toEqual(no(403));
    caller.advance(600_000);
    await succeed(say({}, '2001'));
    expect(await ask(unban('2001'))).toEqual(no(400));
  });

  it('lists who is banned, page by page', async () => {
    const request: HelixRequest = {
      method: 'GET',
      path: '/moderation/banned',
      query: { broadcaster_id: '1001', first: '1' },
    };
    await succeed(ban({ duration: 60 }));
    const { json } = await caller.helix(request);
    expect(json['data']![0]).toMatchObject({ user_login: 'viewer_six', expires_at: '' });
    const after = String(json['pagination']!['cursor']);
    const next = await caller.helix({ ...request, query: { ...request.query, after } });
    expect(next.json).toMatchObject({ data: [{ user_id: '2001' }], pagination: {} });
  });

  it('deletes a message once', async () => {
    await succeed(erase(SAID), 204);
    expect(await ask(erase(SAID))).toEqual(no(404));
    const { chat } = await caller.channel();
    expect(chat!.filter(({ deleted_by }) => deleted_by !== undefined)).toHaveLength(1);
  });

  it('clears the whole chat when no message is named, as Twitch does', async () => {
    await succeed(erase(), 204);
    const { chat } = await caller.channel();
    expect(chat!.at(-1)).toMatchObject({ kind: 'cleared', sender_id: '1002' });
    expect(chat!.slice(0, -1).every(({ deleted_by }) => String(deleted_by) === '1002')).toBe(true);
  });

  it.each<[string, HelixRequest, number, RegExp?]>([
    ['a timeout of 0 s', ban({ duration: 0 }), 400, /1 through 1209600/],
    ['a timeout beyond two weeks', ban({ duration: 1_209_601 }), 400],
    ['a timeout of half seconds', ban({ duration: 1.5 }), 400, /integer/],
    ['a reason of 501 characters', ban({ reason: 'x'.repeat(501) }), 400],
    ['a ban of nobody', ban({ user_id: '9999' }), 400, /not found/],
    ['a ban of the broadcaster', ban({ user_id: '1001' }), 400, /may not be banned/],
    ['a ban of oneself', ban({ user_id: '1002' }), 400, /may not be banned/],
    ['a ban without data', { ...ban(), body: {} }, 400, /data field is required/],
    ['a ban without a channel', ban({}, { broadcaster_id: '' }), 400, /Missing required/],
    ['an id that is a login', ban({}, { broadcaster_id: 'demo_channel' }), 400, /not valid/],
    ['a moderator who is not the token', ban({}, { moderator_id: '1001' }), 401, /moderator_id/],
    ['a moderator of another channel', ban({}, { broadcaster_id: '1003' }), 403, /moderators/],
    ['a ban without the scope', { ...ban(), scopes: ['chat:read'] }, 401, /Missing scope: moder/],
    ['deleting nothing', erase('none'), 404],
    ['deleting after six hours', erase(SAID_LONG_AGO), 404, /6 hours/],
    ["deleting the broadcaster's message", erase(SAID_BY_BROADCASTER), 400, /broadcaster/],
    ['deleting elsewhere', erase(SAID, { broadcaster_id: '1003' }), 403],
  ])('refuses %s', async (_, request, status, says) => {
    expect(await ask(request)).toEqual(no(status, says));
  });

  it("refuses deleting another moderator's message", async () => {
    await succeed(role('POST', 'moderation/moderators', '2001'), 204);
    expect(await ask({ ...erase(SAID_BY_BOT, { moderator_id: '2001' }), as: '2001' })).toEqual(
      no(400, /another moderator/),
    );
  });
});

describe('roles', () => {
  it.each([
    ['moderation/moderators', 'moderators', 400, 400],
    ['channels/vips', 'vips', 422, 422],
  ] as const)('gives and takes a role at %s', async (path, list, twice, notGiven) => {
    await succeed(role('POST', path, '2001'), 204);
    expect((await caller.channel())[list]).toContain('2001');
    expect(await ask(role('POST', path, '2001'))).toEqual(no(twice));
    const { json } = await caller.helix({
      method: 'GET',
      path: `/${path}`,
      query: { broadcaster_id: '1001', user_id: '2001' },
    });
    expect(json['data']).toEqual([
      { user_id: '2001', user_login: 'viewer_one', user_name: 'viewer_one' },
    ]);
    await succeed(role('DELETE', path, '2001'), 204);
    expect(await ask(role('DELETE', path, '2001'))).toEqual(no(notGiven));
  });

  it('keeps moderators and VIPs apart', async () => {
    expect(await ask(role('POST', 'moderation/moderators', '2003'))).toEqual(no(422, /VIP/));
    expect(await ask(role('POST', 'channels/vips', '1002'))).toEqual(no(422, /moderator/));
  });

  it.each<[string, HelixRequest, number]>([
    ['an unknown moderator', role('POST', 'moderation/moderators', '9999'), 400],
    ['a banned moderator', role('POST', 'moderation/moderators', '2006'), 400],
    ["a bot's token", { ...role('POST', 'moderation/moderators', '2001'), as: '1002' }, 401],
    ['an unknown VIP', role('POST', 'channels/vips', '9999'), 404],
    ['a banned VIP', role('POST', 'channels/vips', '2006'), 400],
    [
      'a VIP before Build a Community',
      { ...role('POST', 'channels/vips', '2001', { broadcaster_id: '1003' }), as: '1003' },
      425,
    ],
    ['the end of an unknown VIP', role('DELETE', 'channels/vips', '9999'), 404],
  ])('refuses %s', async (_, request, status) => {
    expect(await ask(request)).toEqual(no(status));
  });

  it('refuses a VIP beyond the slots', async () => {
    await caller.change({ user_id: '1001', vip_slots: 1 });
    expect(await ask(role('POST', 'channels/vips', '2001'))).toEqual(no(409, /slots/));
  });

  it('lets a VIP leave', async () => {
    await succeed({ ...role('DELETE', 'channels/vips', '2003'), as: '2003' }, 204);
    expect(await ask({ ...role('DELETE', 'channels/vips', '2003'), as: '2004' })).toEqual(no(401));
  });
});

describe('channels', () => {
  it('changes the title and the game, and ignores an unknown game', async () => {
    const read: HelixRequest = {
      method: 'GET',
      path: '/channels',
      query: { broadcaster_id: '1001' },
    };
    await succeed(modify({ title: 'New', game_id: '27471', tags: ['Chill'] }), 204);
    const changed = { title: 'New', game_name: 'Minecraft', tags: ['Chill'] };
    expect(await succeed(read)).toMatchObject(changed);
    await succeed(modify({ game_id: '424242' }), 204);
    expect(await succeed(read)).toMatchObject(changed);
    await succeed(modify({ game_id: '0' }), 204);
    expect(await succeed(read)).toMatchObject({ game_id: '', game_name: '' });
  });

  it('marks a live stream', async () => {
    caller.advance(4_000);
    expect(await succeed(mark({ description: 'goal' }))).toMatchObject({
      id: expect.any(String),
      description: 'goal',
      position_seconds: 3_604,
    });
    await caller.change({ user_id: '1001', vod: false });
    expect(await ask(mark())).toEqual(no(404, /video on demand/));
  });

  it('makes a clip a while after it said so', async () => {
    const { id, edit_url } = await succeed(clip({ duration: '12.5', title: 'wow' }), 202);
    expect(String(edit_url)).toContain(String(id));
    const read: HelixRequest = { method: 'GET', path: '/clips', query: { id: String(id) } };
    expect((await caller.helix(read)).json['data']).toEqual([]);
    caller.advance(1_500);
    expect(await succeed(read)).toMatchObject({ title: 'wow', duration: 12.5 });
  });

  it('raids once at a time', async () => {
    expect(await succeed(raid())).toMatchObject({ is_mature: false });
    expect(await ask(raid())).toEqual(no(409));
    await succeed({ method: 'DELETE', path: '/raids', query: { broadcaster_id: '1001' } }, 204);
    expect(
      await ask({ method: 'DELETE', path: '/raids', query: { broadcaster_id: '1001' } }),
    ).toEqual(no(404));
    await succeed(raid());
    caller.advance(90_000);
    await succeed(raid());
    const { raids } = await caller.channel();
    expect(raids!.map(({ status }) => String(status))).toEqual(['cancelled', 'gone', 'pending']);
  });

  it.each<[string, HelixRequest, number, RegExp?]>([
    ['no change at all', modify({}), 400],
    ['an empty title', modify({ title: '' }), 400],
    ['a title of 141 characters', modify({ title: 'x'.repeat(141) }), 400],
    ['a delay of no partner', modify({ delay: 10 }), 400],
    ["somebody else's channel", { ...modify({ title: 'x' }), as: '1002' }, 401],
    ['a marker of 141 characters', mark({ description: 'x'.repeat(141) }), 400],
    ['a marker of a stranger', mark({}, '2001'), 403],
    ['a marker offline', mark({ user_id: '1004' }, '1004'), 404, /not streaming/],
    ['a marker for nobody', mark({ user_id: '9999' }), 404],
    ['a clip of 4 s', clip({ duration: '4' }), 400],
    ['a clip of 5.55 s', clip({ duration: '5.55' }), 400],
    ['a clip of nobody', clip({ broadcaster_id: '9999' }), 400],
    ['a clip offline', clip({ broadcaster_id: '1004' }), 404],
    ['a clip by the banned', { ...clip(), as: '2006' }, 403],
    ['a raid of oneself', raid('1001'), 400, /cannot be the same/],
    ['a raid of nobody', raid('9999'), 404],
    ['a raid for somebody else', raid('1004', '1003'), 401],
  ])('refuses %s', async (_, request, status, says) => {
    expect(await ask(request)).toEqual(no(status, says));
  });

  it('refuses a raid that is not wanted', async () => {
    await caller.change({ user_id: '1003', accepts_raids: false });
    expect(await ask(raid())).toEqual(no(400, /does not accept/));
  });
});

describe('polls and predictions', () => {
  it('runs one poll at a time and ends it', async () => {
    const { id, ...made } = await succeed(poll());
    expect(made).toMatchObject({
      status: 'ACTIVE',
      duration: 60,
      broadcaster_login: 'demo_channel',
    });
    expect(await ask(poll())).toEqual(no(400, /already/));
    const ended = await succeed(end('/polls', { id, status: 'TERMINATED' }));
    expect(ended).toMatchObject({ status: 'TERMINATED', ended_at: expect.any(String) });
    expect(await ask(end('/polls', { id, status: 'ARCHIVED' }))).toEqual(no(400, /must be active/));
    await succeed(poll({ channel_points_voting_enabled: true, channel_points_per_vote: 10 }));
  });

  it('completes a poll by the clock', async () => {
    const { id } = await succeed(poll());
    caller.advance(60_000);
    const query = { broadcaster_id: '1001', id: String(id) };
    expect(await succeed({ method: 'GET', path: '/polls', query })).toMatchObject({
      status: 'COMPLETED',
    });
    expect(
      await ask({ method: 'GET', path: '/polls', query: { broadcaster_id: '1001', id: 'none' } }),
    ).toEqual(no(404));
    await succeed(poll());
  });

  it('locks and resolves a prediction', async () => {
    const { id, outcomes } = await succeed(predict());
    expect(outcomes!.map(({ color }) => String(color))).toEqual(['BLUE', 'PINK']);
    expect(await ask(predict())).toEqual(no(400, /already/));
    expect(await succeed(end('/predictions', { id, status: 'LOCKED' }))).toMatchObject({
      status: 'LOCKED',
      locked_at: expect.any(String),
    });
    expect(await ask(end('/predictions', { id, status: 'LOCKED' }))).toEqual(no(400));
    const winning_outcome_id = outcomes![1]!['id'];
    const resolved = end('/predictions', { id, status: 'RESOLVED', winning_outcome_id });
    expect(await succeed(resolved)).toMatchObject({ status: 'RESOLVED', winning_outcome_id });
    expect(await ask(resolved)).toEqual(no(400));
    expect(await ask(end('/predictions', { id, status: 'CANCELED' }))).toEqual(no(400));
  });

  it('locks a prediction by the clock and lets it be cancelled', async () => {
    const { id } = await succeed(predict());
    caller.advance(60_000);
    expect(
      await succeed({ method: 'GET', path: '/predictions', query: { broadcaster_id: '1001' } }),
    ).toMatchObject({ id, status: 'LOCKED' });
    expect(await ask(end('/predictions', { id, status: 'RESOLVED' }))).toEqual(
      no(400, /winning_outcome/),
    );
    expect(
      await ask(end('/predictions', { id, status: 'RESOLVED', winning_outcome_id: 'none' })),
    ).toEqual(no(404));
    await succeed(end('/predictions', { id, status: 'CANCELED' }));
    await succeed(predict());
  });

  it.each<[string, HelixRequest, number, RegExp?]>([
    ['a poll of one choice', poll({ choices: CHOICES.slice(1) }), 400, /2 through 5/],
    ['a poll of six choices', poll({ choices: Array(6).fill(CHOICES[0]) }), 400],
    ['a choice of 26 characters', poll({ choices: [...CHOICES, { title: 'x'.repeat(26) }] }), 400],
    ['a poll title of 61 characters', poll({ title: 'x'.repeat(61) }), 400],
    ['a poll of 14 s', poll({ duration: 14 }), 400, /15 through 1800/],
    ['a poll too dear', poll({ channel_points_per_vote: 1_000_001 }), 400],
    ["somebody else's poll", poll({ broadcaster_id: '1003' }), 401],
    ['an unknown poll status', end('/polls', { id: 'x', status: 'DONE' }), 400, /not valid/],
    ['the end of no poll', end('/polls', { id: 'x', status: 'ARCHIVED' }), 400],
    ['a prediction of eleven outcomes', predict({ outcomes: Array(11).fill(CHOICES[0]) }), 400],
    ['a prediction title of 46 characters', predict({ title: 'x'.repeat(46) }), 400],
    ['a prediction of 29 s', predict({ prediction_window: 29 }), 400],
    ['the end of no prediction', end('/predictions', { id: 'x', status: 'CANCELED' }), 404],
  ])('refuses %s', async (_, request, status, says) => {
    expect(await ask(request)).toEqual(no(status, says));
  });
});

describe('look-ups', () => {
  it.each<[string, Record<string, string>, unknown]>([
    ['/users', { login: 'Demo_Channel' }, [{ id: '1001', broadcaster_type: 'affiliate' }]],
    ['/users', { id: '1004' }, [{ login: 'offline_channel' }]],
    ['/users', {}, [{ id: '1001' }]],
    ['/users', { id: '9999' }, []],
    ['/games', { name: 'just chatting' }, [{ id: '509658', name: 'Just Chatting' }]],
    ['/games', { name: 'Just Chat' }, []],
    ['/games', { id: '27471' }, [{ name: 'Minecraft' }]],
    ['/search/categories', { query: 'craft' }, [{ id: '27471' }]],
    ['/streams', { user_id: '1001' }, [{ user_login: 'demo_channel', type: 'live' }]],
    ['/streams', { user_id: '1004' }, []],
    ['/channels', { broadcaster_id: '9999' }, []],
  ])('answers GET %s %o', async (path, query, data) => {
    const { status, json } = await caller.helix({ method: 'GET', path, query });
    expect(status).toBe(200);
    expect(json['data']).toHaveLength((data as unknown[]).length);
    expect(json).toMatchObject({ data });
  });
});
