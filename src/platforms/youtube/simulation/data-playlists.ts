import { nameUploads } from './data-channel.js';
import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { isPublic } from './data-videos.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import { inventId, type Playlist, type YouTubeWorld } from './world.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];
const PRIVACY: ReadonlySet<string> = new Set(['private', 'unlisted', 'public']);

/** Playlists and their items. */
export const PLAYLIST_ROUTES: DataRoutes = {
  'GET /playlists': { scopes: READ, units: 1, handle: listPlaylists },
  'POST /playlists': { scopes: WRITE, units: 50, handle: insertPlaylist },
  'PUT /playlists': { scopes: WRITE, units: 50, handle: updatePlaylist },
  'DELETE /playlists': { scopes: WRITE, units: 50, handle: deletePlaylist },
  'GET /playlistItems': { scopes: READ, units: 1, handle: listItems },
  'POST /playlistItems': { scopes: WRITE, units: 50, handle: insertItem },
  'PUT /playlistItems': { scopes: WRITE, units: 50, handle: updateItem },
  'DELETE /playlistItems': { scopes: WRITE, units: 50, handle: deleteItem },
};

/** @see https://developers.google.com/youtube/v3/docs/playlists/list */
function listPlaylists(call: DataCall): DataResult {
  const ids = new Set(call.readList('id'));
  const channel = call.readQuery('channelId');
  const found = [...call.world.playlists.values()].filter((playlist) => {
    if (call.readQuery('mine') === 'true') return playlist.channel_id === call.channelId;
    const isAsked = channel === undefined ? ids.has(playlist.id) : playlist.channel_id === channel;
    return isAsked && (playlist.privacy !== 'private' || playlist.channel_id === call.channelId);
  });
  return call.paginate(found.map(showPlaylist), 50);
}

/** @see https://developers.google.com/youtube/v3/docs/playlists/insert */
function insertPlaylist(call: DataCall): DataResult {
  const { title, description, privacy = 'public', language } = readPlaylist(call);
  const playlist = call.world.addPlaylist(call.channelId, title, description, privacy);
  playlist.language = language;
  return showPlaylist(playlist);
}

/**
 * Replaces every mutable property: a description that is left out is gone.
 * @see https://developers.google.com/youtube/v3/docs/playlists/update
 */
function updatePlaylist(call: DataCall): DataResult {
  const playlist = call.requirePlaylist(call.body.requireText('id', 'idRequired'));
  call.requireSelf(playlist.channel_id);
  const { title, description, privacy, language } = readPlaylist(call);
  Object.assign(playlist, { title, description, language });
  if (call.parts.has('status')) playlist.privacy = privacy ?? 'public';
  return showPlaylist(playlist);
}

/** @see https://developers.google.com/youtube/v3/docs/playlists/delete */
function deletePlaylist(call: DataCall): DataResult {
  const playlist = call.requirePlaylist(call.requireQuery('id'));
  call.requireSelf(playlist.channel_id);
  call.world.playlists.delete(playlist.id);
  return undefined;
}

