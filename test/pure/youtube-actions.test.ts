// Real: the actions on YouTube and Google's own library, which builds their requests.
// Fake: YouTube itself, an upstream that notes requests and answers, and what is kept between actions.
import { describe, expect, it } from 'vitest';
import type { Action, ActionContext, Upstream } from '../../src/actions/action.js';
import { ActionFailure } from '../../src/actions/failures.js';
import type { Upload } from '../../src/actions/upload.js';
import { buildUrl, type PlatformRequest } from '../../src/actions/wire.js';
import { rehearse } from '../../src/execution/rehearsal.js';
import { youtubeActions } from '../../src/platforms/youtube/actions/index.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';
import { buildYouTubeRequest } from '../../src/platforms/youtube/youtube-request.js';

const CHANNEL = 'UCdemo';
const CONTEXT: ActionContext = {
  actionId: 'a-1',
  account: { id: CHANNEL },
  actor: { id: CHANNEL },
};

function find(type: string): Action {
  const found = youtubeActions.find((action) => action.type === type);
  if (!found) throw new Error(`There is no ${type}`);
  return found;
}

/** Answers requests one after the other; an answer that is a failure is thrown. */
class FakeYouTube implements Upstream {
  readonly requests: PlatformRequest[] = [];
  readonly uploads: Upload[] = [];
  readonly kept = new Map<string, string>();
  readonly times = new Map<string, number>();
  renewals = 0;

  constructor(private readonly answers: readonly unknown[] = [{}]) {}

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
    throw new Error('Nothing on YouTube is fetched');
  }

  async upload<Answer>(upload: Upload): Promise<Answer> {
    this.uploads.push(upload);
    return this.send<Answer>(upload.session);
  }

  beginPart(): void {}

  async changeRecord(): Promise<never> {
    throw new Error('No record is kept');
  }

  goOnAfter(): void {}

  async wait(): Promise<never> {
    throw new Error('Nothing on YouTube is waited for');
  }

  async recall(name: string): Promise<string | undefined> {
    return this.kept.get(name);
  }

  async reserveFiles(): Promise<void> {}

  async remember(name: string, value: string, forMs: number): Promise<void> {
    this.kept.set(name, value);
    this.times.set(name, forMs);
  }

  async renew(): Promise<number> {
    this.renewals += 1;
    return Date.UTC(2026, 10, 20);
  }

  async forget(name: string): Promise<void> {
    this.kept.delete(name);
  }

  /** The requests as they would stand on the wire. */
  get lines(): string[] {
    return this.requests.map((request) => {
      const body = request.body === undefined ? '' : ` ${JSON.stringify(request.body)}`;
      return `${request.method} ${buildUrl('', request).replace('/youtube/v3', '')}${body}`;
    });
  }
}

async function carryOut(type: string, parameters: object, youtube: FakeYouTube): Promise<object> {
  const action = find(type);
  return action.carryOut(action.parse(parameters, CONTEXT), CONTEXT, youtube);
}

/** What is wrong with parameters, in one line; fails when nothing is. */
function refuse(type: string, parameters: object): string {
  try {
    find(type).parse(parameters, CONTEXT);
  } catch (error) {
    if (error instanceof ActionFailure && error.code === 'INVALID_INPUT') return error.message;
    throw error;
  }
  throw new Error('The parameters were taken');
}

const refusal = (code: ConstructorParameters<typeof ActionFailure>[0], platformCode: string) =>
  new ActionFailure(code, `YouTube answered: ${platformCode}`, { platformCode });

const BROADCASTS =
  'GET /liveBroadcasts?part=snippet&broadcastStatus=active&broadcastType=all&maxResults=50';
const live = (...ids: string[]): object => ({
  items: ids.map((liveChatId) => ({ snippet: { liveChatId } })),
});

interface Sent {
  readonly type: string;
  readonly parameters: object;
  readonly lines: readonly string[];
  readonly answers?: readonly unknown[];
  readonly output: object;
}

const SNIPPET = {
  publishedAt: '2026-01-01T00:00:00Z',
  channelId: CHANNEL,
  channelTitle: 'Demo',
  thumbnails: { default: { url: 'https://i.example/1.jpg' } },
  liveBroadcastContent: 'none',
  localized: { title: 'Old', description: 'Old text' },
  title: 'Old',
  description: 'Old text',
  tags: ['one', 'two'],
  categoryId: '20',
  defaultLanguage: 'en',
  defaultAudioLanguage: 'de',
};

