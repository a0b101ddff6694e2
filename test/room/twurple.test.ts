// Real: @twurple/api and @twurple/auth over HTTP. Fake: Twitch, as this project simulates it.
import { ApiClient } from '@twurple/api';
import { RefreshingAuthProvider } from '@twurple/auth';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TWITCH_SCOPES } from '../../src/platforms/twitch/simulation/scopes.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const DEMO = '1001';
const BOT = '1002';
const FRIEND = '1003';
const seed = (last: number): string => `5a6d0000-0000-4000-8000-000000000${last}`;
const HYDRATE = seed(301);

let sandbox: TestSandbox;
let api: ApiClient;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  const { TWITCH_API_URL = '', TWITCH_AUTH_URL = '' } = sandbox.env;
  // The library knows only the addresses of Twitch itself.
  const open = fetch;
  vi.stubGlobal('fetch', (input: string, options?: RequestInit) =>
    open(
      input
        .replace('https://api.twitch.tv/helix', TWITCH_API_URL)
        .replace('https://id.twitch.tv/oauth2', TWITCH_AUTH_URL),
      options,
    ),
  );
  const authProvider = new RefreshingAuthProvider({
    clientId: sandbox.env['TWITCH_CLIENT_ID'] ?? '',
    clientSecret: sandbox.env['TWITCH_CLIENT_SECRET'] ?? '',
    appImpliedScopes: [],
  });
  for (const user_id of [DEMO, BOT, FRIEND]) {
    const grant = await sandbox.control<{ access_token: string; refresh_token: string }>(
      'POST',
      '/sandbox/twitch/grants',
      { user_id, scopes: TWITCH_SCOPES },
    );
    await authProvider.addUserForToken({
      accessToken: grant.access_token,
      refreshToken: grant.refresh_token,
      expiresIn: 3_600,
      obtainmentTimestamp: Date.now(),
      scope: [...TWITCH_SCOPES],
    });
  }
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false, clip_delay_ms: 0 });
  api = new ApiClient({ authProvider });
});

afterAll(async () => {
  vi.unstubAllGlobals();
  await sandbox?.close();
});

/** A call of the library, and what it gives for the answer of the simulation. */
type Case = readonly [
  method: string,
  call: () => Promise<unknown>,
  fits: (found: never) => unknown,
];

const ids = (found: { data: { id: string }[] }) => found.data.map(({ id }) => id);

