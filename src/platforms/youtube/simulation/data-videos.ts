import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import { DEMO_CHANNEL } from './seed.js';
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
  const parts = call.requireParts('id', 'snippet', 'contentDetails', 'statistics', 'status', 'brandingSettings');
  const handle = call.readQuery('forHandle')?.replace(/^@/, '').toLowerCase();
  const isWanted = ({ id }: { readonly id: string }): boolean => {
    if (handle !== undefined) return nameHandle(id) === handle;
    return (
      call.readQuery('mine') === 'true' ? [call.channelId] : call.readList('id')
    ).includes(id);
  };
  const items = [...call.world.channels.values()].filter(isWanted).map(({ id, title }) => {
    const shown = {
      snippet: { title, description: '', customUrl: `@${nameHandle(id)}` },
      contentDetails: { relatedPlaylists: { uploads: nameUploads(id) } },
      statistics: {
        subscriberCount: '12',
        hiddenSubscriberCount: false,
        videoCount: String([...call.world.videos.values()].filter(({ channel_id }) => channel_id === id).length),
      },
    };
    return { kind: 'youtube#channel', id, ...pickParts(shown, parts) };
  });
  return {
    kind: 'youtube#channelListResponse',
    items,
    pageInfo: { totalResults: items.length, resultsPerPage: 5 },
  };
}

/** The handle of a channel: the end of its id, but for the demo channel. */
function nameHandle(id: string): string {
  return id === DEMO_CHANNEL ? 'demo' : id.slice(2).toLowerCase();
}

/** The playlist that holds what a channel uploaded. */
function nameUploads(channelId: string): string {
  return channelId.replace(/^UC/, 'UU');
}

/** The members that were asked for. */
function pickParts(shown: Readonly<Record<string, unknown>>, parts: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(shown).filter(([name]) => parts.has(name)));
}

/** @see https://developers.google.com/youtube/v3/docs/videos/list */
function listVideos(call: DataCall): DataResult {
  call.requireParts('id', 'snippet', 'status', 'statistics', 'contentDetails');
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
  call.requireParts('id', 'snippet', 'status', 'contentDetails');
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
  const playlist = findUploads(call) ?? requireVisible(call, call.requireQuery('playlistId'));
  const videoId = call.readQuery('videoId');
  const items = playlist.items
    .map((item, position) => showItem(item, position, playlist, call.world))
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

/** The uploads of a channel as a playlist, the newest first. */
function findUploads(call: DataCall): Playlist | undefined {
  const id = call.requireQuery('playlistId');
  const channel = [...call.world.channels.keys()].find((known) => nameUploads(known) === id);
  if (channel === undefined) return undefined;
  const videos = [...call.world.videos.values()].filter(
    (video) =>
      video.channel_id === channel &&
      (channel === call.channelId || (video.status?.privacyStatus ?? 'public') === 'public'),
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

function showPlaylist({ id, channel_id, title, description, privacy, items }: Playlist): object {
  return {
    kind: 'youtube#playlist',
    id,
    snippet: { channelId: channel_id, title, description },
    status: { privacyStatus: privacy },
    contentDetails: { itemCount: items.length },
  };
}

function showItem(
  { id, video_id }: Playlist['items'][number],
  position: number,
  playlist: Playlist,
  world?: YouTubeWorld,
) {
  return {
    kind: 'youtube#playlistItem',
    id,
    snippet: {
      playlistId: playlist.id,
      title: world?.videos.get(video_id)?.snippet.title ?? '',
      description: world?.videos.get(video_id)?.snippet.description ?? '',
      publishedAt: '2026-01-01T00:00:00Z',
      position,
      resourceId: { kind: 'youtube#video', videoId: video_id },
    },
  };
}
