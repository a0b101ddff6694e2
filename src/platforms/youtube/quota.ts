import type { DailyLimit } from '../../actions/limit.js';
import type { QuotaSettings } from '../../actions/platform.js';
import type { PlatformRequest } from '../../actions/wire.js';

/**
 * What calls take of the daily quota of a Google Cloud project, as published in the version below; each block names
 * its source. A read inside of a script counts 1.
 * @see https://developers.google.com/youtube/v3/determine_quota_cost
 */
export const QUOTA_COST = {
  version: '2026-11-04',
  // From the table; of lists of resources of live streaming and of playlist images it says nothing, and 1 is
  // what reads usually cost.
  'channelSections.list': 1,
  'channels.list': 1,
  'commentThreads.list': 1,
  'comments.list': 1,
  'liveBroadcasts.list': 1,
  'liveChatModerators.list': 1,
  'liveStreams.list': 1,
  'membershipsLevels.list': 1,
  'playlistImages.list': 1,
  'playlistItems.list': 1,
  'playlists.list': 1,
  'subscriptions.list': 1,
  'videoCategories.list': 1,
  'videos.list': 1,
  'captions.list': 50,
  'channelBanners.insert': 50,
  'channelSections.delete': 50,
  'channelSections.insert': 50,
  'channelSections.update': 50,
  'channels.update': 50,
  'commentThreads.insert': 50,
  'comments.delete': 50,
  'comments.insert': 50,
  'comments.setModerationStatus': 50,
  'comments.update': 50,
  'playlistItems.delete': 50,
  'playlistItems.insert': 50,
  'playlistItems.update': 50,
  'playlists.delete': 50,
  'playlists.insert': 50,
  'playlists.update': 50,
  'subscriptions.delete': 50,
  'subscriptions.insert': 50,
  'thumbnails.set': 50,
  'videos.delete': 50,
  'videos.rate': 50,
  'videos.reportAbuse': 50,
  'videos.update': 50,
  'watermarks.set': 50,
  'watermarks.unset': 50,
  'captions.delete': 50,
  'captions.insert': 400,
  'captions.update': 450,
  // From the table, of budgets of their own: 100 calls a day each.
  'search.list': 1,
  'videos.insert': 1,
  // From the pages of live chat: https://developers.google.com/youtube/v3/live/docs/liveChatMessages
  'liveChatMessages.delete': 20,
  'liveChatMessages.insert': 20,
  'liveChatMessages.list': 5,
  'liveChatMessages.transition': 20,
  // Unpublished. A write usually costs 50: https://developers.google.com/youtube/v3/getting-started#quota
  'liveBroadcasts.bind': 50,
  'liveBroadcasts.cuepoint': 50,
  'liveBroadcasts.delete': 50,
  'liveBroadcasts.insert': 50,
  'liveBroadcasts.transition': 50,
  'liveBroadcasts.update': 50,
  'liveChatBans.delete': 50,
  'liveChatBans.insert': 50,
  'liveChatModerators.delete': 50,
  'liveChatModerators.insert': 50,
  'liveStreams.delete': 50,
  'liveStreams.insert': 50,
  'liveStreams.update': 50,
  'playlistImages.delete': 50,
  'playlistImages.insert': 50,
  'playlistImages.update': 50,
} as const;

/** Calls that have days of their own, apart from the units. */
const DAILY_CALLS = {
  uploads: { path: /^\/upload\/youtube\/v3\/videos$/, calls: 100 },
  searches: { path: /^\/youtube\/v3\/search$/, calls: 100 },
} as const;

/** What a request counts against: the units of the project, or the calls of its own kind. */
export function limitQuota(
  { path }: Pick<PlatformRequest, 'path'>,
  { project, accountId, cost }: { project: string; accountId: string; cost: number },
  { daily, reserve, perAccount }: QuotaSettings,
): DailyLimit[] {
  const day = { kind: 'daily', countToReset: countToQuotaReset } as const;
  for (const [name, { path: own, calls }] of Object.entries(DAILY_CALLS)) {
    if (!own.test(path)) continue;
    const counted = { ...day, units: calls, reserve: 0, cost: 1 };
    return [
      { ...counted, bucket: `youtube:${name}:${project}` },
      // What a channel may upload in a day is unpublished: it is learned when YouTube says no.
      { ...counted, bucket: `youtube:${name}:account:${accountId}`, account: accountId },
    ];
  }
  return [
    { ...day, bucket: `youtube:units:${project}`, units: daily, reserve, cost },
    ...(perAccount > 0
      ? [
          {
            ...day,
            bucket: `youtube:account:${accountId}`,
            account: accountId,
            units: perAccount,
            reserve: 0,
            cost,
          },
        ]
      : []),
  ];
}

const HOUR = 3_600_000;

/** Minutes are whole everywhere, so that an hour and a day say where a clock stands. */
const PACIFIC = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
});

/** Year, month, day and hour on a Pacific clock. */
function readPacificClock(at: number): Readonly<Record<'year' | 'month' | 'day' | 'hour', number>> {
  const parts = new Map(PACIFIC.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const read = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return { year: read('year'), month: read('month'), day: read('day'), hour: read('hour') };
}

/**
 * Milliseconds until the daily quota is new: at the next midnight in Pacific time. The clocks change
 * at two in the morning, so there is exactly one midnight a day, 7 or 8 hours behind that of UTC.
 * @param now Unix milliseconds
 */
export function countToQuotaReset(now: number): number {
  const { year, month, day } = readPacificClock(now);
  const midnightInUtc = Date.UTC(year, month - 1, day + 1);
  const inSummer = midnightInUtc + 7 * HOUR;
  const midnight = readPacificClock(inSummer).hour === 0 ? inSummer : midnightInUtc + 8 * HOUR;
  return midnight - now;
}