/** One row per action and per way of asking for it. */
const SENT: readonly Sent[] = [
  {
    type: 'upload_video',
    parameters: { video_url: 'https://a.example/v.mp4', title: 'New' },
    lines: [
      'POST /upload/videos?uploadType=resumable&part=snippet&part=status {"snippet":{"title":"New","description":"","categoryId":"22"},"status":{"privacyStatus":"private","selfDeclaredMadeForKids":false}}',
    ],
    answers: [{ id: 'vid', status: { privacyStatus: 'private', uploadStatus: 'uploaded' } }],
    output: {
      video_id: 'vid',
      url: 'https://www.youtube.com/watch?v=vid',
      privacy_status: 'private',
      upload_status: 'uploaded',
    },
  },
  {
    type: 'upload_video',
    parameters: {
      video_url: 'https://a.example/v.mp4',
      title: 'New',
      description: 'About',
      tags: ['a', 'b c'],
      category_id: '20',
      made_for_kids: true,
      publish_at: '2999-01-01T02:00:00+02:00',
      notify_subscribers: false,
    },
    lines: [
      'POST /upload/videos?uploadType=resumable&part=snippet&part=status&notifySubscribers=false {"snippet":{"title":"New","description":"About","tags":["a","b c"],"categoryId":"20"},"status":{"privacyStatus":"private","selfDeclaredMadeForKids":true,"publishAt":"2999-01-01T00:00:00.000Z"}}',
    ],
    answers: [{ id: 'vid' }],
    output: {
      video_id: 'vid',
      url: 'https://www.youtube.com/watch?v=vid',
      privacy_status: 'private',
    },
  },
  {
    type: 'post_short',
    parameters: { video_url: 'https://a.example/v.mp4', title: 'New', privacy_status: 'public' },
    lines: [
      'POST /upload/videos?uploadType=resumable&part=snippet&part=status {"snippet":{"title":"New","description":"","tags":["#Shorts"],"categoryId":"22"},"status":{"privacyStatus":"public","selfDeclaredMadeForKids":false}}',
    ],
    // YouTube may be stricter than it was asked to be.
    answers: [{ id: 'vid', status: { privacyStatus: 'private' } }],
    output: {
      video_id: 'vid',
      url: 'https://www.youtube.com/shorts/vid',
      privacy_status: 'private',
    },
  },
  {
    type: 'send_live_chat_message',
    parameters: { live_chat_id: 'Kic.K_-=', message: 'hi' },
    lines: [
      'POST /liveChat/messages?part=snippet {"snippet":{"liveChatId":"Kic.K_-=","type":"textMessageEvent","textMessageDetails":{"messageText":"hi"}}}',
    ],
    answers: [{ id: 'LCC.1' }],
    output: { message_id: 'LCC.1', message_sent: true },
  },
  {
    type: 'send_live_chat_message',
    parameters: { message: 'hi' },
    lines: [
      BROADCASTS,
      'POST /liveChat/messages?part=snippet {"snippet":{"liveChatId":"chat-1","type":"textMessageEvent","textMessageDetails":{"messageText":"hi"}}}',
    ],
    answers: [live('chat-1'), { id: 'LCC.1' }],
    output: { message_id: 'LCC.1', message_sent: true },
  },
  {
    type: 'delete_live_chat_message',
    parameters: { message_id: 'LCC.1' },
    lines: ['DELETE /liveChat/messages?id=LCC.1'],
    output: { message_deleted: true },
  },
  {
    type: 'ban_live_chat_user',
    parameters: { live_chat_id: 'chat-1', target_channel_id: 'UCbad' },
    lines: [
      'POST /liveChat/bans?part=snippet {"snippet":{"liveChatId":"chat-1","bannedUserDetails":{"channelId":"UCbad"},"type":"permanent"}}',
    ],
    answers: [{ id: 'ban-1' }],
    output: { user_banned: true, ban_id: 'ban-1' },
  },
  {
    type: 'ban_live_chat_user',
    parameters: { live_chat_id: 'chat-1', target_channel_id: 'UCbad', duration_seconds: '300' },
    lines: [
      'POST /liveChat/bans?part=snippet {"snippet":{"liveChatId":"chat-1","bannedUserDetails":{"channelId":"UCbad"},"type":"temporary","banDurationSeconds":"300"}}',
    ],
    answers: [{ id: 'ban-1' }],
    output: { user_banned: true, ban_id: 'ban-1' },
  },
  {
    type: 'unban_live_chat_user',
    parameters: { ban_id: 'ban-1' },
    lines: ['DELETE /liveChat/bans?id=ban-1'],
    output: { user_unbanned: true },
  },
  {
    type: 'add_moderator',
    parameters: { live_chat_id: 'chat-1', target_channel_id: 'UCfriend' },
    lines: [
      'POST /liveChat/moderators?part=snippet {"snippet":{"liveChatId":"chat-1","moderatorDetails":{"channelId":"UCfriend"}}}',
    ],
    answers: [{ id: 'mod-1' }],
    output: { moderator_added: true, moderator_id: 'mod-1' },
  },
  {
    type: 'remove_moderator',
    parameters: { live_chat_id: 'chat-1', target_channel_id: 'UCfriend' },
    lines: [
      'GET /liveChat/moderators?liveChatId=chat-1&part=snippet&maxResults=50',
      'GET /liveChat/moderators?liveChatId=chat-1&part=snippet&maxResults=50&pageToken=p2',
      'DELETE /liveChat/moderators?id=mod-2',
    ],
    answers: [
      {
        items: [{ id: 'mod-1', snippet: { moderatorDetails: { channelId: 'UCother' } } }],
        nextPageToken: 'p2',
      },
      { items: [{ id: 'mod-2', snippet: { moderatorDetails: { channelId: 'UCfriend' } } }] },
      {},
    ],
    output: { moderator_removed: true },
  },
  {
    type: 'update_video_title',
    parameters: { video_id: 'vid', title: 'New' },
    lines: [
      'GET /videos?part=snippet&id=vid',
      'PUT /videos?part=snippet {"id":"vid","snippet":{"title":"New","description":"Old text","tags":["one","two"],"categoryId":"20","defaultLanguage":"en","defaultAudioLanguage":"de"}}',
    ],
    answers: [{ items: [{ id: 'vid', snippet: SNIPPET }] }, { id: 'vid' }],
    output: { title_updated: true },
  },
  {
    type: 'update_video_description',
    parameters: { video_id: 'vid', description: '' },
    lines: [
      'GET /videos?part=snippet&id=vid',
      'PUT /videos?part=snippet {"id":"vid","snippet":{"title":"Old","description":"","tags":["one","two"],"categoryId":"20","defaultLanguage":"en","defaultAudioLanguage":"de"}}',
    ],
    answers: [{ items: [{ id: 'vid', snippet: SNIPPET }] }, { id: 'vid' }],
    output: { description_updated: true },
  },
  {
    type: 'create_playlist',
    parameters: { title: 'Best of' },
    lines: [
      'POST /playlists?part=snippet&part=status {"snippet":{"title":"Best of","description":""},"status":{"privacyStatus":"private"}}',
    ],
    answers: [{ id: 'PL1' }],
    output: { playlist_created: true, playlist_id: 'PL1' },
  },
  {
    type: 'add_to_playlist',
    parameters: { playlist_id: 'PL1', video_id: 'vid' },
    lines: [
      'POST /playlistItems?part=snippet {"snippet":{"playlistId":"PL1","resourceId":{"kind":"youtube#video","videoId":"vid"}}}',
    ],
    answers: [{ id: 'item-1' }],
    output: { added: true, playlist_item_id: 'item-1' },
  },
  {
    type: 'add_to_playlist',
    parameters: { playlist_id: 'PL1', video_id: 'vid', position: 0 },
    lines: [
      'POST /playlistItems?part=snippet {"snippet":{"playlistId":"PL1","resourceId":{"kind":"youtube#video","videoId":"vid"},"position":0}}',
    ],
    answers: [{ id: 'item-1' }],
    output: { added: true, playlist_item_id: 'item-1' },
  },
  {
    type: 'remove_from_playlist',
    parameters: { playlist_item_id: 'item-1' },
    lines: ['DELETE /playlistItems?id=item-1'],
    output: { removed: true, playlist_item_id: 'item-1' },
  },
  {
    type: 'remove_from_playlist',
    parameters: { playlist_id: 'PL1', video_id: 'vid' },
    lines: [
      'GET /playlistItems?part=id&playlistId=PL1&videoId=vid&maxResults=50',
      'DELETE /playlistItems?id=item-1',
    ],
    answers: [{ items: [{ id: 'item-1' }, { id: 'item-9' }] }, {}],
    output: { removed: true, playlist_item_id: 'item-1', occurrences_left: 1 },
  },
  {
    type: 'update_broadcast_status',
    parameters: { broadcast_id: 'cast', status: 'TESTING' },
    lines: [
      'POST /liveBroadcasts/transition?id=cast&broadcastStatus=testing&part=id&part=snippet&part=status',
    ],
    answers: [{ id: 'cast', status: { lifeCycleStatus: 'testStarting' } }],
    output: { status_updated: true, life_cycle_status: 'testStarting' },
  },
  {
    type: 'insert_cuepoint',
    parameters: { broadcast_id: 'cast' },
    lines: ['POST /liveBroadcasts/cuepoint?id=cast {"cueType":"cueTypeAd","durationSecs":30}'],
    answers: [{ id: 'cue-1' }],
    output: { cuepoint_inserted: true, cuepoint_id: 'cue-1', duration_seconds: 30 },
  },
  {
    type: 'insert_cuepoint',
    parameters: { broadcast_id: 'cast', duration_seconds: 60 },
    lines: ['POST /liveBroadcasts/cuepoint?id=cast {"cueType":"cueTypeAd","durationSecs":60}'],
    answers: [{ id: 'cue-2' }],
    output: { cuepoint_inserted: true, cuepoint_id: 'cue-2', duration_seconds: 60 },
  },
  {
    type: 'post_comment',
    parameters: { video_id: 'vid', text: 'Nice' },
    lines: [
      'POST /commentThreads?part=snippet {"snippet":{"videoId":"vid","topLevelComment":{"snippet":{"textOriginal":"Nice"}}}}',
    ],
    answers: [{ id: 'thread-1', snippet: { topLevelComment: { id: 'Ug1' } } }],
    output: { comment_posted: true, comment_id: 'Ug1' },
  },
  {
    type: 'reply_to_comment',
    parameters: { parent_id: 'Ug1', text: 'Thanks' },
    lines: ['POST /comments?part=snippet {"snippet":{"parentId":"Ug1","textOriginal":"Thanks"}}'],
    answers: [{ id: 'Ug1.9a' }],
    output: { reply_posted: true, comment_id: 'Ug1.9a' },
  },
  {
    type: 'delete_comment',
    parameters: { comment_id: 'Ug1.9a' },
    lines: ['DELETE /comments?id=Ug1.9a'],
    output: { comment_deleted: true },
  },
  {
    type: 'set_comment_moderation',
    parameters: { comment_id: 'Ug1', status: 'heldforreview' },
    lines: ['POST /comments/setModerationStatus?id=Ug1&moderationStatus=heldForReview'],
    output: { moderation_set: true },
  },
  {
    type: 'set_comment_moderation',
    parameters: { comment_id: 'Ug1', status: 'rejected', ban_author: true },
    lines: ['POST /comments/setModerationStatus?id=Ug1&moderationStatus=rejected&banAuthor=true'],
    output: { moderation_set: true },
  },
  {
    type: 'validate_credentials',
    parameters: {},
    lines: ['GET /channels?part=snippet&mine=true'],
    answers: [{ items: [{ id: CHANNEL, snippet: { title: 'Demo' } }] }],
    output: { channel_id: CHANNEL, title: 'Demo', is_account: true },
  },
  {
    type: 'refresh_token',
    parameters: {},
    lines: ['GET /channels?part=snippet&mine=true'],
    answers: [{ items: [{ id: CHANNEL, snippet: { title: 'Demo' } }] }],
    output: { channel_id: CHANNEL, expires_at: '2026-11-20T00:00:00.000Z' },
  },
];

