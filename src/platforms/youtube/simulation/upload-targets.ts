import { isRecord } from '../../../sandbox/exchange.js';
import { CAPTION, PLAYLIST_IMAGE } from './data-captions.js';
import { type DataCall, DataRefusal, type DataResult } from './data-call.js';
import { readSnippet, readStatus, showThumbnails, showVideo } from './data-videos.js';
import { FORCE_SSL, MANAGE, UPLOAD } from './scopes.js';
import { addStored, changeStored, requireStored, showStored, type StoredKind } from './stored.js';
import { inventId } from './world.js';

/** A file that has arrived. Of its bytes nothing is kept but their number and their hash. */
export interface UploadedFile {
  readonly bytes: number;
  readonly sha256: string;
  readonly type: string;
}

/** A call that takes a file. */
export interface UploadTarget {
  readonly scopes: readonly string[];
  readonly budget: 'uploads' | 'units';
  readonly units: number;
  readonly types: RegExp;
  readonly maxBytes: number;
  /**
   * Looks at the call before the file arrives.
   * @returns what is done with the file
   * @throws DataRefusal
   */
  readonly begin: (call: DataCall) => (file: UploadedFile) => DataResult;
}

const MANY = [MANAGE, FORCE_SSL];
const ALL = [...MANY, UPLOAD];
const IMAGE = /^(image\/(jpeg|png)|application\/octet-stream)$/;
const PICTURE = { scopes: ALL, budget: 'units', units: 50, types: IMAGE } as const;

/** The calls with files, by method and path. The types and sizes are those of the discovery document. */
export const UPLOAD_TARGETS: Readonly<Record<string, UploadTarget>> = {
  'POST /videos': {
    scopes: ALL,
    budget: 'uploads',
    units: 1,
    types: /^(video\/.+|application\/octet-stream)$/,
    maxBytes: 274_877_906_944,
    begin: beginVideo,
  },
  'POST /captions': takeStored(CAPTION, 400, 104_857_600, /./, [FORCE_SSL]),
  'PUT /captions': takeStored(CAPTION, 450, 104_857_600, /./, [FORCE_SSL]),
  'POST /playlistImages': takeStored(PLAYLIST_IMAGE, 50, 52_428_800, IMAGE, MANY),
  'PUT /playlistImages': takeStored(PLAYLIST_IMAGE, 50, 52_428_800, IMAGE, MANY),
  'POST /thumbnails/set': { ...PICTURE, maxBytes: 52_428_800, begin: beginThumbnail },
  'POST /channelBanners/insert': { ...PICTURE, maxBytes: 6_291_456, begin: beginBanner },
  'POST /watermarks/set': { ...PICTURE, maxBytes: 10_485_760, begin: beginWatermark },
};

/** @see https://developers.google.com/youtube/v3/docs/videos/insert */
function beginVideo(call: DataCall): (file: UploadedFile) => DataResult {
  const snippet = readSnippet(call, '22');
  const status = readStatus(call);
  const notify_subscribers = call.readQuery('notifySubscribers') !== 'false';
  const { world, channelId } = call;
  return (file) => {
    const video = world.addVideo({ id: inventId(8), channel_id: channelId, snippet });
    Object.assign(video, { status: { ...status, uploadStatus: 'uploaded' }, file });
    video.notify_subscribers = notify_subscribers;
    return showVideo(world, video);
  };
}

function takeStored(
  kind: StoredKind,
  units: number,
  maxBytes: number,
  types: RegExp,
  scopes: readonly string[],
): UploadTarget {
  return {
    scopes,
    budget: 'units',
    units,
    types,
    maxBytes,
    begin: (call) => {
      const isChange = call.request.method === 'PUT';
      const id = isChange ? call.body.requireText('id', 'idRequired') : '';
      const old = isChange ? requireStored(call, kind, id) : undefined;
      const parts = kind.complete?.(call, old) ?? {};
      return () =>
        showStored(kind, old ? changeStored(call, kind, old, parts) : addStored(call, kind, parts));
    },
  };
}

/** @see https://developers.google.com/youtube/v3/docs/thumbnails/set */
function beginThumbnail(call: DataCall): (file: UploadedFile) => DataResult {
  const video = call.requireVideo(call.requireQuery('videoId'));
  call.requireSelf(
    video.channel_id,
    "The thumbnail can't be set for the specified video. The request might not be properly authorized.",
  );
  return ({ sha256 }) => {
    video.thumbnail = sha256.slice(0, 12);
    return {
      kind: 'youtube#thumbnailSetResponse',
      etag: sha256.slice(0, 20),
      items: [showThumbnails(video.id, video.thumbnail)],
    };
  };
}

/** @see https://developers.google.com/youtube/v3/docs/channelBanners/insert */
function beginBanner({ world }: DataCall): (file: UploadedFile) => DataResult {
  return ({ sha256 }) => {
    const url = `https://i.example/banner/${sha256.slice(0, 20)}`;
    world.banners.add(url);
    return { kind: 'youtube#channelBannerResource', etag: sha256.slice(0, 20), url };
  };
}

/** @see https://developers.google.com/youtube/v3/docs/watermarks/set */
function beginWatermark(call: DataCall): (file: UploadedFile) => DataResult {
  const channel = call.world.channels.get(call.requireQuery('channelId'));
  if (!channel) throw new DataRefusal(404, 'channelNotFound', 'The channel cannot be found.');
  call.requireSelf(channel.id);
  const { timing } = call.body.values;
  if (!isRecord(timing) || typeof timing['type'] !== 'string')
    throw new DataRefusal(400, 'invalid', 'The timing must have a type.');
  return ({ bytes, sha256 }) => {
    channel.watermark = { bytes, sha256, timing };
    return undefined;
  };
}
