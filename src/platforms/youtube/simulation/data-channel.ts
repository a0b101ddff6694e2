import { isRecord } from '../../../sandbox/exchange.js';
import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { describeSubscription } from './resources.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import { DEMO_CHANNEL } from './seed.js';
import type { Parts, Stored } from './resources.js';
import { type StoredKind, storedRoutes } from './stored.js';
import type { YouTubeChannel } from './world.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];
const SECTION_TYPES: ReadonlySet<string> = new Set([
  'singlePlaylist',
  'multiplePlaylists',
  'popularUploads',
  'recentUploads',
  'likes',
  'allPlaylists',
  'likedPlaylists',
  'recentPosts',
  'recentActivity',
  'liveEvents',
  'upcomingEvents',
  'completedEvents',
  'multipleChannels',
  'postedVideos',
  'postedPlaylists',
  'subscriptions',
]);
/** @see https://developers.google.com/youtube/v3/docs/channelSections/insert */
const MOST_SECTIONS = 10;

/** The sections of the page of a channel. */
const SECTION: StoredKind = {
  path: '/channelSections',
  name: 'channelSection',
  shelf: ({ sections }) => sections,
  missing: 'channelSectionNotFound',
  units: 50,
  filter: (call) => {
    const ids = call.readList('id');
    const channel =
      call.readQuery('mine') === 'true' ? call.channelId : call.readQuery('channelId');
    if (ids.length === 0 && channel === undefined)
      throw new DataRefusal(400, 'missingRequiredParameter', 'Exactly one filter must be given.');
    return ({ id, channel_id }) => (ids.length > 0 ? ids.includes(id) : channel_id === channel);
  },
  complete: completeSection,
  isWhole: true,
};

/** What a channel subscribes to. */
const SUBSCRIPTION: StoredKind = {
  path: '/subscriptions',
  name: 'subscription',
  shelf: ({ subscriptions }) => subscriptions,
  missing: 'subscriptionNotFound',
  units: 50,
  filter: (call) => {
    const forChannel = call.readList('forChannelId');
    const ids = call.readList('id');
    const isOwn = call.readQuery('mine') === 'true' || call.readQuery('channelId') !== undefined;
    const isToMe =
      call.readQuery('mySubscribers') === 'true' ||
      call.readQuery('myRecentSubscribers') === 'true';
    if (!isOwn && !isToMe && ids.length === 0)
      throw new DataRefusal(400, 'missingRequiredParameter', 'Exactly one filter must be given.');
    const owner = call.readQuery('channelId') ?? call.channelId;
    return (stored) => {
      const target = nameTarget(stored);
      if (ids.length > 0) return ids.includes(stored.id);
      if (isToMe) return target === call.channelId;
      return (
        stored.channel_id === owner && (forChannel.length === 0 || forChannel.includes(target))
      );
    };
  },
  complete: (call) => {
    const resource = call.body.within('snippet', 'resourceId');
    const target = resource.requireText('channelId', 'publisherNotFound');
    if (!call.world.channels.has(target))
      throw new DataRefusal(404, 'publisherNotFound', 'The channel cannot be found.');
    if (target === call.channelId)
      throw new DataRefusal(400, 'subscriptionForbidden', 'A channel cannot subscribe to itself.');
    const known = call.world.subscriptions.list(
      (stored) => stored.channel_id === call.channelId && nameTarget(stored) === target,
    );
    if (known.length > 0)
      throw new DataRefusal(400, 'subscriptionDuplicate', 'The subscription already exists.');
    return describeSubscription(call.channelId, target, (id) => call.world.nameChannel(id));
  },
};

/** Channels, their pages and what they subscribe to. */
export const CHANNEL_ROUTES: DataRoutes = {
  'GET /channels': { scopes: READ, units: 1, handle: listChannels },
  'PUT /channels': { scopes: WRITE, units: 50, handle: updateChannel },
  'POST /watermarks/unset': { scopes: WRITE, units: 50, handle: unsetWatermark },
  ...storedRoutes(SECTION),
  ...withoutUpdate(storedRoutes(SUBSCRIPTION)),
};

function withoutUpdate(routes: DataRoutes): DataRoutes {
  return Object.fromEntries(Object.entries(routes).filter(([name]) => !name.startsWith('PUT ')));
}

function nameTarget({ parts }: Stored): string {
  const resource = parts['snippet']?.['resourceId'];
  return isRecord(resource) ? String(resource['channelId']) : '';
}

