// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: YouTube and
// Google's OAuth, at the wire.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/actions/failures.js';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { DOORS, type DoorName, House } from '../support/two-doors.js';

const SCOPE = 'https://www.googleapis.com/auth/youtube.force-ssl';
const VIEWER = 'UCsandboxViewer000000001';
const API = '/youtube/v3';

let house: House;
let before = 0;
let nextChannel = 0;

beforeAll(async () => {
  house = await House.open({ YOUTUBE_API_QUOTA_DAILY_LIMIT: '10000000' });
});

afterAll(() => house?.close());

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

/** A channel of its own for each test, on air and connected. */
interface Scene {
  readonly channel_id: string;
  readonly broadcast_id: string;
  readonly live_chat_id: string;
  readonly video_id: string;
  readonly playlist_id: string;
  readonly token: string;
  /** What the preparation made. */
  readonly id: string;
}

interface World {
  readonly quota: { readonly used: number };
  readonly upload_quota: { readonly used: number };
  readonly broadcasts: Readonly<Record<string, Record<string, unknown>>>;
  readonly chats: Readonly<
    Record<
      string,
      {
        readonly moderators: readonly string[];
        readonly bans: readonly Record<string, unknown>[];
        readonly messages: readonly Record<string, unknown>[];
      }
    >
  >;
  readonly videos: Readonly<
    Record<
      string,
      { readonly snippet: Record<string, unknown>; readonly status?: Record<string, unknown> }
    >
  >;
  readonly playlists: Readonly<Record<string, { readonly items: readonly object[] }>>;
  readonly comments: Readonly<Record<string, Record<string, unknown>>>;
}

async function readWorld(): Promise<World> {
  return (await house.sandbox.control<{ youtube: World }>('GET', '/sandbox/state')).youtube;
}

const setWorld = (changes: object): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/youtube/world', changes);

async function connect(channel_id: string, scopes = [SCOPE], expires_in?: number) {
  const grant = await house.sandbox.control<{ access_token: string; refresh_token: string }>(
    'POST',
    '/sandbox/youtube/grants',
    { channel_id, scopes, expires_in },
  );
  const { status, body } = await house.doors.rest('PUT', `/api/v1/accounts/youtube/${channel_id}`, {
    ...grant,
    scopes,
    channel_id: undefined,
    scope: undefined,
    expires_in: expires_in ?? 3_599,
  });
  if (status !== 200) throw new Error(`PUT account: ${status} ${JSON.stringify(body)}`);
  return grant.access_token;
}

async function setScene({ live = true } = {}): Promise<Scene> {
  nextChannel += 1;
  const id = `UChouse${nextChannel}`;
  const made = await house.sandbox.control<Omit<Scene, 'token' | 'id'>>(
    'POST',
    '/sandbox/youtube/channels',
    { id, title: `House ${nextChannel}`, live },
  );
  return { ...made, token: await connect(id), id: '' };
}

/** Speaks to the simulated YouTube directly, to set a scene. @returns the id of what was made */
async function make(
  { token }: Pick<Scene, 'token'>,
  path: string,
  snippet: object,
): Promise<string> {
  const answer = await fetch(`${house.sandbox.url}${API}${path}?part=snippet`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ snippet }),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

async function makeAs(channelId: string, path: string, snippet: object): Promise<string> {
  const grant = await house.sandbox.control<{ access_token: string }>(
    'POST',
    '/sandbox/youtube/grants',
    { channel_id: channelId, scopes: [SCOPE] },
  );
  return make({ token: grant.access_token }, path, snippet);
}

const textMessage = (liveChatId: string, messageText: string): object => ({
  liveChatId,
  type: 'textMessageEvent',
  textMessageDetails: { messageText },
});

interface Scenario {
  readonly type: string;
  /** It changes nothing at the platform, so that no row is kept of it. */
  readonly isRead?: boolean;
  readonly live?: boolean;
  readonly prepare?: (scene: Scene) => Promise<string>;
  readonly parameters: (scene: Scene) => Record<string, unknown>;
  /** The requests as lines of method, path, query and body, in order. */
  readonly lines: (scene: Scene) => string[];
  /** What a dry run shows before its write, where that is not how they begin. */
  readonly reads?: () => string[];
  /** The last of them in a dry run, where answers it depends on are placeholders. */
  readonly rehearsed?: (scene: Scene) => string;
  readonly cost: number;
  readonly result: (scene: Scene) => Record<string, unknown>;
  readonly effect?: (world: World, scene: Scene, result: Record<string, unknown>) => void;
}

const json = (value: object): string => JSON.stringify(value);
const BROADCASTS =
  'GET /liveBroadcasts?part=snippet&broadcastStatus=active&broadcastType=all&maxResults=50';

const filmOf = (scene: Scene): Record<string, unknown> => ({
  title: `House ${scene.channel_id.slice(7)}, the film`,
  description: 'As it was',
  categoryId: '20',
  tags: ['one', 'two'],
  defaultLanguage: 'en',
});
const PLACEHOLDERS = {
  title: '<title>',
  description: '<description>',
  tags: ['<tags>'],
  categoryId: '<category>',
};

