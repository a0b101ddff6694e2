import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { ActionContext, Upstream } from '../../actions/action.js';
import { Choice, Flag, Text, Timestamp } from '../../actions/fields.js';
import { changeThing } from './changes.js';
import { WITHOUT_ANGLES } from './youtube-action.js';

type Privacy = 'private' | 'unlisted' | 'public';

/** A broadcast that is to come. @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/insert */
export class NewBroadcast {
  @Text('Its title', { visible: true, max: 100, example: 'Speedrun Sunday', ...WITHOUT_ANGLES })
  title!: string;

  @Text('Its description', { min: 0, max: 5000, default: '', ...WITHOUT_ANGLES })
  description!: string;

  @Timestamp('When it is to begin, as an RFC 3339 time', { example: '2099-01-31T18:00:00Z' })
  scheduled_start_time!: string;

  @Timestamp('When it is to end', { optional: true })
  scheduled_end_time?: string;

  @Choice('Who sees it', ['private', 'unlisted', 'public'], { default: 'private' })
  privacy_status!: Privacy;

  @Flag('It is made for children', { default: false })
  made_for_kids!: boolean;

  @Flag('It goes on air as soon as its stream does', { default: false })
  auto_start!: boolean;

  @Flag('It ends with its stream', { default: false })
  auto_stop!: boolean;

  @Flag('Viewers can go back in time', { default: true })
  dvr!: boolean;
}

/** What of a broadcast is to be another; what is left out stays. */
export class BroadcastChanges {
  @Text('Its title', { optional: true, visible: true, max: 100, ...WITHOUT_ANGLES })
  title?: string;

  @Text('Its description', { optional: true, min: 0, max: 5000, ...WITHOUT_ANGLES })
  description?: string;

  @Timestamp('When it is to begin', { optional: true })
  scheduled_start_time?: string;

  @Timestamp('When it is to end', { optional: true })
  scheduled_end_time?: string;

  @Choice('Who sees it', ['private', 'unlisted', 'public'], { optional: true })
  privacy_status?: Privacy;

  @Flag('It goes on air as soon as its stream does; only before it is on air', { optional: true })
  auto_start?: boolean;

  @Flag('It ends with its stream; only before it is on air', { optional: true })
  auto_stop?: boolean;

  @Flag('Viewers can go back in time; only before it is on air', { optional: true })
  dvr?: boolean;
}

/** A stream, which an encoder sends to. @see https://developers.google.com/youtube/v3/live/docs/liveStreams/insert */
export class CdnFields {
  @Text('Its title', { visible: true, max: 128, example: 'Main' })
  title!: string;

  @Text('Its description', { min: 0, max: 10_000, default: '' })
  description!: string;

  @Choice(
    'How large its picture is',
    ['240p', '360p', '480p', '720p', '1080p', '1440p', '2160p', 'variable'],
    {
      default: 'variable',
    },
  )
  resolution!: string;

  @Choice('Pictures in a second', ['30fps', '60fps', 'variable'], { default: 'variable' })
  frame_rate!: string;

  @Choice('How the encoder sends', ['rtmp', 'dash', 'webrtc', 'hls'], { default: 'rtmp' })
  ingestion_type!: string;

  @Flag('Several broadcasts can be bound to it, one after the other', { default: true })
  reusable!: boolean;
}

/** Changes of one broadcast leave in order of arrival. */
export function orderOfBroadcast(
  _context: ActionContext,
  { broadcast_id }: { readonly broadcast_id: string },
): string {
  return `youtube:broadcast:${broadcast_id}`;
}

/** The insert of a broadcast. */
export function buildBroadcast(
  broadcast: NewBroadcast,
): youtube_v3.Params$Resource$Livebroadcasts$Insert {
  const { title, description, scheduled_start_time, scheduled_end_time } = broadcast;
  return {
    part: ['snippet', 'status', 'contentDetails'],
    requestBody: {
      snippet: {
        title,
        description,
        scheduledStartTime: new Date(scheduled_start_time).toISOString(),
        ...(scheduled_end_time !== undefined && {
          scheduledEndTime: new Date(scheduled_end_time).toISOString(),
        }),
      },
      status: {
        privacyStatus: broadcast.privacy_status,
        selfDeclaredMadeForKids: broadcast.made_for_kids,
      },
      contentDetails: {
        enableAutoStart: broadcast.auto_start,
        enableAutoStop: broadcast.auto_stop,
        enableDvr: broadcast.dvr,
      },
    },
  };
}

/** The insert of a stream. */
export function buildStream(stream: CdnFields): youtube_v3.Params$Resource$Livestreams$Insert {
  const { title, description, resolution, frame_rate, ingestion_type, reusable } = stream;
  return {
    part: ['snippet', 'cdn', 'contentDetails'],
    requestBody: {
      snippet: { title, description },
      cdn: { resolution, frameRate: frame_rate, ingestionType: ingestion_type },
      contentDetails: { isReusable: reusable },
    },
  };
}

/**
 * Changes a broadcast. Its snippet and status are written whole; its contentDetails, which may not be sent while
 * it is on air, only if something of them changes.
 * @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/update
 */
export function changeBroadcast(
  id: string,
  changes: BroadcastChanges,
  upstream: Upstream,
): Promise<youtube_v3.Schema$LiveBroadcast> {
  const { title, description, scheduled_start_time, scheduled_end_time, privacy_status } = changes;
  const { auto_start, auto_stop, dvr } = changes;
  const isAboutDetails = [auto_start, auto_stop, dvr].some((change) => change !== undefined);
  return changeThing<youtube_v3.Schema$LiveBroadcast>(upstream, {
    what: 'broadcast',
    id,
    read: (youtube) =>
      youtube.liveBroadcasts.list({ part: ['snippet', 'status', 'contentDetails'], id: [id] }),
    placeholder: {
      snippet: {
        title: '<title>',
        description: '<description>',
        scheduledStartTime: '2099-01-31T18:00:00Z',
      },
      status: { privacyStatus: 'private' },
      contentDetails: { monitorStream: { enableMonitorStream: true, broadcastStreamDelayMs: 0 } },
    },
    write: ({ snippet, status, contentDetails }) => {
      const details = { ...contentDetails };
      delete details.boundStreamId;
      delete details.boundStreamLastUpdateTimeMs;
      const { enableMonitorStream, broadcastStreamDelayMs } = details.monitorStream ?? {};
      return (youtube) =>
        youtube.liveBroadcasts.update({
          part: ['snippet', 'status', ...(isAboutDetails ? ['contentDetails'] : [])],
          requestBody: {
            id,
            snippet: {
              title: title ?? snippet?.title,
              description: description ?? snippet?.description,
              scheduledStartTime: scheduled_start_time ?? snippet?.scheduledStartTime,
              scheduledEndTime: scheduled_end_time ?? snippet?.scheduledEndTime,
            },
            status: {
              privacyStatus: privacy_status ?? status?.privacyStatus,
              selfDeclaredMadeForKids: status?.selfDeclaredMadeForKids,
            },
            ...(isAboutDetails && {
              contentDetails: {
                ...details,
                monitorStream: { enableMonitorStream, broadcastStreamDelayMs },
                ...(auto_start !== undefined && { enableAutoStart: auto_start }),
                ...(auto_stop !== undefined && { enableAutoStop: auto_stop }),
                ...(dvr !== undefined && { enableDvr: dvr }),
              },
            }),
          },
        });
    },
  });
}
