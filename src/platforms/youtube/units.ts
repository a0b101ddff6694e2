import type { CallCost } from '../../actions/platform.js';

interface Source {
  /** What publishes the cost. */
  readonly source: string;
  readonly address: string;
  /** The day on which it was read last. */
  readonly readOn: string;
  readonly isPublished: boolean;
}

const TABLE: Source = {
  source: 'table of costs',
  address: 'https://developers.google.com/youtube/v3/determine_quota_cost',
  readOn: '2026-11-29',
  isPublished: true,
};
const LIVE_CHAT: Source = {
  source: 'page of the method',
  address: 'https://developers.google.com/youtube/v3/live/docs/liveChatMessages',
  readOn: '2026-11-29',
  isPublished: true,
};
const RULE: Source = {
  source: 'unpublished; a write usually takes 50, a read 1',
  address: 'https://developers.google.com/youtube/v3/getting-started#quota',
  readOn: '2026-11-29',
  isPublished: false,
};

/** The revision of the discovery document that these methods are of. */
export const UNITS_VERSION = '20261104';

/** What a call takes, by budget, price and source, also of methods that no action calls. */
const COSTS = [
  {
    ...TABLE,
    budget: 'units',
    units: 1,
    methods: [
      'activities.list',
      'channelSections.list',
      'channels.list',
      'commentThreads.list',
      'comments.list',
      'i18nLanguages.list',
      'i18nRegions.list',
      'members.list',
      'membershipsLevels.list',
      'playlistItems.list',
      'playlists.list',
      'subscriptions.list',
      'videoAbuseReportReasons.list',
      'videoCategories.list',
      'videos.getRating',
      'videos.list',
    ],
  },
  {
    ...TABLE,
    budget: 'units',
    units: 50,
    methods: [
      'captions.delete',
      'captions.list',
      'channelBanners.insert',
      'channelSections.delete',
      'channelSections.insert',
      'channelSections.update',
      'channels.update',
      'commentThreads.insert',
      'comments.delete',
      'comments.insert',
      'comments.setModerationStatus',
      'comments.update',
      'playlistItems.delete',
      'playlistItems.insert',
      'playlistItems.update',
      'playlists.delete',
      'playlists.insert',
      'playlists.update',
      'subscriptions.delete',
      'subscriptions.insert',
      'thumbnails.set',
      'videos.delete',
      'videos.rate',
      'videos.reportAbuse',
      'videos.update',
      'watermarks.set',
      'watermarks.unset',
    ],
  },
  { ...TABLE, budget: 'units', units: 400, methods: ['captions.insert'] },
  { ...TABLE, budget: 'units', units: 450, methods: ['captions.update'] },
  { ...TABLE, budget: 'searches', units: 1, methods: ['search.list'] },
  { ...TABLE, budget: 'uploads', units: 1, methods: ['videos.insert'] },
  {
    ...LIVE_CHAT,
    budget: 'units',
    units: 20,
    methods: ['liveChatMessages.delete', 'liveChatMessages.insert', 'liveChatMessages.transition'],
  },
  { ...LIVE_CHAT, budget: 'units', units: 5, methods: ['liveChatMessages.list'] },
  {
    ...RULE,
    budget: 'units',
    units: 50,
    methods: [
      'comments.markAsSpam',
      'liveBroadcasts.bind',
      'liveBroadcasts.cuepoint',
      'liveBroadcasts.delete',
      'liveBroadcasts.insert',
      'liveBroadcasts.transition',
      'liveBroadcasts.update',
      'liveChatBans.delete',
      'liveChatBans.insert',
      'liveChatModerators.delete',
      'liveChatModerators.insert',
      'liveStreams.delete',
      'liveStreams.insert',
      'liveStreams.update',
      'playlistImages.delete',
      'playlistImages.insert',
      'playlistImages.update',
    ],
  },
  {
    ...RULE,
    budget: 'units',
    units: 1,
    methods: [
      'liveBroadcasts.list',
      'liveChatModerators.list',
      'liveStreams.list',
      'playlistImages.list',
      'superChatEvents.list',
    ],
  },
] as const;

type Method = (typeof COSTS)[number]['methods'][number];

/** The cost of each method, with its source. A request is paid for whether it succeeds or not. */
export const CALL_COSTS: readonly CallCost[] = COSTS.flatMap(({ methods, ...cost }) =>
  methods.map((method): CallCost => ({ method, ...cost })),
).toSorted((a, b) => (a.method < b.method ? -1 : 1));

/** What a call takes of its budget of a day, by method. */
export const QUOTA_COST = Object.fromEntries(
  CALL_COSTS.map(({ method, units }) => [method, units]),
) as Readonly<Record<Method, number>>;