function readPlaylist({ body }: DataCall) {
  const snippet = body.within('snippet');
  const title = snippet.requireText('title', 'playlistTitleRequired');
  const description = snippet.readText('description') ?? '';
  const privacy = body.within('status').readText('privacyStatus');
  // The lengths are unpublished, simulated.
  if ([...title].length > 150 || [...description].length > 5000)
    throw new DataRefusal(400, 'invalidPlaylistSnippet', 'The playlist snippet is not valid.');
  if (privacy !== undefined && !PRIVACY.has(privacy))
    throw new DataRefusal(400, 'invalid', `Invalid value at "privacyStatus": ${privacy}`);
  return { title, description, privacy, language: snippet.readText('defaultLanguage') };
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/list */
function listItems(call: DataCall): DataResult {
  const ids = call.readList('id');
  if (ids.length > 0) {
    const found = ids.flatMap((id) => {
      const holder = [...call.world.playlists.values()].find(({ items }) =>
        items.some((item) => item.id === id),
      );
      const at = holder?.items.findIndex((item) => item.id === id) ?? -1;
      const item = holder?.items[at];
      return holder && item ? [showItem(item, at, holder, call.world)] : [];
    });
    return call.paginate(found, 50);
  }
  const playlist = findUploads(call) ?? requireVisible(call, call.requireQuery('playlistId'));
  const videoId = call.readQuery('videoId');
  const items = playlist.items
    .map((item, position) => showItem(item, position, playlist, call.world))
    .filter(({ snippet }) => videoId === undefined || snippet.resourceId.videoId === videoId);
  return call.paginate(items, 50);
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/insert */
function insertItem(call: DataCall): DataResult {
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
  return showItem(item, position, playlist, call.world);
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/update */
function updateItem(call: DataCall): DataResult {
  const snippet = call.body.within('snippet');
  const playlist = requireItem(call, call.body.requireText('id', 'playlistItemIdRequired'));
  call.requireSelf(playlist.channel_id);
  const from = playlist.items.findIndex(({ id }) => id === call.body.values['id']);
  const [item] = playlist.items.slice(from);
  if (!item || snippet.requireText('playlistId', 'playlistIdRequired') !== playlist.id)
    throw new DataRefusal(404, 'playlistNotFound', 'The playlist identified cannot be found.');
  const video = snippet.within('resourceId').requireText('videoId', 'resourceIdRequired');
  call.requireVideo(video);
  const position = snippet.readInteger('position') ?? from;
  if (position >= playlist.items.length)
    throw new DataRefusal(400, 'invalidPlaylistItemPosition', 'The position is not valid.');
  const note = call.parts.has('contentDetails')
    ? call.body.within('contentDetails').readText('note')
    : item.note;
  const moved = { id: item.id, video_id: video, ...(note !== undefined && { note }) };
  playlist.items.splice(from, 1);
  playlist.items.splice(position, 0, moved);
  return showItem(moved, position, playlist, call.world);
}

/** The playlist that an item is in. */
function requireItem(call: DataCall, id: string): Playlist {
  const playlist = [...call.world.playlists.values()].find(({ items }) =>
    items.some((item) => item.id === id),
  );
  if (playlist) return playlist;
  throw new DataRefusal(404, 'playlistItemNotFound', 'The playlist item cannot be found.');
}

/** @see https://developers.google.com/youtube/v3/docs/playlistItems/delete */
function deleteItem(call: DataCall): DataResult {
  const id = call.requireQuery('id');
  const playlist = requireItem(call, id);
  call.requireSelf(playlist.channel_id);
  playlist.items.splice(
    playlist.items.findIndex((item) => item.id === id),
    1,
  );
  return undefined;
}

/** The uploads of a channel as a playlist, the newest first. */
function findUploads(call: DataCall): Playlist | undefined {
  const id = call.requireQuery('playlistId');
  const channel = [...call.world.channels.keys()].find((known) => nameUploads(known) === id);
  if (channel === undefined) return undefined;
  const videos = [...call.world.videos.values()].filter(
    (video) => video.channel_id === channel && (channel === call.channelId || isPublic(video)),
  );
  return {
    id,
    channel_id: channel,
    title: 'Uploads',
    description: '',
    privacy: 'public',
    items: videos.toReversed().map((video) => ({ id: `upload-${video.id}`, video_id: video.id })),
  };
}

/** A private playlist is not there for others. */
function requireVisible(call: DataCall, id: string): Playlist {
  const playlist = call.requirePlaylist(id);
  if (playlist.privacy === 'private' && playlist.channel_id !== call.channelId)
    throw new DataRefusal(404, 'playlistNotFound', 'The playlist identified cannot be found.');
  return playlist;
}

function showPlaylist(playlist: Playlist): object {
  const { id, channel_id, title, description, privacy, language, items } = playlist;
  return {
    kind: 'youtube#playlist',
    id,
    snippet: {
      channelId: channel_id,
      title,
      description,
      publishedAt: '2026-01-01T00:00:00Z',
      ...(language !== undefined && { defaultLanguage: language }),
    },
    status: { privacyStatus: privacy },
    contentDetails: { itemCount: items.length },
  };
}

function showItem(
  { id, video_id, note }: Playlist['items'][number],
  position: number,
  playlist: Playlist,
  world: YouTubeWorld,
) {
  return {
    kind: 'youtube#playlistItem',
    id,
    snippet: {
      playlistId: playlist.id,
      title: world.videos.get(video_id)?.snippet.title ?? '',
      description: world.videos.get(video_id)?.snippet.description ?? '',
      publishedAt: '2026-01-01T00:00:00Z',
      position,
      resourceId: { kind: 'youtube#video', videoId: video_id },
    },
    contentDetails: { videoId: video_id, ...(note !== undefined && { note }) },
    status: { privacyStatus: world.videos.get(video_id)?.status.privacyStatus ?? 'public' },
  };
}
