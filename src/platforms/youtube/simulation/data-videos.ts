import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import { inventId, type Playlist, type Video, type YouTubeWorld } from './world.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];
const PRIVACY: ReadonlySet<string> = new Set(['private', 'unlisted', 'public']);

/** Channels, videos and playlists. */
export const VIDEO_ROUTES: DataRoutes = {
  'GET /channels': { scopes: READ, units: 1, handle: listChannels },
  'GET /videos': { scopes: READ, units: 1, handle: listVideos },
  'PUT /videos': { scopes: WRITE, units: 50, handle: updateVideo },
  'GET /playlists': { scopes: READ, units: 1, handle: listPlaylists },
  'POST /playlists': { scopes: WRITE, units: 50, handle: insertPlaylist },
  'GET /playlistItems': { scopes: READ, units: 1, handle: listItems },
  'POST /playlistItems': { scopes: WRITE, units: 50, handle: insertItem },
  'DELETE /playlistItems': { scopes: WRITE, units: 50, handle: deleteItem },
};

/** @see https://developers.google.com/youtube/v3/docs/channels/list */
function listChannels(call: DataCall): DataResult {
  call.requireParts('id', 'snippet');
  const ids = call.readQuery('mine') === 'true' ? [call.channelId] : call.readList('id');
  const items = ids
    .flatMap((id) => call.world.channels.get(id) ?? [])
    .map(({ id, title }) => ({ kind: 'youtube#channel', id, snippet: { title } }));
  return { items, pageInfo: { totalResults: items.length, resultsPerPage: 5 } };
}

/** @see https://developers.google.com/youtube/v3/docs/videos/list */
function listVideos(call: DataCall): DataResult {
  call.requireParts('id', 'snippet');
  call.requireQuery('id');
  return call.paginate(
    call
      .readList('id')
      .flatMap((id) => call.world.videos.get(id) ?? [])
      .map((video) => showVideo(call.world, video)),
    50,
    50,
  );
}

/**
 * Replaces every mutable property of the snippet: what is left out is gone.
 * @see https://developers.google.com/youtube/v3/docs/videos/update
 */
function updateVideo(call: DataCall): DataResult {
  call.requireParts('id', 'snippet');
  const video = call.requireVideo(call.body.requireText('id', 'videoIdRequired'));
  call.requireSelf(video.channel_id);
  const snippet = call.body.within('snippet');
  const title = snippet.requireText('title', 'invalidTitle');
  const description = snippet.readText('description') ?? '';
  const categoryId = snippet.requireText('categoryId', 'invalidCategoryId');
  if ([...title].length > 100 || /[<>]/.test(title))
    throw new DataRefusal(400, 'invalidTitle', 'The request metadata specifies an invalid title.');
  if (Buffer.byteLength(description) > 5000 || /[<>]/.test(description))
    throw new DataRefusal(400, 'invalidDescription', 'The description is not valid.');
  const { tags } = snippet.values;
  const defaultLanguage = snippet.readText('defaultLanguage');
  const defaultAudioLanguage = snippet.readText('defaultAudioLanguage');
  video.snippet = {
    title,
    description,
    categoryId,
    ...(Array.isArray(tags) && { tags: tags.map(String) }),
    ...(defaultLanguage !== undefined && { defaultLanguage }),
    ...(defaultAudioLanguage !== undefined && { defaultAudioLanguage }),
  };
  return showVideo(call.world, video);
}

/** @see https://developers.google.com/youtube/v3/docs/playlists/list */
function listPlaylists(call: DataCall): DataResult {
  call.requireParts('id', 'snippet', 'status');
  const ids = new Set(call.readList('id'));
  const found = [...call.world.playlists.values()].filter((playlist) =>
    call.readQuery('mine') === 'true'
      ? playlist.channel_id === call.channelId
      : ids.has(playlist.id),
  );
  return call.paginate(found.map(showPlaylist), 50);
}