const READS: readonly Case[] = [
  [
    'users.getUserByName',
    () => api.users.getUserByName('demo_channel'),
    (u: { id: string }) => u.id === DEMO,
  ],
  [
    'users.getUsersByIds',
    () => api.users.getUsersByIds([DEMO, BOT]),
    (u: unknown[]) => u.length === 2,
  ],
  [
    'users.getBlocks',
    () => api.users.getBlocks(DEMO),
    (b: { data: unknown[] }) => Array.isArray(b.data),
  ],
  [
    'channels.getChannelInfoById',
    () => api.channels.getChannelInfoById(DEMO),
    (c: { title: string }) => c.title !== '',
  ],
  [
    'channels.getVips',
    () => api.channels.getVips(DEMO),
    (v: { data: { id: string }[] }) => ids(v).includes('2003'),
  ],
  [
    'channels.getChannelFollowers',
    () => api.channels.getChannelFollowers(DEMO),
    (f: { total: number }) => f.total === 2,
  ],
  [
    'channels.getAdSchedule',
    () => api.channels.getAdSchedule(DEMO),
    (a: { snoozeCount: number; nextAdDate: Date }) =>
      a.snoozeCount === 3 && a.nextAdDate instanceof Date,
  ],
  [
    'channelPoints.getCustomRewards',
    () => api.channelPoints.getCustomRewards(DEMO),
    (r: { id: string; cost: number }[]) => r[0]?.cost === 100,
  ],
  [
    'channelPoints.getCustomRewardById',
    () => api.channelPoints.getCustomRewardById(DEMO, HYDRATE),
    (r: { title: string }) => r.title === 'Hydrate',
  ],
  [
    'channelPoints.getRedemptionsForBroadcaster',
    () => api.channelPoints.getRedemptionsForBroadcaster(DEMO, HYDRATE, 'UNFULFILLED', {}),
    (r: { data: { id: string }[] }) => ids(r).includes(seed(322)),
  ],
  ['chat.getChatters', () => api.chat.getChatters(DEMO), (c: { total: number }) => c.total > 0],
  [
    'chat.getSettings',
    () => api.chat.getSettings(DEMO),
    (s: { emoteOnlyModeEnabled: boolean }) => !s.emoteOnlyModeEnabled,
  ],
  ['chat.getColorForUser', () => api.chat.getColorForUser(DEMO), (c: unknown) => c === null],
  [
    'clips.getClipsForBroadcaster',
    () => api.clips.getClipsForBroadcaster(DEMO),
    (c: { data: unknown[] }) => Array.isArray(c.data),
  ],
  [
    'videos.getVideosByUser',
    () => api.videos.getVideosByUser(DEMO),
    (v: { data: { id: string; durationInSeconds: number }[] }) =>
      v.data[0]?.durationInSeconds === 3_600,
  ],
  [
    'streams.getStreamByUserId',
    () => api.streams.getStreamByUserId(DEMO),
    (s: { userId: string; startDate: Date }) => s.userId === DEMO && s.startDate instanceof Date,
  ],
  [
    'streams.getStreamMarkersForUser',
    () => api.streams.getStreamMarkersForUser(DEMO),
    (m: { data: unknown[] }) => Array.isArray(m.data),
  ],
  [
    'games.getGameByName',
    () => api.games.getGameByName('Just Chatting'),
    (g: { id: string }) => g.id === '509658',
  ],
  [
    'search.searchCategories',
    () => api.search.searchCategories('chat'),
    (g: { data: { id: string }[] }) => ids(g).includes('509658'),
  ],
  [
    'search.searchChannels',
    () => api.search.searchChannels('demo'),
    (c: { data: { id: string }[] }) => ids(c).includes(DEMO),
  ],
  [
    'moderation.getModerators',
    () => api.moderation.getModerators(DEMO),
    (m: { data: { userId: string }[] }) => m.data[0]?.userId === BOT,
  ],
  [
    'moderation.getBannedUsers',
    () => api.moderation.getBannedUsers(DEMO),
    (b: { data: { userId: string; expiryDate: Date | null }[] }) => b.data[0]?.expiryDate === null,
  ],
  [
    'moderation.getBlockedTerms',
    () => api.moderation.getBlockedTerms(DEMO),
    (t: { data: { id: string }[] }) => ids(t).includes(seed(623)),
  ],
  [
    'moderation.getShieldModeStatus',
    () => api.moderation.getShieldModeStatus(DEMO),
    (s: { isActive: boolean }) => !s.isActive,
  ],
  [
    'moderation.getUnbanRequests',
    () => api.moderation.getUnbanRequests(DEMO, 'pending'),
    (r: { data: { id: string }[] }) => ids(r).includes(seed(612)),
  ],
  [
    'moderation.getAutoModSettings',
    () => api.moderation.getAutoModSettings(DEMO),
    (s: { overallLevel: number | null }[]) => s[0]?.overallLevel === 1,
  ],
  [
    'polls.getPolls',
    () => api.polls.getPolls(FRIEND),
    (p: { data: { status: string }[] }) => p.data[0]?.status === 'ACTIVE',
  ],
  [
    'predictions.getPredictions',
    () => api.predictions.getPredictions(FRIEND),
    (p: { data: { status: string }[] }) => p.data[0]?.status === 'ACTIVE',
  ],
  [
    'schedule.getSchedule',
    () => api.schedule.getSchedule(DEMO),
    (s: { data: { segments: { id: string }[] } }) => s.data.segments.length === 2,
  ],
  [
    'subscriptions.getSubscriptions',
    () => api.subscriptions.getSubscriptions(DEMO),
    (s: { data: { tier: string }[]; points: number }) => s.data[0]?.tier === '1000',
  ],
  [
    'goals.getGoals',
    () => api.goals.getGoals(DEMO),
    (g: { targetAmount: number }[]) => g[0]?.targetAmount === 100,
  ],
  [
    'charity.getCharityCampaign',
    () => api.charity.getCharityCampaign(DEMO),
    (c: { currentAmount: { localizedValue: number } }) => c.currentAmount.localizedValue === 10.5,
  ],
  [
    'hypeTrain.getHypeTrainStatusForBroadcaster',
    () => api.hypeTrain.getHypeTrainStatusForBroadcaster(DEMO),
    (h: object) => h !== null,
  ],
  [
    'eventSub.getSubscriptions',
    () => api.eventSub.getSubscriptions(),
    (s: { total: number }) => s.total === 2,
  ],
  [
    'eventSub.getConduits',
    () => api.eventSub.getConduits(),
    (c: { id: string }[]) => c.some(({ id }) => id === seed(502)),
  ],
  [
    'entitlements.getDropsEntitlements',
    () => api.entitlements.getDropsEntitlements({} as never),
    (d: { data: { id: string }[] }) => ids(d).includes(seed(521)),
  ],
];

