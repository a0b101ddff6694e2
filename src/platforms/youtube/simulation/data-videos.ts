import { type DataCall, DataRefusal, type DataResult, type DataRoutes } from './data-call.js';
import type { VideoSnippet } from './resources.js';
import { FORCE_SSL, MANAGE, READ_ONLY } from './scopes.js';
import { type Video, type VideoStatus, type YouTubeWorld } from './world.js';

const WRITE = [MANAGE, FORCE_SSL];
const READ = [...WRITE, READ_ONLY];
const RATINGS: ReadonlySet<string> = new Set(['none', 'like', 'dislike']);
const PRIVACY: ReadonlySet<string> = new Set(['private', 'unlisted', 'public']);
/** Parts that are kept as they are sent. */
const PLAIN_PARTS = ['localizations', 'recordingDetails', 'paidProductPlacementDetails'] as const;

/** Videos, what is thought of them, and reports about them. */
export const VIDEO_ROUTES: DataRoutes = {
  'GET /videos': { scopes: READ, units: 1, handle: listVideos },
  'PUT /videos': { scopes: WRITE, units: 50, handle: updateVideo },
  'DELETE /videos': { scopes: WRITE, units: 50, handle: deleteVideo },
  'POST /videos/rate': { scopes: WRITE, units: 50, handle: rateVideo },
  'GET /videos/getRating': { scopes: READ, units: 1, handle: listRatings },
  'POST /videos/reportAbuse': { scopes: WRITE, units: 50, handle: reportVideo },
};

/** @see https://developers.google.com/youtube/v3/docs/videos/list */
function listVideos(call: DataCall): DataResult {
  const rating = call.readQuery('myRating');
  const chart = call.readQuery('chart');
  if (rating === undefined && chart === undefined) call.requireQuery('id');
  const { world } = call;
  const found =
    rating !== undefined
      ? [...world.videos.values()].filter(
          (video) => (video.ratings.get(call.channelId) ?? 'none') === rating,
        )
      : chart !== undefined
        ? [...world.videos.values()].filter(isPublic)
        : call.readList('id').flatMap((id) => world.videos.get(id) ?? []);
  return call.paginate(
    found
      .filter(
        (video) => video.channel_id === call.channelId || video.status.privacyStatus !== 'private',
      )
      .map((video) => showVideo(world, video)),
    50,
    50,
  );
}

export function isPublic({ status }: Video): boolean {
  return status.privacyStatus === 'public';
}

/**
 * Replaces every mutable property of the parts that are named: what is left out is gone.
 * @see https://developers.google.com/youtube/v3/docs/videos/update
 */
function updateVideo(call: DataCall): DataResult {
  const video = call.requireVideo(call.body.requireText('id', 'videoIdRequired'));
  call.requireSelf(video.channel_id);
  const { parts } = call;
  // Everything is read before anything is changed.
  const snippet = parts.has('snippet') ? readSnippet(call) : video.snippet;
  const status = parts.has('status')
    ? { ...readStatus(call), uploadStatus: 'processed' }
    : video.status;
  for (const part of PLAIN_PARTS)
    if (parts.has(part)) video.more[part] = call.body.within(part).values;
  video.snippet = snippet;
  video.status = status;
  return showVideo(call.world, video);
}

/** What a video is to say about itself. @throws DataRefusal */
export function readSnippet(call: DataCall, standIn?: string): VideoSnippet {
  const snippet = call.body.within('snippet');
  const title = snippet.requireText('title', 'invalidTitle');
  const description = snippet.readText('description') ?? '';
  const categoryId =
    standIn === undefined
      ? snippet.requireText('categoryId', 'invalidCategoryId')
      : (snippet.readText('categoryId') ?? standIn);
  if ([...title].length > 100 || /[<>]/.test(title))
    throw new DataRefusal(400, 'invalidTitle', 'The request metadata specifies an invalid title.');
  if (Buffer.byteLength(description) > 5000 || /[<>]/.test(description))
    throw new DataRefusal(400, 'invalidDescription', 'The description is not valid.');
  const { tags } = snippet.values;
  if (Array.isArray(tags) && tags.join(',').length > 500)
    throw new DataRefusal(400, 'invalidTags', 'The tags are not valid.');
  const defaultLanguage = snippet.readText('defaultLanguage');
  const defaultAudioLanguage = snippet.readText('defaultAudioLanguage');
  return {
    title,
    description,
    categoryId,
    ...(Array.isArray(tags) && { tags: tags.map(String) }),
    ...(defaultLanguage !== undefined && { defaultLanguage }),
    ...(defaultAudioLanguage !== undefined && { defaultAudioLanguage }),
  };
}