const fileUrl = (): string => `${house.sandbox.url}/sandbox/files/generated.mp4?bytes=12`;
const FILE = 'GET /sandbox/files/generated.mp4?bytes=12';
const PIECE = 'PUT /upload/videos?uploadType=resumable&upload_id=*** {"bytes":12}';
const NEW_VIDEO = 'POST /upload/videos?uploadType=resumable&part=snippet&part=status';
const newVideo = (tags?: string[], notify = ''): string =>
  `${NEW_VIDEO}${notify} ${json({
    snippet: { title: 'New', description: '', ...(tags && { tags }), categoryId: '22' },
    status: { privacyStatus: 'unlisted', selfDeclaredMadeForKids: false },
  })}`;

const scenarios: readonly Scenario[] = [
  {
    type: 'upload_video',
    parameters: () => ({
      video_url: fileUrl(),
      title: 'New',
      privacy_status: 'UNLISTED',
      notify_subscribers: 'false',
    }),
    lines: () => [newVideo(undefined, '&notifySubscribers=false'), PIECE],
    reads: () => [FILE],
    rehearsed: () => newVideo(undefined, '&notifySubscribers=false'),
    cost: 1,
    result: () => ({
      video_id: expect.any(String),
      url: expect.stringMatching(/^https:\/\/www\.youtube\.com\/watch\?v=[\w-]+$/),
      privacy_status: 'unlisted',
      upload_status: 'uploaded',
    }),
    effect: ({ videos }, { channel_id }, { video_id }) =>
      expect(videos[String(video_id)]).toMatchObject({
        channel_id,
        status: { privacyStatus: 'unlisted' },
        notify_subscribers: false,
        file: { bytes: 12 },
      }),
  },
  {
    type: 'post_short',
    parameters: () => ({
      video_url: fileUrl(),
      title: 'New',
      tags: 'fun, #shorts',
      privacy_status: 'unlisted',
    }),
    lines: () => [newVideo(['fun', '#shorts']), PIECE],
    reads: () => [FILE],
    rehearsed: () => newVideo(['fun', '#shorts']),
    cost: 1,
    result: () => ({
      video_id: expect.any(String),
      url: expect.stringMatching(/^https:\/\/www\.youtube\.com\/shorts\/[\w-]+$/),
      privacy_status: 'unlisted',
      upload_status: 'uploaded',
    }),
    effect: ({ videos }, { channel_id }, { video_id }) =>
      expect(videos[String(video_id)]).toMatchObject({ channel_id, file: { bytes: 12 } }),
  },
  {
    type: 'send_live_chat_message',
    parameters: ({ live_chat_id }) => ({ live_chat_id, message: 'Hello 👋' }),
    lines: ({ live_chat_id }) => [
      `POST /liveChat/messages?part=snippet ${json({ snippet: textMessage(live_chat_id, 'Hello 👋') })}`,
    ],
    cost: 20,
    result: () => ({ message_id: expect.any(String), message_sent: true }),
    effect: ({ chats }, { live_chat_id, channel_id }) =>
      expect(chats[live_chat_id]?.messages).toMatchObject([
        { author_id: channel_id, text: 'Hello 👋' },
      ]),
  },
  {
    type: 'send_live_chat_message',
    parameters: () => ({ message: 'Found you' }),
    lines: ({ live_chat_id }) => [
      BROADCASTS,
      `POST /liveChat/messages?part=snippet ${json({ snippet: textMessage(live_chat_id, 'Found you') })}`,
    ],
    rehearsed: () =>
      `POST /liveChat/messages?part=snippet ${json({ snippet: textMessage('<live chat of the active broadcast>', 'Found you') })}`,
    cost: 21,
    result: () => ({ message_id: expect.any(String), message_sent: true }),
  },
  {
    type: 'delete_live_chat_message',
    prepare: ({ live_chat_id }) =>
      makeAs(VIEWER, '/liveChat/messages', textMessage(live_chat_id, 'spam')),
    parameters: ({ id }) => ({ message_id: id }),
    lines: ({ id }) => [`DELETE /liveChat/messages?id=${id}`],
    cost: 20,
    result: () => ({ message_deleted: true }),
    effect: ({ chats }, { live_chat_id, channel_id }) =>
      expect(chats[live_chat_id]?.messages).toMatchObject([{ deleted_by: channel_id }]),
  },
  {
    type: 'ban_live_chat_user',
    parameters: ({ live_chat_id }) => ({
      live_chat_id,
      target_channel_id: VIEWER,
      duration_seconds: '600',
    }),
    lines: ({ live_chat_id }) => [
      `POST /liveChat/bans?part=snippet ${json({
        snippet: {
          liveChatId: live_chat_id,
          bannedUserDetails: { channelId: VIEWER },
          type: 'temporary',
          banDurationSeconds: '600',
        },
      })}`,
    ],
    cost: 50,
    result: () => ({ user_banned: true, ban_id: expect.any(String) }),
    effect: ({ chats }, { live_chat_id }, { ban_id }) =>
      expect(chats[live_chat_id]?.bans).toEqual([
        { id: ban_id, channel_id: VIEWER, end: expect.any(String) },
      ]),
  },
  {
    type: 'unban_live_chat_user',
    prepare: (scene) =>
      make(scene, '/liveChat/bans', {
        liveChatId: scene.live_chat_id,
        type: 'permanent',
        bannedUserDetails: { channelId: VIEWER },
      }),
    parameters: ({ id }) => ({ ban_id: id }),
    lines: ({ id }) => [`DELETE /liveChat/bans?id=${id}`],
    cost: 50,
    result: () => ({ user_unbanned: true }),
    effect: ({ chats }, { live_chat_id }) => expect(chats[live_chat_id]?.bans).toEqual([]),
  },
  {
    type: 'add_moderator',
    parameters: ({ live_chat_id }) => ({ live_chat_id, target_channel_id: VIEWER }),
    lines: ({ live_chat_id }) => [
      `POST /liveChat/moderators?part=snippet ${json({
        snippet: { liveChatId: live_chat_id, moderatorDetails: { channelId: VIEWER } },
      })}`,
    ],
    cost: 50,
    result: () => ({ moderator_added: true, moderator_id: expect.any(String) }),
    effect: ({ chats }, { live_chat_id }) =>
      expect(chats[live_chat_id]?.moderators).toEqual([VIEWER]),
  },
  {
    type: 'remove_moderator',
    prepare: async ({ live_chat_id }) => {
      // More than a page before the one that is looked for.
      const others = Array.from({ length: 60 }, (_, index) => `UCother${index}`);
      await setWorld({ chats: { [live_chat_id]: { add_moderators: [...others, VIEWER] } } });
      return `moderator-${VIEWER}`;
    },
    parameters: ({ live_chat_id }) => ({ live_chat_id, target_channel_id: VIEWER }),
    lines: ({ live_chat_id, id }) => [
      `GET /liveChat/moderators?liveChatId=${live_chat_id}&part=snippet&maxResults=50`,
      `GET /liveChat/moderators?liveChatId=${live_chat_id}&part=snippet&maxResults=50&pageToken=page50`,
      `DELETE /liveChat/moderators?id=${id}`,
    ],
    rehearsed: () => `DELETE /liveChat/moderators?id=<id of the role of ${VIEWER}>`,
    cost: 51,
    result: () => ({ moderator_removed: true }),
    effect: ({ chats }, { live_chat_id }) =>
      expect(chats[live_chat_id]?.moderators).toHaveLength(60),
  },
  {
    type: 'update_video_title',
    parameters: ({ video_id }) => ({ video_id, title: 'New title' }),
    lines: (scene) => [
      `GET /videos?part=snippet&id=${scene.video_id}`,
      `PUT /videos?part=snippet ${json({ id: scene.video_id, snippet: { ...filmOf(scene), title: 'New title' } })}`,
    ],
    rehearsed: ({ video_id }) =>
      `PUT /videos?part=snippet ${json({ id: video_id, snippet: { ...PLACEHOLDERS, title: 'New title' } })}`,
    cost: 51,
    result: () => ({ title_updated: true }),
    effect: ({ videos }, scene) =>
      expect(videos[scene.video_id]?.snippet).toEqual({ ...filmOf(scene), title: 'New title' }),
  },
  {
    type: 'update_video_description',
    parameters: ({ video_id }) => ({ video_id, description: 'é'.repeat(2_500) }),
    lines: (scene) => [
      `GET /videos?part=snippet&id=${scene.video_id}`,
      `PUT /videos?part=snippet ${json({ id: scene.video_id, snippet: { ...filmOf(scene), description: 'é'.repeat(2_500) } })}`,
    ],
    rehearsed: ({ video_id }) =>
      `PUT /videos?part=snippet ${json({ id: video_id, snippet: { ...PLACEHOLDERS, description: 'é'.repeat(2_500) } })}`,
    cost: 51,
    result: () => ({ description_updated: true }),
    effect: ({ videos }, scene) =>
      expect(videos[scene.video_id]?.snippet).toEqual({
        ...filmOf(scene),
        description: 'é'.repeat(2_500),
      }),
  },
  {
    type: 'create_playlist',
    parameters: () => ({ title: 'Best of', privacy: 'UNLISTED' }),
    lines: () => [
      `POST /playlists?part=snippet&part=status ${json({
        snippet: { title: 'Best of', description: '' },
        status: { privacyStatus: 'unlisted' },
      })}`,
    ],
    cost: 50,
    result: () => ({ playlist_created: true, playlist_id: expect.any(String) }),
    effect: ({ playlists }, { channel_id }, { playlist_id }) =>
      expect(playlists[String(playlist_id)]).toMatchObject({ channel_id, privacy: 'unlisted' }),
  },
  {
    type: 'add_to_playlist',
    parameters: ({ playlist_id, video_id }) => ({ playlist_id, video_id }),
    lines: ({ playlist_id, video_id }) => [
      `POST /playlistItems?part=snippet ${json({
        snippet: {
          playlistId: playlist_id,
          resourceId: { kind: 'youtube#video', videoId: video_id },
        },
      })}`,
    ],
    cost: 50,
    result: () => ({ added: true, playlist_item_id: expect.any(String) }),
    effect: ({ playlists }, { playlist_id, video_id }, { playlist_item_id }) =>
      expect(playlists[playlist_id]?.items).toEqual([{ id: playlist_item_id, video_id }]),
  },
  {
    type: 'remove_from_playlist',
    prepare: addFilm,
    parameters: ({ id }) => ({ playlist_item_id: id }),
    lines: ({ id }) => [`DELETE /playlistItems?id=${id}`],
    cost: 50,
    result: ({ id }) => ({ removed: true, playlist_item_id: id }),
    effect: ({ playlists }, { playlist_id }) => expect(playlists[playlist_id]?.items).toEqual([]),
  },
  {
    type: 'remove_from_playlist',
    prepare: async (scene) => {
      const first = await addFilm(scene);
      await addFilm(scene);
      return first;
    },
    parameters: ({ playlist_id, video_id }) => ({ playlist_id, video_id }),
    lines: ({ playlist_id, video_id, id }) => [
      `GET /playlistItems?part=id&playlistId=${playlist_id}&videoId=${video_id}&maxResults=50`,
      `DELETE /playlistItems?id=${id}`,
    ],
    rehearsed: ({ video_id }) => `DELETE /playlistItems?id=<place of ${video_id} in the playlist>`,
    cost: 51,
    result: ({ id }) => ({ removed: true, playlist_item_id: id, occurrences_left: 1 }),
    effect: ({ playlists }, { playlist_id }) =>
      expect(playlists[playlist_id]?.items).toHaveLength(1),
  },
  {
    type: 'update_broadcast_status',
    live: false,
    parameters: ({ broadcast_id }) => ({ broadcast_id, status: 'testing' }),
    lines: ({ broadcast_id }) => [
      `POST /liveBroadcasts/transition?id=${broadcast_id}&broadcastStatus=testing&part=id&part=snippet&part=status`,
    ],
    cost: 50,
    result: () => ({ status_updated: true, life_cycle_status: 'testStarting' }),
    effect: ({ broadcasts }, { broadcast_id }) =>
      expect(broadcasts[broadcast_id]).toMatchObject({ life_cycle_status: 'testing' }),
  },
  {
    type: 'insert_cuepoint',
    parameters: ({ broadcast_id }) => ({ broadcast_id, duration_seconds: 60 }),
    lines: ({ broadcast_id }) => [
      `POST /liveBroadcasts/cuepoint?id=${broadcast_id} ${json({ cueType: 'cueTypeAd', durationSecs: 60 })}`,
    ],
    cost: 50,
    result: () => ({
      cuepoint_inserted: true,
      cuepoint_id: expect.any(String),
      duration_seconds: 60,
    }),
    effect: ({ broadcasts }, { broadcast_id }, { cuepoint_id }) =>
      expect(broadcasts[broadcast_id]?.['cuepoints']).toMatchObject([
        { id: cuepoint_id, duration_seconds: 60 },
      ]),
  },
  {
    type: 'post_comment',
    parameters: ({ video_id }) => ({ video_id, text: 'Thank you' }),
    lines: ({ video_id }) => [
      `POST /commentThreads?part=snippet ${json({
        snippet: { videoId: video_id, topLevelComment: { snippet: { textOriginal: 'Thank you' } } },
      })}`,
    ],
    cost: 50,
    result: () => ({ comment_posted: true, comment_id: expect.any(String) }),
    effect: ({ comments }, { channel_id, video_id }, { comment_id }) =>
      expect(comments[String(comment_id)]).toMatchObject({
        author_id: channel_id,
        video_id,
        text: 'Thank you',
      }),
  },
  {
    type: 'reply_to_comment',
    prepare: (scene) => comment(VIEWER, scene),
    parameters: ({ id }) => ({ parent_id: id, text: 'Indeed' }),
    lines: ({ id }) => [
      `POST /comments?part=snippet ${json({ snippet: { parentId: id, textOriginal: 'Indeed' } })}`,
    ],
    cost: 50,
    result: ({ id }) => ({ reply_posted: true, comment_id: expect.stringContaining(`${id}.`) }),
    effect: ({ comments }, { id }, { comment_id }) =>
      expect(comments[String(comment_id)]).toMatchObject({ parent_id: id, text: 'Indeed' }),
  },
  {
    type: 'delete_comment',
    prepare: (scene) => comment(scene.channel_id, scene),
    parameters: ({ id }) => ({ comment_id: id }),
    lines: ({ id }) => [`DELETE /comments?id=${id}`],
    cost: 50,
    result: () => ({ comment_deleted: true }),
    effect: ({ comments }, { id }) => expect(comments[id]).toBeUndefined(),
  },
  {
    type: 'set_comment_moderation',
    prepare: (scene) => comment(VIEWER, scene),
    parameters: ({ id }) => ({ comment_id: id, status: 'heldForReview' }),
    lines: ({ id }) => [
      `POST /comments/setModerationStatus?id=${id}&moderationStatus=heldForReview`,
    ],
    cost: 50,
    result: () => ({ moderation_set: true }),
    effect: ({ comments }, { id }) =>
      expect(comments[id]).toMatchObject({ moderation_status: 'heldForReview' }),
  },
  {
    type: 'validate_credentials',
    isRead: true,
    parameters: () => ({}),
    lines: () => ['GET /channels?part=snippet&mine=true'],
    cost: 1,
    result: ({ channel_id }) => ({
      channel_id,
      title: `House ${channel_id.slice(7)}`,
      is_account: true,
    }),
  },
  {
    type: 'refresh_token',
    isRead: true,
    parameters: () => ({}),
    lines: () => ['GET /channels?part=snippet&mine=true'],
    cost: 1,
    result: ({ channel_id }) => ({ channel_id, expires_at: expect.stringMatching(/Z$/) }),
  },
];