describe('twurple reads the simulation as it reads Twitch', () => {
  it.each(READS)('%s', async (_method, call, fits) => {
    const found = await call();
    expect(fits(found as never) ? '' : JSON.stringify(found)).toBe('');
  });
});

/** What is written, and where it is seen afterwards. */
const WRITES: readonly (readonly [
  method: string,
  write: () => Promise<unknown>,
  read: () => Promise<unknown>,
  expected: unknown,
])[] = [
  [
    'channels.updateChannelInfo',
    () =>
      api.channels.updateChannelInfo(DEMO, { title: 'By twurple', language: 'de', tags: ['one'] }),
    async () => (await api.channels.getChannelInfoById(DEMO))?.title,
    'By twurple',
  ],
  [
    'channels.startChannelCommercial',
    () => api.channels.startChannelCommercial(DEMO, 30),
    async () => (await api.channels.getAdSchedule(DEMO)).lastAdDate !== null,
    true,
  ],
  [
    'channels.snoozeNextAd',
    () => api.channels.snoozeNextAd(DEMO),
    async () => (await api.channels.getAdSchedule(DEMO)).snoozeCount,
    2,
  ],
  [
    'channels.addVip',
    () => api.channels.addVip(DEMO, '2005'),
    () => api.channels.checkVipForUser(DEMO, '2005'),
    true,
  ],
  [
    'channels.removeVip',
    () => api.channels.removeVip(DEMO, '2005'),
    () => api.channels.checkVipForUser(DEMO, '2005'),
    false,
  ],
  [
    'channelPoints.createCustomReward',
    () =>
      api.channelPoints.createCustomReward(DEMO, {
        title: 'New',
        cost: 5,
        maxRedemptionsPerStream: 3,
      }),
    async () =>
      (await api.channelPoints.getCustomRewards(DEMO)).find(({ title }) => title === 'New')
        ?.maxRedemptionsPerStream,
    3,
  ],
  [
    'channelPoints.updateCustomReward',
    () => api.channelPoints.updateCustomReward(DEMO, HYDRATE, { cost: 120, isPaused: true }),
    async () => (await api.channelPoints.getCustomRewardById(DEMO, HYDRATE))?.isPaused,
    true,
  ],
  [
    'channelPoints.deleteCustomReward',
    () => api.channelPoints.deleteCustomReward(DEMO, seed(303)),
    async () => (await api.channelPoints.getCustomRewards(DEMO)).some(({ id }) => id === seed(303)),
    false,
  ],
  [
    'channelPoints.updateRedemptionStatusByIds',
    () => api.channelPoints.updateRedemptionStatusByIds(DEMO, HYDRATE, [seed(321)], 'FULFILLED'),
    async () => (await api.channelPoints.getRedemptionById(DEMO, HYDRATE, seed(321)))?.isFulfilled,
    true,
  ],
  [
    'chat.updateSettings',
    () => api.chat.updateSettings(DEMO, { slowModeEnabled: true, slowModeDelay: 10 }),
    async () => (await api.chat.getSettings(DEMO)).slowModeDelay,
    10,
  ],
  [
    'chat.sendChatMessage',
    () => api.chat.sendChatMessage(DEMO, 'hello'),
    async () => (await api.chat.getChatters(DEMO)).data.some(({ userId }) => userId === DEMO),
    true,
  ],
  [
    'chat.setColorForUser',
    () => api.chat.setColorForUser(DEMO, 'green'),
    () => api.chat.getColorForUser(DEMO),
    'green',
  ],
  ['chat.shoutoutUser', () => api.chat.shoutoutUser(DEMO, FRIEND), async () => true, true],
  [
    'chat.sendAnnouncement',
    () => api.chat.sendAnnouncement(DEMO, { message: 'look' }),
    async () => true,
    true,
  ],
  [
    'clips.createClip',
    () => api.clips.createClip({ channel: DEMO }),
    async () => (await api.clips.getClipsForBroadcaster(DEMO)).data.length,
    1,
  ],
  [
    'clips.createClipFromVod',
    () =>
      api.clips.createClipFromVod({
        channel: DEMO,
        editorId: DEMO,
        vodId: '335921245',
        vodOffset: 60,
        title: 'From a video',
      } as never),
    async () => (await api.clips.getClipsForBroadcaster(DEMO)).data.length,
    2,
  ],
  [
    'moderation.banUser',
    () => api.moderation.banUser(DEMO, { user: '2001', duration: 60, reason: 'x' }),
    () => api.moderation.checkUserBan(DEMO, '2001'),
    true,
  ],
  [
    'moderation.unbanUser',
    () => api.moderation.unbanUser(DEMO, '2001'),
    () => api.moderation.checkUserBan(DEMO, '2001'),
    false,
  ],
  [
    'moderation.addModerator',
    () => api.moderation.addModerator(DEMO, '2004'),
    () => api.moderation.checkUserMod(DEMO, '2004'),
    true,
  ],
  [
    'moderation.removeModerator',
    () => api.moderation.removeModerator(DEMO, '2004'),
    () => api.moderation.checkUserMod(DEMO, '2004'),
    false,
  ],
  [
    'moderation.checkAutoModStatus',
    () => api.moderation.checkAutoModStatus(DEMO, [{ messageId: '1', messageText: 'fine' }]),
    async () => true,
    true,
  ],
  [
    'moderation.processHeldAutoModMessage',
    () => api.moderation.processHeldAutoModMessage(DEMO, seed(601), true),
    async () => true,
    true,
  ],
  [
    'moderation.updateAutoModSettings',
    () => api.moderation.updateAutoModSettings(DEMO, { overallLevel: 3 } as never),
    async () => (await api.moderation.getAutoModSettings(DEMO))[0]?.overallLevel,
    3,
  ],
  [
    'moderation.addBlockedTerm',
    () => api.moderation.addBlockedTerm(DEMO, 'a bad word'),
    async () =>
      (await api.moderation.getBlockedTerms(DEMO)).data.some(({ text }) => text === 'a bad word'),
    true,
  ],
  [
    'moderation.removeBlockedTerm',
    () => api.moderation.removeBlockedTerm(DEMO, DEMO, seed(622)),
    async () =>
      (await api.moderation.getBlockedTerms(DEMO)).data.some(({ id }) => id === seed(622)),
    false,
  ],
  [
    'moderation.updateShieldModeStatus',
    () => api.moderation.updateShieldModeStatus(DEMO, true),
    async () => (await api.moderation.getShieldModeStatus(DEMO)).isActive,
    true,
  ],
  [
    'moderation.resolveUnbanRequest',
    () => api.moderation.resolveUnbanRequest(DEMO, seed(611), false, 'no'),
    async () => (await api.moderation.getUnbanRequests(DEMO, 'denied')).data[0]?.id,
    seed(611),
  ],
  [
    'moderation.warnUser',
    () => api.moderation.warnUser(DEMO, '2004', 'be kind'),
    async () => true,
    true,
  ],
  [
    'moderation.deleteChatMessages',
    () => api.moderation.deleteChatMessages(DEMO),
    async () => true,
    true,
  ],
  [
    'polls.createPoll',
    () => api.polls.createPoll(DEMO, { title: 'q', choices: ['a', 'b'], duration: 60 }),
    async () => (await api.polls.getPolls(DEMO)).data[0]?.title,
    'q',
  ],
  [
    'predictions.createPrediction',
    () =>
      api.predictions.createPrediction(DEMO, {
        title: 'p',
        outcomes: ['a', 'b'],
        autoLockAfter: 60,
      }),
    async () => (await api.predictions.getPredictions(DEMO)).data[0]?.title,
    'p',
  ],
  ['raids.startRaid', () => api.raids.startRaid(DEMO, FRIEND), async () => true, true],
  ['raids.cancelRaid', () => api.raids.cancelRaid(DEMO), async () => true, true],
  [
    'schedule.createScheduleSegment',
    () =>
      api.schedule.createScheduleSegment(DEMO, {
        startDate: '2027-01-31T18:00:00Z',
        timezone: 'Europe/Berlin',
        isRecurring: true,
        duration: 60,
      }),
    async () => (await api.schedule.getSchedule(DEMO)).data.segments.length,
    3,
  ],
  [
    'schedule.updateScheduleSegment',
    () => api.schedule.updateScheduleSegment(DEMO, 'demo-segment-1', { title: 'Another' }),
    async () => (await api.schedule.getScheduleSegmentById(DEMO, 'demo-segment-1'))?.title,
    'Another',
  ],
  [
    'schedule.deleteScheduleSegment',
    () => api.schedule.deleteScheduleSegment(DEMO, 'demo-segment-2'),
    () => api.schedule.getScheduleSegmentById(DEMO, 'demo-segment-2'),
    null,
  ],
  [
    'schedule.updateScheduleSettings',
    () =>
      api.schedule.updateScheduleSettings(DEMO, {
        vacation: {
          startDate: '2027-01-01T00:00:00Z',
          endDate: '2027-01-02T00:00:00Z',
          timezone: 'Europe/Berlin',
        },
      }),
    async () => (await api.schedule.getSchedule(DEMO)).data.vacationStartDate !== null,
    true,
  ],
  [
    'streams.createStreamMarker',
    () => api.streams.createStreamMarker(DEMO, 'here'),
    async () => (await api.streams.getStreamMarkersForUser(DEMO)).data[0]?.description,
    'here',
  ],
  [
    'users.updateAuthenticatedUser',
    () => api.users.updateAuthenticatedUser(DEMO, { description: 'me' }),
    async () => (await api.users.getUserById(DEMO))?.description,
    'me',
  ],
  [
    'users.createBlock',
    () => api.users.createBlock(DEMO, '2002', { reason: 'spam' }),
    async () => (await api.users.getBlocks(DEMO)).data[0]?.userId,
    '2002',
  ],
  [
    'users.deleteBlock',
    () => api.users.deleteBlock(DEMO, '2002'),
    async () => (await api.users.getBlocks(DEMO)).data.length,
    0,
  ],
  [
    'videos.deleteVideosByIds',
    () => api.videos.deleteVideosByIds(DEMO, ['335921246']),
    async () => (await api.videos.getVideosByUser(DEMO)).data.length,
    1,
  ],
  [
    'whispers.sendWhisper',
    () => api.whispers.sendWhisper(DEMO, '2001', 'psst'),
    async () => true,
    true,
  ],
  [
    'eventSub.subscribeToStreamOnlineEvents',
    () =>
      api.eventSub.createConduit(1).then(({ id }) =>
        api.eventSub.subscribeToStreamOnlineEvents(DEMO, {
          method: 'conduit',
          conduit_id: id,
        } as never),
      ),
    async () => (await api.eventSub.getSubscriptionsForType('stream.online')).data.length,
    1,
  ],
  [
    'eventSub.updateConduit',
    () => api.eventSub.updateConduit(seed(502), 4),
    async () => (await api.eventSub.getConduits()).find(({ id }) => id === seed(502))?.shardCount,
    4,
  ],
  [
    'eventSub.deleteConduit',
    () => api.eventSub.deleteConduit(seed(503)),
    async () => (await api.eventSub.getConduits()).some(({ id }) => id === seed(503)),
    false,
  ],
  [
    'eventSub.deleteSubscription',
    () => api.eventSub.deleteSubscription(seed(512)),
    async () => (await api.eventSub.getSubscriptionsForType('stream.offline')).data.length,
    0,
  ],
  [
    'entitlements.updateDropsEntitlements',
    async () => api.entitlements.updateDropsEntitlements([seed(521)], 'FULFILLED'),
    async () =>
      (await api.entitlements.getDropsEntitlements({} as never)).data[0]?.fulfillmentStatus,
    'FULFILLED',
  ],
];

describe('what twurple writes is seen by what it reads', () => {
  it.each(WRITES)('%s', async (_method, write, read, expected) => {
    await write();
    expect(await read()).toEqual(expected);
  });
});