function completeSection(call: DataCall, old?: Stored): Parts {
  const snippet = call.body.within('snippet');
  const details = call.body.within('contentDetails').values;
  const type = snippet.requireText('type', 'typeRequired');
  if (!SECTION_TYPES.has(type))
    throw new DataRefusal(400, 'invalid', `Invalid value at "type": ${type}`);
  const title = snippet.readText('title');
  const isTitled = type === 'multiplePlaylists' || type === 'multipleChannels';
  if (isTitled && !title)
    throw new DataRefusal(400, 'titleRequired', 'A section of several things must have a title.');
  const playlists = readIds(details['playlists']);
  const channels = readIds(details['channels']);
  if (type === 'singlePlaylist' && playlists.length !== 1)
    throw new DataRefusal(400, 'contentDetailsRequired', 'Exactly one playlist must be named.');
  if (type === 'multiplePlaylists' && playlists.length === 0)
    throw new DataRefusal(400, 'contentDetailsRequired', 'Playlists must be named.');
  if (type === 'multipleChannels' && channels.length === 0)
    throw new DataRefusal(400, 'contentDetailsRequired', 'Channels must be named.');
  for (const id of playlists) call.requirePlaylist(id);
  const own = call.world.sections.list(({ channel_id }) => channel_id === call.channelId);
  if (!old && own.length >= MOST_SECTIONS)
    throw new DataRefusal(400, 'maxChannelSectionExceeded', 'The channel has the most sections.');
  return {
    snippet: {
      type,
      channelId: call.channelId,
      ...(title !== undefined && { title }),
      position: snippet.readInteger('position') ?? own.length,
    },
    contentDetails: {
      ...(playlists.length > 0 && { playlists }),
      ...(channels.length > 0 && { channels }),
    },
  };
}

function readIds(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** @see https://developers.google.com/youtube/v3/docs/channels/list */
function listChannels(call: DataCall): DataResult {
  const handle = call.readQuery('forHandle')?.replace(/^@/, '').toLowerCase();
  const isWanted = ({ id }: { readonly id: string }): boolean => {
    if (handle !== undefined) return nameHandle(id) === handle;
    return (call.readQuery('mine') === 'true' ? [call.channelId] : call.readList('id')).includes(
      id,
    );
  };
  const items = [...call.world.channels.values()]
    .filter(isWanted)
    .map((channel) => showChannel(call, channel));
  return { items, pageInfo: { totalResults: items.length, resultsPerPage: 5 } };
}

function showChannel({ world }: DataCall, { id, title, branding }: YouTubeChannel): object {
  const videos = [...world.videos.values()].filter(({ channel_id }) => channel_id === id);
  const { channel = {}, image = {} } = branding;
  return {
    kind: 'youtube#channel',
    id,
    snippet: {
      title,
      description: channel['description'] ?? '',
      customUrl: `@${nameHandle(id)}`,
      publishedAt: '2026-01-01T00:00:00Z',
    },
    contentDetails: { relatedPlaylists: { uploads: nameUploads(id) } },
    statistics: {
      subscriberCount: '12',
      hiddenSubscriberCount: false,
      videoCount: String(videos.length),
      viewCount: '0',
    },
    status: { privacyStatus: 'public', isLinked: true, longUploadsStatus: 'allowed' },
    brandingSettings: { channel: { title, ...channel }, image },
    localizations: {},
  };
}

/**
 * Replaces the settings of the channel: what is left out is gone.
 * @see https://developers.google.com/youtube/v3/docs/channels/update
 */
function updateChannel(call: DataCall): DataResult {
  const id = call.body.requireText('id', 'channelIdRequired');
  const channel = call.world.channels.get(id);
  if (!channel) throw new DataRefusal(404, 'channelNotFound', 'The channel cannot be found.');
  call.requireSelf(id);
  if (!call.parts.has('brandingSettings'))
    throw new DataRefusal(400, 'requiredBrandingSettings', 'brandingSettings must be set.');
  const settings = call.body.within('brandingSettings');
  const sent = settings.within('channel').values;
  const description = settings.within('channel').readText('description') ?? '';
  if ([...description].length > 1_000)
    throw new DataRefusal(400, 'brandingValidationError', 'The description is too long.');
  const keywords = settings.within('channel').readText('keywords') ?? '';
  if ([...keywords].length > 500)
    throw new DataRefusal(400, 'brandingValidationError', 'The keywords are too long.');
  const banner = settings.within('image').readText('bannerExternalUrl');
  if (banner !== undefined && !call.world.banners.has(banner))
    throw new DataRefusal(400, 'brandingValidationError', 'The banner was not uploaded here.');
  // Titles cannot be changed in this way.
  channel.branding = {
    channel: Object.fromEntries(Object.entries(sent).filter(([name]) => name !== 'title')),
    image: banner === undefined ? channel.branding.image : { bannerExternalUrl: banner },
  };
  return showChannel(call, channel);
}

/** @see https://developers.google.com/youtube/v3/docs/watermarks/unset */
function unsetWatermark(call: DataCall): DataResult {
  const channel = call.world.channels.get(call.requireQuery('channelId'));
  if (!channel) throw new DataRefusal(404, 'channelNotFound', 'The channel cannot be found.');
  call.requireSelf(channel.id);
  delete channel.watermark;
  return undefined;
}

/** The handle of a channel: the end of its id, but for the demo channel. */
function nameHandle(id: string): string {
  return id === DEMO_CHANNEL ? 'demo' : id.slice(2).toLowerCase();
}

/** The playlist that holds what a channel uploaded. */
export function nameUploads(channelId: string): string {
  return channelId.replace(/^UC/, 'UU');
}