function addFilm(scene: Scene): Promise<string> {
  return make(scene, '/playlistItems', {
    playlistId: scene.playlist_id,
    resourceId: { kind: 'youtube#video', videoId: scene.video_id },
  });
}

function comment(by: string, { video_id }: Scene): Promise<string> {
  return makeAs(by, '/commentThreads', {
    videoId: video_id,
    topLevelComment: { snippet: { textOriginal: 'First!' } },
  });
}

/** What reached the simulated Data API since a sequence number, as lines. */
async function linesSince(seq: number): Promise<string[]> {
  const seen = await house.sandbox.requestsSince(seq);
  return seen
    .filter(({ path }) => path.replace(/^\/upload/, '').startsWith(API))
    .map(({ method, path, query, body }) => {
      const search = Object.entries(query).flatMap(([name, value]) =>
        [value].flat().map((item) => `${name}=${item}`),
      );
      const line = `${method} ${path.replace(API, '')}?${search.join('&')}`;
      return body ? `${line} ${json(body)}` : line;
    });
}

function showPrepared({
  method,
  url,
  body,
}: {
  method: string;
  url: string;
  body?: unknown;
}): string {
  const { pathname, search } = new URL(url);
  const query = decodeURIComponent(search.replaceAll('+', ' '));
  const isEmpty = !body || Object.keys(body).length === 0;
  return `${method} ${pathname.replace(API, '')}${query}${isEmpty ? '' : ` ${json(body)}`}`;
}

