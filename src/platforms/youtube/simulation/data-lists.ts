import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { CREATOR_MEMBERS, FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import { DEMO_CHANNEL } from './seed.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];
const MEMBERS = [CREATOR_MEMBERS];
const PUBLISHED = '2026-01-01T00:00:00Z';

/** What is only looked at: categories, levels of members, and the search. */
export const LIST_ROUTES: DataRoutes = {
  'GET /videoCategories': { scopes: READ, units: 1, handle: listCategories },
  'GET /membershipsLevels': { scopes: MEMBERS, units: 1, handle: listLevels },
  'GET /search': { scopes: READ, units: 1, handle: search },
};

/** Categories by their id. */
const CATEGORIES = new Map([
  ['10', 'Music'],
  ['20', 'Gaming'],
  ['22', 'People & Blogs'],
  ['28', 'Science & Technology'],
]);

/** @see https://developers.google.com/youtube/v3/docs/videoCategories/list */
function listCategories(call: DataCall): DataResult {
  call.requireQuery('regionCode');
  const items = [...CATEGORIES].map(([id, title]) => ({
    kind: 'youtube#videoCategory',
    id,
    snippet: { title, assignable: true, channelId: DEMO_CHANNEL },
  }));
  return { items };
}

/** @see https://developers.google.com/youtube/v3/docs/membershipsLevels/list */
function listLevels(call: DataCall): DataResult {
  const levelDetails = { displayName: 'Friends' };
  const snippet = { creatorChannelId: call.channelId, levelDetails };
  const items = [{ kind: 'youtube#membershipsLevel', id: 'level-sandbox-1', snippet }];
  return { items };
}

/** Looks for words in titles. @see https://developers.google.com/youtube/v3/docs/search/list */
function search(call: DataCall): DataResult {
  const words = (call.readQuery('q') ?? '').toLowerCase();
  const [kind = 'video'] = call.readList('type');
  const channel = call.readQuery('channelId');
  if (call.readQuery('eventType') !== undefined && kind !== 'video')
    throw new DataRefusal(400, 'invalidSearchFilter', 'eventType needs type=video.');
  const { world } = call;
  const all = {
    video: [...world.videos.values()].map((video) => ({
      id: { kind: 'youtube#video', videoId: video.id },
      title: video.snippet.title,
      description: video.snippet.description,
      channel_id: video.channel_id,
    })),
    channel: [...world.channels.values()].map(({ id, title }) => ({
      id: { kind: 'youtube#channel', channelId: id },
      title,
      description: '',
      channel_id: id,
    })),
    playlist: [...world.playlists.values()].map((playlist) => ({
      id: { kind: 'youtube#playlist', playlistId: playlist.id },
      title: playlist.title,
      description: playlist.description,
      channel_id: playlist.channel_id,
    })),
  };
  const found = all[kind === 'channel' || kind === 'playlist' ? kind : 'video'].filter(
    ({ title, channel_id }) =>
      title.toLowerCase().includes(words) && (channel === undefined || channel_id === channel),
  );
  const items = found.map(({ id, title, description, channel_id }) => ({
    kind: 'youtube#searchResult',
    id,
    snippet: {
      title,
      description,
      channelId: channel_id,
      channelTitle: world.nameChannel(channel_id),
      publishedAt: PUBLISHED,
    },
  }));
  return call.paginate(items, 50);
}