describe('what leaves', () => {
  it.each(SENT)('$type $parameters', async ({ type, parameters, lines, answers, output }) => {
    const youtube = new FakeYouTube(answers);
    expect(await carryOut(type, parameters, youtube)).toEqual(output);
    expect(youtube.lines).toEqual(lines);
    expect(find(type).findOutputFaults(output)).toEqual([]);
  });

  it('carries Google’s path and never its host', () => {
    const request = buildYouTubeRequest((youtube) => youtube.videos.delete({ id: 'a&b=c' }));
    expect(request).toEqual({
      method: 'DELETE',
      path: '/youtube/v3/videos',
      query: { id: 'a&b=c' },
    });
  });

  it('is built for one call at a time, however many are being built', () => {
    const ids = Array.from({ length: 50 }, (_, index) => `v${index}`);
    const built = ids.map((id) => buildYouTubeRequest((youtube) => youtube.videos.delete({ id })));
    expect(built.map(({ query }) => query?.['id'])).toEqual(ids);
  });

  it('is refused where the library misses a parameter', () => {
    expect(() =>
      buildYouTubeRequest((youtube) => youtube.videos.delete({ id: undefined as never })),
    ).toThrow('built no request');
  });
});

describe('the live chat that is left out', () => {
  it('is looked up once and remembered for minutes', async () => {
    const youtube = new FakeYouTube([live('chat-1'), { id: 'm1' }, { id: 'm2' }]);
    await carryOut('send_live_chat_message', { message: 'one' }, youtube);
    await carryOut('send_live_chat_message', { message: 'two' }, youtube);
    expect(youtube.lines.map((line) => line.split('?')[0])).toEqual([
      'GET /liveBroadcasts',
      'POST /liveChat/messages',
      'POST /liveChat/messages',
    ]);
    expect(youtube.times.get('live_chat_id')).toBe(300_000);
  });

  it.each(['liveChatEnded', 'liveChatNotFound'])('is looked up again after %s', async (reason) => {
    const youtube = new FakeYouTube([refusal('REFUSED', reason), live('chat-2'), { id: 'm1' }]);
    youtube.kept.set('live_chat_id', 'chat-1');
    await carryOut('send_live_chat_message', { message: 'hi' }, youtube);
    expect(youtube.lines.map((line) => / .*(chat-\d)/.exec(line)?.[1] ?? line)).toEqual([
      'chat-1',
      BROADCASTS,
      'chat-2',
    ]);
    expect(youtube.kept.get('live_chat_id')).toBe('chat-2');
  });

  it('stays remembered after another no', async () => {
    const youtube = new FakeYouTube([refusal('REFUSED', 'forbidden')]);
    youtube.kept.set('live_chat_id', 'chat-1');
    await expect(
      carryOut('send_live_chat_message', { message: 'hi' }, youtube),
    ).rejects.toMatchObject({ code: 'REFUSED' });
    expect(youtube.requests).toHaveLength(1);
    expect(youtube.kept.get('live_chat_id')).toBe('chat-1');
  });

  it('is asked for when no broadcast is active, or several are', async () => {
    await expect(
      carryOut('add_moderator', { target_channel_id: 'UCx' }, new FakeYouTube([{ items: [] }])),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(
      carryOut('add_moderator', { target_channel_id: 'UCx' }, new FakeYouTube([live('a', 'b')])),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('name one of a, b'),
    });
  });
});