const envelopeOf = (
  action_type: string,
  { channel_id }: Pick<Scene, 'channel_id'>,
  parameters: object,
) => ({ platform: 'youtube', action_type, account_id: channel_id, parameters });

function expectRefusal(outcome: GrpcOutcome, code: FailureCode, says: RegExp): void {
  expect(outcome).toMatchObject({ success: false, failure: { code } });
  expect(outcome.error).toMatch(says);
}

/** Members of a Struct come back in an order of their own. */
const sortBody = (line: string): string => {
  const [head = '', body] = line.split(/ (?=\{)/, 2);
  return body === undefined ? head : `${head} ${sortText(JSON.parse(line.slice(head.length + 1)))}`;
};

function sortText(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Units of all budgets. */
const spent = ({ quota, upload_quota }: World): number => quota.used + upload_quota.used;

describe('an action on YouTube', () => {
  const runs = scenarios.flatMap((scenario) =>
    DOORS.map((door) => Object.assign({ door }, scenario)),
  );

  it.each(runs)('$type over $door: rehearsed, then done', async (scenario) => {
    const bare = await setScene({ live: scenario.live });
    const scene = { ...bare, id: (await scenario.prepare?.(bare)) ?? '' };
    const envelope = envelopeOf(scenario.type, scene, scenario.parameters(scene));
    const lines = scenario.lines(scene);
    before = await house.sandbox.lastSeq();

    const rehearsed = await house.doors.execute(scenario.door, { ...envelope, dry_run: true });
    expect(rehearsed).toMatchObject({
      status: 'PREPARED',
      prepared: { missing_scopes: [], cost: scenario.cost },
    });
    expect(await house.sandbox.lastSeq()).toBe(before);
    const prepared = rehearsed.prepared!;
    const planned = [...prepared.reads, prepared].map(showPrepared).map(sortBody);
    expect(planned.at(-1)).toBe(sortBody(scenario.rehearsed?.(scene) ?? lines.at(-1)!));
    expect(planned.slice(0, -1)).toEqual(scenario.reads?.() ?? lines.slice(0, planned.length - 1));

    const spentBefore = spent(await readWorld());
    const done = await house.doors.execute(scenario.door, envelope);
    expect(done).toMatchObject({ status: 'SUCCEEDED', error: '', failure: null, sandbox: true });
    expect(done.result_data).toEqual(scenario.result(scene));
    expect((await linesSince(before)).map(sortBody)).toEqual(lines.map(sortBody));
    const world = await readWorld();
    scenario.effect?.(world, scene, done.result_data);
    // A dry run of reads by the page shows one of them.
    const morePages = lines.length - planned.length;
    expect(spent(world) - spentBefore).toBe(scenario.cost + morePages);

    // A read has no row.
    if (scenario.isRead) return;
    const recorded = await house.doors.readStatus(scenario.door, done.action_id);
    expect(recorded).toMatchObject({ status: 'SUCCEEDED', result_data: done.result_data });
  });

  it.each(DOORS)(
    'community_post over %s is refused, dry or not, and sends nothing',
    async (door) => {
      const scene = await setScene();
      before = await house.sandbox.lastSeq();
      for (const dry_run of [false, true]) {
        const outcome = await house.doors.execute(door, {
          ...envelopeOf('community_post', scene, { text: 'hi' }),
          dry_run,
        });
        expectRefusal(outcome, 'UNSUPPORTED', /YouTube Studio/);
        expect(outcome.result_data).toEqual({ instead: expect.arrayContaining(['post_comment']) });
      }
      expect(await house.sandbox.lastSeq()).toBe(before);
    },
  );
});

describe('what is kept between actions', () => {
  it('ends a ban by person at the other door, also of a chat that nobody names', async () => {
    const scene = await setScene();
    const ban = envelopeOf('ban_live_chat_user', scene, { target_channel_id: VIEWER });
    expect(await house.doors.execute('grpc', ban)).toMatchObject({ status: 'SUCCEEDED' });
    before = await house.sandbox.lastSeq();
    const unban = { ...ban, action_type: 'unban_live_chat_user' };
    expect(await house.doors.execute('rest', unban)).toMatchObject({ status: 'SUCCEEDED' });
    // Neither the chat nor the ban had to be looked for.
    expect(await linesSince(before)).toEqual([expect.stringMatching(/^DELETE \/liveChat\/bans/)]);
    expect((await readWorld()).chats[scene.live_chat_id]?.bans).toEqual([]);
    expectRefusal(await house.doors.execute('rest', unban), 'NOT_FOUND', /give its ban_id/);
  });

  it('is looked up again when a broadcast is over', async () => {
    const scene = await setScene();
    const say = envelopeOf('send_live_chat_message', scene, { message: 'one' });
    await house.doors.execute('grpc', say);
    await setWorld({ broadcasts: { [scene.broadcast_id]: { life_cycle_status: 'complete' } } });
    before = await house.sandbox.lastSeq();
    const outcome = await house.doors.execute('grpc', say);
    expectRefusal(outcome, 'NOT_FOUND', /No active broadcast/);
    expect((await linesSince(before)).map((line) => line.split('?')[0])).toEqual([
      'POST /liveChat/messages',
      'GET /liveBroadcasts',
    ]);
  });
});

describe('refusals of YouTube', () => {
  const nos: readonly [
    type: string,
    parameters: (scene: Scene) => object,
    code: FailureCode,
    platformCode: string,
    prepare?: (scene: Scene) => Promise<unknown>,
  ][] = [
    [
      'send_live_chat_message',
      () => ({ live_chat_id: 'nowhere', message: 'm' }),
      'NOT_FOUND',
      'liveChatNotFound',
    ],
    [
      'send_live_chat_message',
      ({ live_chat_id }) => ({ live_chat_id, message: 'm' }),
      'REFUSED',
      'liveChatDisabled',
      ({ live_chat_id }) => setWorld({ chats: { [live_chat_id]: { enabled: false } } }),
    ],
    [
      'delete_live_chat_message',
      () => ({ message_id: 'LCC.none' }),
      'NOT_FOUND',
      'liveChatMessageNotFound',
    ],
    [
      'ban_live_chat_user',
      ({ channel_id }) => ({ target_channel_id: channel_id }),
      'REFUSED',
      'liveChatBanInsertionNotAllowed',
    ],
    ['unban_live_chat_user', () => ({ ban_id: 'none' }), 'NOT_FOUND', 'liveChatBanNotFound'],
    ['add_moderator', () => ({ target_channel_id: 'UCnobody' }), 'NOT_FOUND', 'channelNotFound'],
    [
      'remove_moderator',
      () => ({ live_chat_id: 'nowhere', target_channel_id: VIEWER }),
      'NOT_FOUND',
      'liveChatNotFound',
    ],
    ['update_video_title', () => ({ video_id: 'none', title: 't' }), 'NOT_FOUND', ''],
    [
      'update_video_description',
      () => ({ video_id: 'sandboxVid1', description: 't' }),
      'REFUSED',
      'forbidden',
    ],
    [
      'add_to_playlist',
      ({ video_id }) => ({ playlist_id: 'PLnone', video_id }),
      'NOT_FOUND',
      'playlistNotFound',
    ],
    [
      'remove_from_playlist',
      () => ({ playlist_item_id: 'none' }),
      'NOT_FOUND',
      'playlistItemNotFound',
    ],
    [
      'update_broadcast_status',
      ({ broadcast_id }) => ({ broadcast_id, status: 'live' }),
      'REFUSED',
      'redundantTransition',
    ],
    [
      'update_broadcast_status',
      ({ broadcast_id }) => ({ broadcast_id, status: 'testing' }),
      'REFUSED',
      'invalidTransition',
    ],
    [
      'insert_cuepoint',
      ({ broadcast_id }) => ({ broadcast_id }),
      'REFUSED',
      'liveStreamingNotEnabled',
      ({ channel_id }) => setWorld({ channels: { [channel_id]: { streaming_enabled: false } } }),
    ],
    [
      'post_comment',
      ({ video_id }) => ({ video_id, text: 't' }),
      'REFUSED',
      'commentsDisabled',
      ({ video_id }) => setWorld({ videos: { [video_id]: { comments_enabled: false } } }),
    ],
    [
      'reply_to_comment',
      () => ({ parent_id: 'Ugnone', text: 't' }),
      'NOT_FOUND',
      'parentCommentNotFound',
    ],
    ['delete_comment', () => ({ comment_id: 'UgsandboxComment2' }), 'REFUSED', 'forbidden'],
    [
      'set_comment_moderation',
      () => ({ comment_id: 'UgsandboxComment2', status: 'rejected' }),
      'REFUSED',
      'forbidden',
    ],
  ];

  it.each(nos)('%s: %s', async (type, parameters, code, platform_code, prepare) => {
    const scene = await setScene();
    await prepare?.(scene);
    for (const door of DOORS) {
      const envelope = envelopeOf(type, scene, parameters(scene));
      expect(await house.doors.execute(door, envelope)).toMatchObject({
        success: false,
        status: 'REFUSED',
        failure: { code, platform_code, retryable: false },
      });
    }
  });

  it('a spent quota says when it is new, and keeps no key', async () => {
    const scene = await setScene();
    const envelope = {
      ...envelopeOf('post_comment', scene, { video_id: scene.video_id, text: 't' }),
      idempotency_key: `quota-${scene.channel_id}`,
    };
    await setWorld({ quota_limit: 10 });
    const refused = await house.doors.execute('rest', envelope);
    await setWorld({ quota_limit: 10_000_000 });
    expectRefusal(refused, 'QUOTA_EXHAUSTED', /exceeded your quota/);
    expect(refused.failure?.retry_after_ms).toBeGreaterThan(0);
    expect(refused.failure?.retry_after_ms).toBeLessThanOrEqual(25 * 3_600_000);
    // What YouTube said of its quota holds for the day, and nothing more is sent to it.
    const seq = await house.sandbox.lastSeq();
    const again = await house.doors.execute('rest', envelope);
    expectRefusal(again, 'QUOTA_EXHAUSTED', /units of the day are spent/);
    expect(await house.sandbox.requestsSince(seq)).toEqual([]);
    await house.forgetLimits();
    expect(await house.doors.execute('rest', envelope)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('tokens', () => {
  it('that ended are renewed once, and the refresh token goes on', async () => {
    const scene = await setScene();
    const ask = envelopeOf('validate_credentials', scene, {});
    for (const round of [1, 2]) {
      await house.sandbox.control('POST', '/sandbox/youtube/expire', {
        channel_id: scene.channel_id,
      });
      before = await house.sandbox.lastSeq();
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => house.doors.execute('grpc', ask)),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(Array(8).fill('SUCCEEDED'));
      const refreshes = (await house.sandbox.requestsSince(before)).filter(({ path }) =>
        path.endsWith('/oauth2/token'),
      );
      expect([round, refreshes.length]).toEqual([round, 1]);
    }
  });

  it('are renewed when a caller asks for it, before they have ended', async () => {
    const scene = await setScene();
    before = await house.sandbox.lastSeq();
    const outcome = await house.doors.execute('grpc', envelopeOf('refresh_token', scene, {}));
    expect(outcome).toMatchObject({
      status: 'SUCCEEDED',
      result_data: { channel_id: scene.channel_id },
    });
    const refreshes = (await house.sandbox.requestsSince(before)).filter(({ path }) =>
      path.endsWith('/oauth2/token'),
    );
    expect(refreshes).toHaveLength(1);
  });

  it('whose grant is dead ask for a person', async () => {
    const scene = await setScene();
    await house.sandbox.control('POST', '/sandbox/youtube/revoke-grant', {
      channel_id: scene.channel_id,
    });
    for (const door of DOORS) {
      const outcome = await house.doors.execute(
        door,
        envelopeOf('validate_credentials', scene, {}),
      );
      expect(outcome).toMatchObject({ success: false, failure: { code: 'RECONNECT_ACCOUNT' } });
    }
  });

  it('without the scope are refused before anything is sent', async () => {
    const scene = await setScene();
    await connect(scene.channel_id, ['https://www.googleapis.com/auth/youtube.readonly']);
    before = await house.sandbox.lastSeq();
    for (const door of DOORS) {
      const outcome = await house.doors.execute(
        door,
        envelopeOf('validate_credentials', scene, {}),
      );
      expectRefusal(outcome, 'MISSING_SCOPE', /youtube\.force-ssl/);
    }
    expect(await house.sandbox.lastSeq()).toBe(before);
  });
});

const suffer = (fault: object, path: string): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/faults', {
    match: { path: `${API}${path}` },
    times: 1,
    fault,
  });

describe('what goes wrong on the way', () => {
  it.each(DOORS)(
    'a message over %s whose answer is lost is in doubt, and not sent twice',
    async (door: DoorName) => {
      const scene = await setScene();
      await suffer({ kind: 'reset', when: 'after' }, '/liveChat/messages');
      const { live_chat_id } = scene;
      const outcome = await house.doors.execute(
        door,
        envelopeOf('send_live_chat_message', scene, { live_chat_id, message: 'once' }),
      );
      expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
      expect((await readWorld()).chats[live_chat_id]?.messages).toHaveLength(1);
    },
  );

  it('a playlist in a hurry is asked again', async () => {
    const scene = await setScene();
    const reason = 'SERVICE_UNAVAILABLE';
    const body = { error: { code: 409, message: reason, errors: [{ reason }] } };
    await suffer({ kind: 'status', status: 409, body }, '/playlistItems');
    const { playlist_id, video_id } = scene;
    expect(
      await house.doors.execute(
        'rest',
        envelopeOf('add_to_playlist', scene, { playlist_id, video_id }),
      ),
    ).toMatchObject({ status: 'SUCCEEDED' });
    expect((await readWorld()).playlists[playlist_id]?.items).toHaveLength(1);
  });
});

/** A channel that nobody has connected, and a grant of its owner. */
async function grantNewChannel(): Promise<{ id: string; tokens: Record<string, string> }> {
  nextChannel += 1;
  const id = `UChouse${nextChannel}`;
  const title = `House ${nextChannel}`;
  await house.sandbox.control('POST', '/sandbox/youtube/channels', { id, title });
  const { access_token, refresh_token } = await house.sandbox.control<Record<string, string>>(
    'POST',
    '/sandbox/youtube/grants',
    { channel_id: id, scopes: [SCOPE] },
  );
  return {
    id,
    tokens: { access_token: access_token ?? '', refresh_token: refresh_token ?? '' },
  };
}

const putAccount = (id: string, body: object) =>
  house.doors.rest('PUT', `/api/v1/accounts/youtube/${id}`, body);

const breakTokenInfo = (): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/faults', {
    match: { path: '/youtube/oauth2/tokeninfo' },
    times: 1,
    fault: { kind: 'status', status: 503 },
  });

describe('tokens that are handed over', () => {
  it('are asked whose they are and which scopes they have', async () => {
    const { id, tokens } = await grantNewChannel();
    const stored = await putAccount(id, tokens);
    expect([stored.status, stored.body]).toMatchObject([
      200,
      {
        login: `House ${nextChannel}`,
        scopes: [SCOPE],
        validated_at: expect.any(String) as string,
      },
    ]);
  });

  it('are renewed first when they are over, and then asked', async () => {
    const { id, tokens } = await grantNewChannel();
    await house.sandbox.control('POST', '/sandbox/youtube/expire', { channel_id: id });
    const stored = await putAccount(id, { ...tokens, scopes: ['wrong'] });
    expect([stored.status, stored.body]).toMatchObject([200, { scopes: [SCOPE] }]);
    const other = await grantNewChannel();
    await house.sandbox.control('POST', '/sandbox/youtube/expire', { channel_id: other.id });
    const refused = await putAccount(id, other.tokens);
    expect([refused.status, refused.body['error']]).toEqual([
      400,
      expect.stringMatching(
        new RegExp(`refresh_token.* belongs to YouTube account ${other.id} .*not to ${id}$`),
      ),
    ]);
  });

  it('are refused when they belong to another, or to nobody', async () => {
    const [one, other] = [await grantNewChannel(), await grantNewChannel()];
    const wrong = await putAccount(one.id, other.tokens);
    expect([wrong.status, wrong.body['error']]).toEqual([
      400,
      expect.stringMatching(/access_token.* belongs to YouTube account/),
    ]);
    const dead = await putAccount(one.id, { access_token: 'x', scopes: [SCOPE] });
    expect([dead.status, dead.body['error']]).toEqual([
      400,
      expect.stringMatching(/access_token.* is worth nothing/),
    ]);
  });

  it('have scopes that refuse nothing while Google does not say which', async () => {
    const { id, tokens } = await grantNewChannel();
    for (const claimed of [{}, { scopes: [SCOPE] }]) {
      await breakTokenInfo();
      const { status, body } = await putAccount(id, { ...tokens, ...claimed });
      expect([status, body['scopes_verified'], body['missing']]).toEqual([200, false, []]);
    }
    const { status, body } = await putAccount(id, tokens);
    expect([status, body['scopes_verified']]).toEqual([200, true]);
  });
});
