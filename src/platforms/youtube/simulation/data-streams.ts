import { type DataCall, DataRefusal, type DataRoutes } from './data-call.js';
import type { Parts, Stored } from './resources.js';
import { type StoredKind, storedRoutes } from './stored.js';
import { inventId } from './world.js';

const FRAME_RATES: ReadonlySet<string> = new Set(['30fps', '60fps', 'variable']);
const INGESTIONS: ReadonlySet<string> = new Set(['rtmp', 'dash', 'webrtc', 'hls']);
const RESOLUTIONS: ReadonlySet<string> = new Set([
  '240p',
  '360p',
  '480p',
  '720p',
  '1080p',
  '1440p',
  '2160p',
  'variable',
]);

/** Streams, which broadcasts are bound to. @see https://developers.google.com/youtube/v3/live/docs/liveStreams */
export const STREAM: StoredKind = {
  path: '/liveStreams',
  name: 'liveStream',
  shelf: ({ streams }) => streams,
  missing: 'liveStreamNotFound',
  units: 50,
  filter: (call) => {
    const ids = call.readList('id');
    if (ids.length === 0 && call.readQuery('mine') !== 'true')
      throw new DataRefusal(400, 'missingRequiredParameter', 'Exactly one filter must be given.');
    return ({ id, channel_id }) =>
      channel_id === call.channelId && (ids.length === 0 || ids.includes(id));
  },
  complete: completeStream,
  free: (call, { id }) => {
    const bound = [...call.world.broadcasts.values()].find(({ stream_id }) => stream_id === id);
    if (bound)
      throw new DataRefusal(
        403,
        'liveStreamDeletionNotAllowed',
        'A stream that a broadcast is bound to cannot be deleted.',
      );
  },
};

export const STREAM_ROUTES: DataRoutes = storedRoutes(STREAM);

function completeStream(call: DataCall, old?: Stored): Parts {
  call.requireStreaming();
  const snippet = call.body.within('snippet');
  const cdn = call.body.within('cdn');
  const title = snippet.requireText('title', 'titleRequired');
  if ([...title].length > 128)
    throw new DataRefusal(400, 'invalidTitle', 'The title must have 1 to 128 characters.');
  const description = snippet.readText('description') ?? '';
  if ([...description].length > 10_000)
    throw new DataRefusal(400, 'invalidDescription', 'The description is too long.');
  const frameRate = pick(
    cdn.requireText('frameRate', 'frameRateRequired'),
    FRAME_RATES,
    'invalidFrameRate',
  );
  const resolution = pick(
    cdn.requireText('resolution', 'resolutionRequired'),
    RESOLUTIONS,
    'invalidResolution',
  );
  const ingestionType = pick(
    cdn.requireText('ingestionType', 'ingestionTypeRequired'),
    INGESTIONS,
    'invalidIngestionType',
  );
  if (old && old.parts['cdn']?.['ingestionType'] !== ingestionType)
    throw new DataRefusal(
      403,
      'liveStreamModificationNotAllowed',
      'The cdn of a stream cannot be changed.',
    );
  const isReusable = call.body.within('contentDetails').values['isReusable'];
  return {
    snippet: {
      channelId: call.channelId,
      publishedAt:
        old?.parts['snippet']?.['publishedAt'] ?? new Date(call.world.now()).toISOString(),
      title,
      description,
      isDefaultStream: false,
    },
    cdn: {
      frameRate,
      resolution,
      ingestionType,
      ingestionInfo: old?.parts['cdn']?.['ingestionInfo'] ?? {
        streamName: inventId(12),
        ingestionAddress: 'rtmp://a.rtmp.youtube.example/live2',
        backupIngestionAddress: 'rtmp://b.rtmp.youtube.example/live2?backup=1',
      },
    },
    status: old?.parts['status'] ?? { streamStatus: 'ready', healthStatus: { status: 'noData' } },
    contentDetails: {
      isReusable:
        isReusable === undefined
          ? (old?.parts['contentDetails']?.['isReusable'] ?? true)
          : isReusable === true,
    },
  };
}

function pick(text: string, known: ReadonlySet<string>, reason: string): string {
  if (known.has(text)) return text;
  throw new DataRefusal(400, reason, `Invalid value: ${text}`);
}