/** @see https://developers.google.com/youtube/v3/docs/playlists/insert */
function insertPlaylist(call: DataCall): DataResult {
  call.requireParts('id', 'snippet', 'status');
  const snippet = call.body.within('snippet');
  const title = snippet.requireText('title', 'playlistTitleRequired');
  const description = snippet.readText('description') ?? '';
  const privacy = call.body.within('status').readText('privacyStatus') ?? 'public';
  // The lengths are unpublished, simulated.
  if ([...title].length > 150 || [...description].length > 5000)
    throw new DataRefusal(400, 'invalidPlaylistSnippet', 'The playlist snippet is not valid.');
  if (!PRIVACY.has(privacy))
    throw new DataRefusal(400, 'invalid', `Invalid value at "privacyStatus": ${privacy}`);
  return showPlaylist(call.world.addPlaylist(call.channelId, title, description, privacy));
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/list */
function listItems(call: DataCall): DataResult {
  call.requireParts('id', 'snippet');
  const playlist = requireVisible(call, call.requireQuery('playlistId'));
  const videoId = call.readQuery('videoId');
  const items = playlist.items
    .map((item, position) => showItem(item, position, playlist))
    .filter(({ snippet }) => videoId === undefined || snippet.resourceId.videoId === videoId);
  return call.paginate(items, 50);
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/insert */
function insertItem(call: DataCall): DataResult {
  call.requireParts('id', 'snippet');
  const snippet = call.body.within('snippet');
  const playlist = requireVisible(call, snippet.requireText('playlistId', 'playlistIdRequired'));
  call.requireSelf(playlist.channel_id);
  const resource = snippet.within('resourceId');
  if (resource.requireText('kind', 'resourceIdRequired') !== 'youtube#video')
    throw new DataRefusal(400, 'invalidResourceType', 'Only videos are put into playlists.');
  const video = call.requireVideo(resource.requireText('videoId', 'resourceIdRequired'));
  const position = snippet.readInteger('position') ?? playlist.items.length;
  if (position > playlist.items.length)
    throw new DataRefusal(400, 'invalidPlaylistItemPosition', 'The position is not valid.');
  const item = { id: inventId(24), video_id: video.id };
  playlist.items.splice(position, 0, item);
  return showItem(item, position, playlist);
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/delete */
function deleteItem(call: DataCall): DataResult {
  const id = call.requireQuery('id');
  const playlist = [...call.world.playlists.values()].find(({ items }) =>
    items.some((item) => item.id === id),
  );
  if (!playlist)
    throw new DataRefusal(404, 'playlistItemNotFound', 'The playlist item cannot be found.');
  call.requireSelf(playlist.channel_id);
  playlist.items.splice(
    playlist.items.findIndex((item) => item.id === id),
    1,
  );
  return undefined;
}

/** A private playlist is not there for others. */
function requireVisible(call: DataCall, id: string): Playlist {
  const playlist = call.requirePlaylist(id);
  if (playlist.privacy === 'private' && playlist.channel_id !== call.channelId)
    throw new DataRefusal(404, 'playlistNotFound', 'The playlist identified cannot be found.');
  return playlist;
}

export function showVideo(world: YouTubeWorld, video: Video): object {
  const { id, channel_id, snippet, status } = video;
  const { title, description } = snippet;
  return {
    kind: 'youtube#video',
    id,
    snippet: {
      publishedAt: '2026-01-01T00:00:00Z',
      channelId: channel_id,
      channelTitle: world.nameChannel(channel_id),
      thumbnails: { default: { url: `https://i.example/${id}.jpg`, width: 120, height: 90 } },
      liveBroadcastContent: 'none',
      localized: { title, description },
      ...snippet,
    },
    ...(status && { status }),
  };
}

function showPlaylist({ id, channel_id, title, description, privacy }: Playlist): object {
  return {
    kind: 'youtube#playlist',
    id,
    snippet: { channelId: channel_id, title, description },
    status: { privacyStatus: privacy },
  };
}

function showItem(
  { id, video_id }: Playlist['items'][number],
  position: number,
  playlist: Playlist,
) {
  return {
    kind: 'youtube#playlistItem',
    id,
    snippet: {
      playlistId: playlist.id,
      position,
      resourceId: { kind: 'youtube#video', videoId: video_id },
    },
  };
}