/** @throws DataRefusal */
export function readStatus({ body }: DataCall): VideoStatus {
  const status = body.within('status');
  const privacyStatus = status.readText('privacyStatus') ?? 'public';
  const publishAt = status.readText('publishAt');
  const license = status.readText('license') ?? 'youtube';
  if (!PRIVACY.has(privacyStatus))
    throw new DataRefusal(400, 'invalidVideoMetadata', 'The privacy status is not valid.');
  if (publishAt !== undefined && privacyStatus !== 'private')
    throw new DataRefusal(400, 'invalidPublishAt', 'Only private videos can be scheduled.');
  const isForKids = status.values['selfDeclaredMadeForKids'] === true;
  return {
    privacyStatus,
    ...(publishAt !== undefined && { publishAt }),
    license,
    embeddable: status.values['embeddable'] !== false,
    publicStatsViewable: status.values['publicStatsViewable'] !== false,
    madeForKids: isForKids,
    selfDeclaredMadeForKids: isForKids,
    ...(status.values['containsSyntheticMedia'] === true && { containsSyntheticMedia: true }),
  };
}

/** @see https://developers.google.com/youtube/v3/docs/videos/delete */
function deleteVideo(call: DataCall): DataResult {
  const video = call.requireVideo(call.requireQuery('id'));
  call.requireSelf(video.channel_id);
  call.world.videos.delete(video.id);
  for (const playlist of call.world.playlists.values()) {
    const kept = playlist.items.filter(({ video_id }) => video_id !== video.id);
    playlist.items.splice(0, playlist.items.length, ...kept);
  }
  for (const [id, { video_id }] of call.world.comments)
    if (video_id === video.id) call.world.comments.delete(id);
  return undefined;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/rate */
function rateVideo(call: DataCall): DataResult {
  const video = call.requireVideo(call.requireQuery('id'));
  const rating = call.requireQuery('rating');
  if (!RATINGS.has(rating))
    throw new DataRefusal(400, 'invalidRating', 'The request contains an invalid rating.');
  video.ratings.set(call.channelId, rating);
  return undefined;
}

/** @see https://developers.google.com/youtube/v3/docs/videos/getRating */
function listRatings(call: DataCall): DataResult {
  call.requireQuery('id');
  const items = call.readList('id').map((id) => ({
    videoId: id,
    rating: call.requireVideo(id).ratings.get(call.channelId) ?? 'none',
  }));
  return { kind: 'youtube#videoGetRatingResponse', items };
}

/** @see https://developers.google.com/youtube/v3/docs/videos/reportAbuse */
function reportVideo(call: DataCall): DataResult {
  const { body } = call;
  const video = call.requireVideo(body.requireText('videoId', 'videoIdRequired'));
  const reason_id = body.requireText('reasonId', 'invalidAbuseReason');
  video.reports.push({ reason_id, by: call.channelId });
  return undefined;
}

export function showVideo(world: YouTubeWorld, video: Video): object {
  const { id, channel_id, snippet, status, more, ratings, thumbnail } = video;
  const { title, description } = snippet;
  return {
    kind: 'youtube#video',
    id,
    snippet: {
      publishedAt: '2026-01-01T00:00:00Z',
      channelId: channel_id,
      channelTitle: world.nameChannel(channel_id),
      thumbnails: showThumbnails(id, thumbnail),
      liveBroadcastContent: 'none',
      localized: { title, description },
      ...snippet,
    },
    status,
    statistics: {
      viewCount: '0',
      likeCount: String([...ratings.values()].filter((rating) => rating === 'like').length),
      commentCount: String(
        [...world.comments.values()].filter((one) => one.video_id === id).length,
      ),
    },
    contentDetails: { duration: 'PT1M', dimension: '2d', definition: 'hd', caption: 'false' },
    ...more,
  };
}

/** The pictures of a video; those of its own have another address. */
export function showThumbnails(id: string, own: string | undefined): object {
  const name = own === undefined ? id : `${id}-${own}`;
  return { default: { url: `https://i.example/${name}.jpg`, width: 120, height: 90 } };
}
