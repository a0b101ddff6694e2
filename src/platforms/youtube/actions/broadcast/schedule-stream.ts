import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { Upstream } from '../../../../actions/action.js';
import { ActionFailure } from '../../../../actions/failures.js';
import { Flag, Text, WebAddress } from '../../../../actions/fields.js';
import { buildBroadcast, buildStream, NewBroadcast } from '../../broadcasts.js';
import { requireSame } from '../../changes.js';
import { imageMedia, uploadMedia } from '../../media.js';
import { MANAGE } from '../../scopes.js';
import { findRefusedStep, refuseWhole } from '../../steps.js';
import { QUOTA_COST } from '../../units.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, buildYouTubeRequest, readId, tellYouTube } from '../../youtube-request.js';

class ScheduleStream extends NewBroadcast {
  @YouTubeId('The stream to bind it to; left out, one is made for it', { optional: true })
  stream_id?: string;

  @WebAddress('Where to read its thumbnail, a JPEG or PNG; it may come with the request', {
    optional: true,
    example: 'https://example.com/thumbnail.png',
  })
  thumbnail_url?: string;

  @YouTubeId('The playlist to put it into', { optional: true })
  playlist_id?: string;
}

class ScheduledStream {
  @Flag('The broadcast is scheduled, with everything that was asked for')
  stream_scheduled!: boolean;

  @YouTubeId('Id of the broadcast')
  broadcast_id!: string;

  @YouTubeId('Id of the stream that it is bound to')
  stream_id!: string;

  @YouTubeId('Id of its live chat', { optional: true })
  live_chat_id?: string | undefined;

  @Text('Where the encoder sends to, of a stream that was made for it', { optional: true })
  ingestion_address?: string | undefined;

  @Text('The key that the encoder sends with: keep it secret', { optional: true, private: true })
  stream_key?: string | undefined;

  @YouTubeId('Id of its entry in the playlist', { optional: true })
  playlist_item_id?: string | undefined;
}

/** What was made so far, and has to go if the rest fails. */
interface Made {
  broadcast_id?: string;
  /** Of a stream that was made for the broadcast. */
  stream_id?: string;
}

/**
 * Makes a broadcast, makes or takes a stream, binds the two, sets the thumbnail and fills the playlist. When YouTube
 * refuses one of these steps, what was made before is deleted again. When a step is in doubt, nothing is deleted,
 * and the outcome tells the ids. Each step costs 50 units.
 * @see https://developers.google.com/youtube/v3/live/life-of-a-broadcast
 */
export const scheduleStream = youtubeAction({
  type: 'schedule_stream',
  group: 'broadcast',
  summary:
    'Schedule a broadcast with its stream, thumbnail and playlist; 50 units for each of up to five steps',
  docs: 'https://developers.google.com/youtube/v3/live/life-of-a-broadcast',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveBroadcasts.insert'],
  takesLong: true,
  takesFile: 'thumbnail_url',
  fileIsOptional: true,
  input: ScheduleStream,
  output: ScheduledStream,
  run: async (input, { hasFile = false }, upstream) => {
    const made: Made = {};
    try {
      return await schedule(input, hasFile, made, upstream);
    } catch (error) {
      throw await cleanUp(error, made, upstream);
    }
  },
  example: {
    input: {
      title: 'Speedrun Sunday',
      scheduled_start_time: '2099-01-31T18:00:00Z',
      privacy_status: 'unlisted',
      thumbnail_url: 'https://example.com/thumbnail.png',
      playlist_id: 'PLsandboxPlaylist1',
    } as ScheduleStream,
    output: {
      stream_scheduled: true,
      broadcast_id: 'sandboxCast2',
      stream_id: 'sandboxStream5',
      live_chat_id: 'chat-2',
    },
  },
});