describe('a ban', () => {
  const who = { live_chat_id: 'chat-1', target_channel_id: 'UCbad' };

  it('is ended through what was kept of it, and then forgotten', async () => {
    const youtube = new FakeYouTube([{ id: 'ban-1' }, {}]);
    await carryOut('ban_live_chat_user', { ...who, duration_seconds: 60 }, youtube);
    expect([...youtube.times.values()]).toEqual([60_000]);
    await carryOut('unban_live_chat_user', who, youtube);
    expect(youtube.lines.at(-1)).toBe('DELETE /liveChat/bans?id=ban-1');
    expect(youtube.kept.size).toBe(0);
  });

  it('that was not made here cannot be ended without its id', async () => {
    const youtube = new FakeYouTube();
    await expect(carryOut('unban_live_chat_user', who, youtube)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(youtube.requests).toEqual([]);
  });

  it('that YouTube no longer knows is forgotten, and one in trouble is kept', async () => {
    for (const [failure, kept] of [
      [refusal('NOT_FOUND', 'liveChatBanNotFound'), 0],
      [refusal('PLATFORM_DOWN', 'backendError'), 1],
    ] as const) {
      const youtube = new FakeYouTube([failure]);
      youtube.kept.set('ban:chat-1:UCbad', 'ban-1');
      await expect(carryOut('unban_live_chat_user', who, youtube)).rejects.toBe(failure);
      expect(youtube.kept.size).toBe(kept);
    }
  });
});

describe('what is not there', () => {
  it.each([
    ['update_video_title', { video_id: 'v', title: 't' }, { items: [] }, 'knows no video v'],
    [
      'update_video_description',
      { video_id: 'v', description: 't' },
      { kind: 'youtube#videoListResponse' },
      'knows no video v',
    ],
    [
      'remove_from_playlist',
      { playlist_id: 'P', video_id: 'v' },
      { items: [] },
      'v is not in the playlist P',
    ],
    [
      'remove_moderator',
      { live_chat_id: 'c', target_channel_id: 'UCx' },
      { items: [] },
      'is no moderator',
    ],
  ] as const)('%s says so and writes nothing', async (type, parameters, answer, says) => {
    const youtube = new FakeYouTube([answer]);
    await expect(carryOut(type, parameters, youtube)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(says),
    });
    expect(youtube.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([
    ['update_video_title', { video_id: 'v', title: 't' }],
    ['remove_from_playlist', { playlist_id: 'P', video_id: 'v' }],
    ['remove_moderator', { live_chat_id: 'c', target_channel_id: 'UCx' }],
    ['send_live_chat_message', { message: 'hi' }],
    ['validate_credentials', {}],
    ['refresh_token', {}],
  ] as const)('%s takes no half answer for a list of nothing', async (type, parameters) => {
    for (const answer of [{}, { items: null }, { items: 'x' }, { error: 'x' }]) {
      const youtube = new FakeYouTube([answer]);
      await expect(carryOut(type, parameters, youtube)).rejects.toMatchObject({
        code: 'PLATFORM_DOWN',
      });
      expect(youtube.requests.map(({ method }) => method)).toEqual(['GET']);
    }
  });

  it('a list of moderators without end is given up', async () => {
    const youtube = new FakeYouTube([{ items: [], nextPageToken: 'again' }]);
    await expect(
      carryOut('remove_moderator', { live_chat_id: 'c', target_channel_id: 'UCx' }, youtube),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(youtube.requests).toHaveLength(100);
  });

  it('a token of an account without a channel is no good', async () => {
    for (const type of ['validate_credentials', 'refresh_token'])
      await expect(carryOut(type, {}, new FakeYouTube([{ items: [] }]))).rejects.toMatchObject({
        code: 'REFUSED',
        details: { platformCode: 'NO_CHANNEL' },
      });
    expect(
      await carryOut('validate_credentials', {}, new FakeYouTube([{ items: [{ id: 'UCb' }] }])),
    ).toEqual({ channel_id: 'UCb', title: '', is_account: false });
  });

  it.each(['send_live_chat_message', 'ban_live_chat_user', 'add_moderator'])(
    '%s cannot read an answer without an id',
    async (type) => {
      const { input } = find(type).example;
      const youtube = new FakeYouTube([{}]);
      await expect(carryOut(type, { ...input, live_chat_id: 'c' }, youtube)).rejects.toThrow(
        'holds no id',
      );
    },
  );
});

/** The fields that are wrong; undefined when none is. */
function findFaults(
  parameters: object,
  context = CONTEXT,
  type = 'upload_video',
): string[] | undefined {
  try {
    find(type).parse(parameters, context);
    return undefined;
  } catch (error) {
    return (error as ActionFailure).details.violations?.map(({ field }) => field);
  }
}

describe('an upload', () => {
  const video = { title: 'New' };
  const url = 'https://a.example/v.mp4';
  const withFile = { ...CONTEXT, hasFile: true };

  it('takes the file from one place', () => {
    expect(findFaults({ ...video, video_url: url }, CONTEXT)).toBeUndefined();
    expect(findFaults(video, withFile)).toBeUndefined();
    expect(findFaults(video, CONTEXT)).toEqual(['parameters.video_url']);
    expect(findFaults({ ...video, video_url: url }, withFile)).toEqual(['parameters.video_url']);
    expect(findFaults({ video_id: 'v', title: 't' }, withFile, 'update_video_title')).toEqual([
      'file',
    ]);
  });

  it('says where the file is, how long it may be and of which kinds', async () => {
    const youtube = new FakeYouTube([{ id: 'v' }]);
    await carryOut('upload_video', { ...video, video_url: url }, youtube);
    expect(youtube.uploads).toMatchObject([{ url, maxBytes: 274_877_906_944 }]);
    const { types } = youtube.uploads[0]!;
    for (const type of ['video/mp4', 'video/x-matroska', 'application/octet-stream', 'VIDEO/MP4'])
      expect(type).toMatch(types);
    for (const type of ['text/html', 'video/', 'video/mp4\r\nx: y', 'audio/mpeg', ''])
      expect(type).not.toMatch(types);
  });

  it('counts tags as YouTube does: commas, and quotes around spaces', () => {
    const tags = [...Array.from({ length: 9 }, () => 'x'.repeat(50)), 'y'.repeat(38), 'z'];
    const given = { ...video, video_url: url };
    // 9 × 50 + 38 + 1 characters and 10 commas.
    expect(findFaults({ ...given, tags }, CONTEXT)).toBeUndefined();
    expect(findFaults({ ...given, tags: [...tags, 'a'] }, CONTEXT)).toEqual(['parameters.tags']);
    const spaced = [...tags.slice(0, -1), 'a b'];
    expect(findFaults({ ...given, tags: spaced }, CONTEXT)).toEqual(['parameters.tags']);
    // A Short has one tag more.
    expect(findFaults({ ...given, tags }, CONTEXT, 'post_short')).toEqual(['parameters.tags']);
  });

  it('that is answered without an id cannot be read', async () => {
    const youtube = new FakeYouTube([{}]);
    await expect(carryOut('upload_video', { ...video, video_url: url }, youtube)).rejects.toThrow(
      'holds no id',
    );
  });
});

describe('community posts', () => {
  it('are refused with the reason and what can be done instead, and send nothing', async () => {
    const youtube = new FakeYouTube();
    const failure: unknown = await carryOut('community_post', { text: 'hi' }, youtube).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('YouTube Studio'),
      details: { partialResult: { instead: expect.arrayContaining(['post_comment']) } },
    });
    expect(youtube.requests).toEqual([]);
  });

  it('name actions that exist', () => {
    const { instead } = find('community_post').example.output as { instead: string[] };
    expect(instead.map((type) => find(type).type)).toEqual(instead);
  });
});

describe('what is refused before anything is sent', () => {
  it.each([
    ['send_live_chat_message', { message: 'x'.repeat(201) }, 'at most 200 characters'],
    ['send_live_chat_message', { message: '' }, 'must not be empty'],
    ['delete_live_chat_message', { message_id: 'a,b' }, 'an id of YouTube'],
    ['delete_comment', { comment_id: '../x' }, 'an id of YouTube'],
    ['ban_live_chat_user', { target_channel_id: 'UC', duration_seconds: 0 }, 'at least 1'],
    ['unban_live_chat_user', {}, 'either ban_id or target_channel_id'],
    ['unban_live_chat_user', { ban_id: 'b', target_channel_id: 'c' }, 'either ban_id'],
    ['update_video_title', { video_id: 'v', title: 'a<b' }, 'without < and >'],
    ['update_video_title', { video_id: 'v', title: 'é'.repeat(101) }, 'at most 100 characters'],
    ['update_video_description', { video_id: 'v', description: 'a>b' }, 'without < and >'],
    ['update_video_description', { video_id: 'v', description: 'é'.repeat(2501) }, '5000 bytes'],
    ['upload_video', { video_url: 'v.mp4', title: 't' }, 'an address such as'],
    ['upload_video', { title: 't' }, 'video_url: is missing'],
    ['upload_video', { video_url: 'https://a/', title: 'a<b' }, 'without < and >'],
    ['upload_video', { video_url: 'https://a/', title: 'x'.repeat(101) }, 'at most 100 characters'],
    ['upload_video', { video_url: 'https://a/', title: '' }, 'must not be empty'],
    [
      'upload_video',
      { video_url: 'https://a/', title: 't', description: 'é'.repeat(2501) },
      '5000 bytes',
    ],
    ['upload_video', { video_url: 'https://a/', title: 't', tags: ['a>b'] }, 'without < and >'],
    ['upload_video', { video_url: 'https://a/', title: 't', category_id: 'Gaming' }, 'the number'],
    [
      'upload_video',
      { video_url: 'https://a/', title: 't', privacy_status: 'secret' },
      'private, unlisted, public',
    ],
    [
      'upload_video',
      {
        video_url: 'https://a/',
        title: 't',
        privacy_status: 'public',
        publish_at: '2999-01-01T00:00:00Z',
      },
      'privacy_status private',
    ],
    [
      'post_short',
      { video_url: 'https://a/', title: 't', publish_at: '2020-01-01T00:00:00Z' },
      'a time to come',
    ],
    ['post_short', { video_url: 'https://a/', title: 't', publish_at: 'soon' }, 'RFC 3339'],
    [
      'post_short',
      { video_url: 'https://a/', title: 't', publish_at: '2999-13-41T00:00:00Z' },
      'in the calendar',
    ],
    ['create_playlist', { title: 'x'.repeat(151) }, 'at most 150 characters'],
    ['create_playlist', { title: 'x', privacy: 'secret' }, 'private, unlisted, public'],
    ['add_to_playlist', { playlist_id: 'P', video_id: 'v', position: -1 }, 'at least 0'],
    ['remove_from_playlist', {}, 'playlist_id and video_id together'],
    ['remove_from_playlist', { playlist_id: 'P' }, 'playlist_id and video_id together'],
    ['remove_from_playlist', { playlist_item_id: 'i', video_id: 'v' }, 'give it alone'],
    ['update_broadcast_status', { broadcast_id: 'b', status: 'ready' }, 'testing, live, complete'],
    ['insert_cuepoint', { broadcast_id: 'b', duration_seconds: 0 }, 'at least 1'],
    ['post_comment', { video_id: 'v', text: 'x'.repeat(10_001) }, 'at most 10000 characters'],
    ['set_comment_moderation', { comment_id: 'c', status: 'likelySpam' }, 'heldForReview'],
    [
      'set_comment_moderation',
      { comment_id: 'c', status: 'published', ban_author: true },
      'only with the status rejected',
    ],
  ] as const)('%s %j', (type, parameters, says) => {
    expect(refuse(type, parameters)).toContain(says);
  });

  it('counts a description in bytes', () => {
    const description = 'é'.repeat(2_500);
    expect(find('update_video_description').parse({ video_id: 'v', description }, CONTEXT)).toEqual(
      { video_id: 'v', description },
    );
  });
});

/** What is published, and is not 1 for a read or 50 for a write. */
const PUBLISHED_COSTS: Readonly<Record<string, number>> = {
  delete_live_chat_message: 20,
  end_live_poll: 20,
  list_captions: 50,
  list_live_chat_messages: 5,
  send_live_chat_message: 20,
  start_live_poll: 20,
  update_caption: 450,
  upload_caption: 400,
};

describe('a dry run', () => {
  const platform = new YouTubePlatform({
    apiUrl: 'https://api.example',
    authUrl: 'https://consent.example',
    tokenUrl: 'https://token.example/token',
    clientId: 'client',
    clientSecret: 'hidden',
    quota: { daily: 10_000, reserve: 500, perAccount: 0 },
  });

  it.each(youtubeActions.filter(({ unsupported }) => !unsupported).map((action) => [action.type]))(
    '%s shows reads that cost one and a write that costs what YouTube says',
    async (type) => {
      const action = find(type);
      const input = action.parse(action.example.input, CONTEXT);
      const { reads, write } = await rehearse(platform, action, input, CONTEXT);
      expect(reads.every(({ method }) => method === 'GET')).toBe(true);
      expect(write.url).toMatch(/^https:\/\/api\.example\/(upload\/)?youtube\/v3\//);
      const isOwnBudget = type === 'upload_video' || type === 'post_short';
      const usual = action.effect === 'read' || isOwnBudget ? 1 : 50;
      expect(action.cost).toBe(PUBLISHED_COSTS[type] ?? usual);
    },
  );

  it('shows the id of a ban as a placeholder', async () => {
    const action = find('unban_live_chat_user');
    const input = action.parse({ target_channel_id: 'UCbad' }, CONTEXT);
    const { reads, write } = await rehearse(platform, action, input, CONTEXT);
    expect(reads).toHaveLength(1);
    expect(decodeURIComponent(write.url.replaceAll('+', ' '))).toContain('id=<id of the ban');
  });

  it.each(youtubeActions.map((action) => [action]))('is allowed by one scope', (action) => {
    const scope =
      action.type === 'list_membership_levels' ? 'channel-memberships.creator' : 'force-ssl';
    expect(action.scopes).toEqual([`https://www.googleapis.com/auth/youtube.${scope}`]);
  });
});