async function schedule(
  input: ScheduleStream,
  hasFile: boolean,
  made: Made,
  upstream: Upstream,
): Promise<ScheduledStream> {
  const broadcast = await askYouTube(
    upstream,
    (youtube) => youtube.liveBroadcasts.insert(buildBroadcast(input)),
    { id: 'BROADCAST_ID' },
  );
  const broadcastId = readId(broadcast);
  made.broadcast_id = broadcastId;
  const stream = input.stream_id === undefined ? await makeStream(input, upstream) : undefined;
  const streamId = stream ? readId(stream) : (input.stream_id ?? '');
  if (stream) made.stream_id = streamId;
  const bound = await askYouTube(
    upstream,
    (youtube) =>
      youtube.liveBroadcasts.bind({ id: broadcastId, part: ['id', 'contentDetails'], streamId }),
    { id: 'BROADCAST_ID' },
  );
  requireSame(bound, broadcastId);
  if (hasFile || input.thumbnail_url !== undefined)
    await uploadMedia<youtube_v3.Schema$ThumbnailSetResponse>(
      upstream,
      buildYouTubeRequest((youtube) => youtube.thumbnails.set({ videoId: broadcastId }), {
        items: [],
      }),
      { url: input.thumbnail_url },
      imageMedia(52_428_800),
    );
  return {
    stream_scheduled: true,
    broadcast_id: broadcastId,
    stream_id: streamId,
    live_chat_id: broadcast.snippet?.liveChatId ?? undefined,
    ingestion_address: stream?.cdn?.ingestionInfo?.ingestionAddress ?? undefined,
    stream_key: stream?.cdn?.ingestionInfo?.streamName ?? undefined,
    playlist_item_id: await addToPlaylist(input.playlist_id, broadcastId, upstream),
  };
}

/** A stream of its own, for whatever the encoder sends. */
function makeStream(
  { title }: ScheduleStream,
  upstream: Upstream,
): Promise<youtube_v3.Schema$LiveStream> {
  const stream = {
    title,
    description: '',
    resolution: 'variable',
    frame_rate: 'variable',
    ingestion_type: 'rtmp',
    reusable: false,
  };
  return askYouTube(upstream, (youtube) => youtube.liveStreams.insert(buildStream(stream)), {
    id: 'STREAM_ID',
  });
}

async function addToPlaylist(
  playlistId: string | undefined,
  videoId: string,
  upstream: Upstream,
): Promise<string | undefined> {
  if (playlistId === undefined) return undefined;
  const item = await askYouTube(
    upstream,
    (youtube) =>
      youtube.playlistItems.insert({
        part: ['snippet'],
        requestBody: { snippet: { playlistId, resourceId: { kind: 'youtube#video', videoId } } },
      }),
    { id: 'PLAYLIST_ITEM_ID' },
  );
  return readId(item);
}

/** Deletes what was made, where a step was surely refused. @returns the failure of the action */
async function cleanUp(error: unknown, made: Made, upstream: Upstream): Promise<unknown> {
  if (made.broadcast_id === undefined) return error;
  const refused = findRefusedStep(error);
  // What is in doubt may have been done: to delete it unasked would be a second guess.
  if (!refused) return tellMade(error, made);
  // The broadcast goes first: YouTube deletes no stream that is bound.
  await remove(made, 'broadcast_id', (id) =>
    tellYouTube(upstream, (youtube) => youtube.liveBroadcasts.delete({ id })),
  );
  await remove(made, 'stream_id', (id) =>
    tellYouTube(upstream, (youtube) => youtube.liveStreams.delete({ id })),
  );
  if (Object.keys(made).length > 0) return tellMade(error, made);
  return refuseWhole(refused, 'what was made before is deleted again');
}

/** Deletes one thing, and takes it out of what is made; a failure leaves it there. */
async function remove(
  made: Made,
  name: keyof Made,
  deleteIt: (id: string) => Promise<void>,
): Promise<void> {
  const id = made[name];
  if (id === undefined) return;
  try {
    await deleteIt(id);
  } catch (error) {
    if (findRefusedStep(error)?.code !== 'NOT_FOUND') return;
  }
  delete made[name];
}

/** The unknown outcome, with the ids of what is there. */
function tellMade(error: unknown, made: Made): ActionFailure {
  const said = error instanceof Error ? error.message : 'a step failed';
  const status = error instanceof ActionFailure ? error.details.platformStatus : undefined;
  const left = Object.entries(made).map(([name, id]) => `${name} ${id}`);
  const message = `A part of it is done, and stays: ${left.join(', ')}. ${said}`;
  return new ActionFailure('OUTCOME_UNKNOWN', message, {
    platformStatus: status,
    partialResult: { ...made },
  });
}
